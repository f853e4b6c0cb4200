"""What may happen to a record when: locked states, transitions, what is refused, what happens by itself, how long it is kept."""

import re

from services.features import words
from services.features.rules.grammar import seconds
from services.features.rules.reading import Phrase, Words
from services.features.scene import STATES_MAX, Scene, Thing
from services.features.sentences import Sentence
from services.features.states import ASSUMED
from services.features.understanding import Rule, RuleKind


def _thing(w: Words, scene: Scene, sentence: Sentence) -> Thing | None:
    return scene.only_thing(w.thing) if w.thing else scene.where(sentence.plain)


def _states(phrase: str, thing: Thing, scene: Scene) -> tuple[str, ...]:
    """All of "shipped or delivered"; a participle of a known verb becomes a new state where the thing has states at all."""
    parts = [p.strip() for p in re.split(r",|\band\b|\bor\b|/", phrase) if p.strip()]
    found = [scene.state_of(part, thing) or _new_state(part, thing, scene) for part in parts]
    return tuple(dict.fromkeys(s for s in found if s)) if found and all(found) else ()


# Other words for the state in which a record begins, where the text lists none.
FIRST = ("active", "pending", "planned", "placed", "available", "new")


def _new_state(word: str, thing: Thing, scene: Scene) -> str | None:
    """A state that only a rule names: a participle, or one of the known words."""
    name = words.identifier(re.sub(r"^(?:already|been) ", "", word.strip("\"' ")), "")
    known = (*words.TRANSITIONS.values(), *words.STATE_VERBS, "draft", "overdue", "under_way", "read")
    is_state = name in known or re.search(r"ed(?:_[a-z]+)?$", name)
    if name in ("created", "made", "saved", "written", "recorded", "stored", "set", "added", "registered"):
        return None
    if name in FIRST and not thing.states:
        thing.states = [name]
        return name
    if name in FIRST and scene.begins_as(name, thing):
        return name
    if not name or name in thing.states or not is_state or len(thing.states) >= STATES_MAX:
        return None
    if not thing.states:
        thing.states = [ASSUMED]
    if name in ("draft",):
        thing.states.insert(0, name)
        thing.transitions.append(("submit", name, thing.states[1]))
        return name
    source = (
        next((s for s in reversed(thing.states) if s not in words.ENDS), thing.states[0])
        if name in words.LATER
        else thing.states[0]
    )
    thing.states.append(name)
    thing.transitions.append((words.verb_to(name), source, name))
    return name


def _locked(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = _thing(w, scene, sentence)
    states = _states(w.states, thing, scene) if thing else ()
    if thing is None or not states:
        return None
    if re.fullmatch(r"(?:deleted|removed)", w.verb) and not re.search(
        r"\b(?:changed|edited|modified|updated|altered)\b", sentence.plain
    ):
        return Rule(kind=RuleKind.BLOCKED, resource=thing.name, act="delete", states=states)
    if thing.states[0] in states:
        return None
    return Rule(kind=RuleKind.LOCKED, resource=thing.name, states=states)


def _editable_only(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "can only be edited while it is a draft": locked in every other state."""
    thing = _thing(w, scene, sentence)
    states = _states(w.states, thing, scene) if thing else ()
    if thing is None or thing.states[:1] != list(states[:1]):
        return None
    others = tuple(s for s in thing.states if s not in states)
    return Rule(kind=RuleKind.LOCKED, resource=thing.name, states=others) if others else None


_EDITS = ("edit", "change", "update", "modify", "amend", "alter", "correct", "adjust", "configure", "delete", "remove")


def _act(verb: str, thing: Thing, scene: Scene) -> str | None:
    """The transition that a verb means; made when the verb is one of the tables' and the thing has states."""
    act = scene.act_for(verb, thing)
    base = words.base_of(verb)
    if act in ("create", "list", "update") and base in words.TRANSITIONS:
        act = scene.act_for(words.TRANSITIONS[base], thing)
    return act if act not in ("create", "list") else None


def _only_from(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "only pending bookings can be cancelled"."""
    if words.base_of(w.verb) in _EDITS:
        return _editable_only(w, scene, sentence) if words.act_of(words.base_of(w.verb)) == "update" else None
    thing = _thing(w, scene, sentence)
    sources = _states(w.states, thing, scene) if thing else ()
    act = _act(w.verb, thing, scene) if thing and sources else None
    if thing is None or act is None or act in ("update", "delete"):
        return None
    target = words.TRANSITIONS.get(act) or next((t for v, _, t in thing.transitions if v == act), None)
    target = target if target in thing.states else next((t for v, _, t in thing.transitions if v == act), None)
    if target is None or target in sources:
        return None
    thing.transitions = [m for m in thing.transitions if m[0] != act] + [(act, s, target) for s in sources]
    return Rule(kind=RuleKind.TRANSITION, resource=thing.name, act=act, states=(*sources, target))


def _can_from(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "a rejected request can be resubmitted": one more way, and afterwards it stands where the verb leads."""
    thing = _thing(w, scene, sentence)
    sources = _states(w.states, thing, scene) if thing else ()
    base = (
        "resubmit"
        if re.search(r" again$", sentence.plain) and words.base_of(w.verb) in words.CREATE
        else words.base_of(w.verb)
    )
    act = (
        None
        if thing is None or not sources or base in _EDITS
        else _act(w.verb, thing, scene) or (base if base in ("resubmit", "reopen", "start") else None)
    )
    if thing is None or act is None or act in ("update", "delete"):
        return None
    target = next((t for v, _, t in thing.transitions if v == act), None) or words.TRANSITIONS.get(act)
    if act in ("resubmit", "reopen"):
        known = {
            "resubmit": ("submitted", "requested", "open", "pending"),
            "reopen": ("open", "reopened", "in_progress", "new"),
        }[act]
        target = next((s for s in known if s in thing.states), target if target in thing.states else thing.states[0])
        if "resubmitted" in thing.states and target != "resubmitted":
            thing.states.remove("resubmitted")
            thing.transitions = [m for m in thing.transitions if "resubmitted" not in m]
        if "reopened" in thing.states and target != "reopened":
            thing.states.remove("reopened")
            thing.transitions = [m for m in thing.transitions if "reopened" not in m]
    if target is None or target in sources:
        return None
    if target not in thing.states:
        thing.states.append(target)
    others = (
        [s for v, s, t in thing.transitions if v == act and s not in sources]
        if act not in ("resubmit", "reopen")
        else []
    )
    thing.transitions += [(act, s, target) for s in sources if (act, s, target) not in thing.transitions]
    return Rule(kind=RuleKind.TRANSITION, resource=thing.name, act=act, states=(*others, *sources, target))


def _blocked(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    if words.base_of(w.verb) in _EDITS:
        return _locked(w, scene, sentence)
    thing = _thing(w, scene, sentence)
    states = _states(w.states, thing, scene) if thing else ()
    if thing and states and _is_way_back(w.verb, thing, sentence):
        return None  # "a revoked key cannot be activated again": no act of the service leads there
    act = _act(w.verb, thing, scene) if thing and states else None
    if thing is None or act is None or act == "update":
        return _locked(w, scene, sentence) if act == "update" else None
    if act == "delete":
        return Rule(kind=RuleKind.BLOCKED, resource=thing.name, act="delete", states=states)
    target = next((t for v, _, t in thing.transitions if v == act), words.TRANSITIONS.get(act, ""))
    if not any(v == act for v, _, _ in thing.transitions):
        thing.transitions.append((act, thing.states[0], target))
    thing.transitions = [m for m in thing.transitions if not (m[0] == act and m[1] in states)]
    if not any(v == act for v, _, _ in thing.transitions):
        if thing.states[0] in states:
            return None
        thing.transitions.append((act, thing.states[0], target))
    return Rule(
        kind=RuleKind.BLOCKED, resource=thing.name, act=act, states=tuple(s for s in states if s != target) or states
    )


def _is_way_back(verb: str, thing: Thing, sentence: Sentence) -> bool:
    """Whether a verb leads back to how a record begins, and to no state of its own."""
    target = words.TRANSITIONS.get(words.base_of(verb), "")
    is_again = re.search(r"\bagain\b", sentence.plain) and target in FIRST
    return bool(is_again) and not any(t == target for _, _, t in thing.transitions)


def _until(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "may withdraw a request as long as it has not been approved": refused once it is."""
    found = _blocked(w, scene, sentence)
    return found if isinstance(found, Rule) and "not" in sentence.plain else None


def _neither(w: Words, scene: Scene, sentence: Sentence) -> list[Rule] | None:
    """ "a paid claim can be neither changed nor rejected"."""
    found = [_blocked(w.but(verb=verb), scene, sentence) for verb in (w.v1, w.v2)]
    return [r for r in found if r] if all(found) else None


def _never(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "log entries cannot be changed": none of the fields, at no time."""
    thing = scene.only_thing(w.thing) if w.thing else None
    if thing is None or not thing.fields:
        return None
    return Rule(kind=RuleKind.FIXED, resource=thing.name, fields=tuple(thing.fields))


def _becomes(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "when a manager approves it, the expense becomes approved"."""
    thing = _thing(w, scene, sentence)
    states = _states(w.state, thing, scene) if thing else ()
    act = _act(w.verb, thing, scene) if thing and len(states) == 1 else None
    if thing is None or act is None or act in ("update", "delete"):
        return None
    if not any(v == act for v, _, _ in thing.transitions):
        source = next((s for v, s, t in thing.transitions if t == states[0]), thing.states[0])
        if source == states[0]:
            return None
        thing.transitions.append((act, source, states[0]))
    moves = [(v, s, states[0]) for v, s, _ in thing.transitions if v == act and s != states[0]]
    thing.transitions = [m for m in thing.transitions if m[0] != act] + moves
    return (
        Rule(kind=RuleKind.TRANSITION, resource=thing.name, act=act, states=(*[s for _, s, _ in moves], states[0]))
        if moves
        else None
    )


def _expires(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "an unpaid booking is cancelled automatically after 15 minutes"."""
    thing, after = _thing(w, scene, sentence), seconds(w.span)
    if thing is None or after is None:
        return None
    verb = words.base_of(w.verb) or "expire"
    verb = "expire" if verb == "expire" or w.verb.startswith("expir") else verb
    target = words.TRANSITIONS.get(verb)
    if target is None:
        return None
    source = (_states(w.states, thing, scene) if w.states else ()) or ((thing.states or [ASSUMED])[0],)
    if not thing.states:
        thing.states = [source[0]]
    if target not in thing.states:
        thing.states.append(target)
    if not any(t == target for _, _, t in thing.transitions):
        thing.transitions.append((words.verb_to(target), source[0], target))
    return (
        Rule(kind=RuleKind.EXPIRY, resource=thing.name, states=(source[0], target), seconds=after)
        if source[0] != target
        else None
    )


def _retained(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing, after, told = _thing(w, scene, sentence), seconds(w.span or w.span2), w.states or w.s2
    states = _states(told, thing, scene) if thing and told else ()
    if thing is None or after is None or (told and not states):
        return None
    return Rule(kind=RuleKind.RETENTION, resource=thing.name, states=states, seconds=after)


_WORD = r"(?!(?:an?|the|is|are|it|they|not)\b)[a-z][a-z-]*"
_S = rf"(?P<states>{_WORD}(?: (?:review|progress|hold|off|in|out|up|down|back|over|way|for))?(?:(?:, | or | and |, or ){_WORD})*)"
_IT_IS = (
    r"(?:(?:it|they|{a}<t2>) (?:is|are|was|were|has been|have been|becomes)(?: already)? )(?:in (?:state |status )?)?(?:an? )?[\"']?"
    + _S
    + r"[\"']?(?: state| status)?"
)
_CHANGED = r"(?:be )?(?:any more |anymore |still )?(?P<verb>changed|edited|modified|updated|deleted|altered|amended|removed)(?: any more| anymore| any longer)?"
_VERB = r"(?P<verb>[a-z-]+(?: (?:off|in|out|up|down|back|over)\b)?)(?: any more| anymore| again| any longer)?"

PHRASES: tuple[Phrase, ...] = (
    Phrase(r"{a}" + _S + r" <thing> {cannot} " + _CHANGED + r"(?: or (?:deleted|changed|edited|removed))?(?: by {a}<by:list>)?", _locked),
    Phrase(r"{a}" + _S + r" <thing> (?:is|are|must be|become|becomes) (?:read-only|read only|immutable|locked|final|frozen)", _locked),
    Phrase(r"{a}<thing> {cannot} " + _CHANGED + r"(?: or (?:deleted|changed|edited))? (?:once|after|when|if|as soon as) " + _IT_IS, _locked),
    Phrase(r"(?:once|after|when|if|as soon as) " + _IT_IS + r",? (?:then )?(?:it|they|{a}<thing>) {cannot} " + _CHANGED, _locked),
    Phrase(r"(?:once|after|when|if|as soon as) (?:{a}<thing> (?:is|are|has been) )?" + _S + r",? (?:it|they|{a}<t3>) (?:{cannot} " + _CHANGED + r"|(?:is|are|becomes?|must be) (?:read-only|read only|immutable|locked|final))", _locked),
    Phrase(r"{a}<thing> (?:can|may|must) (?:only )?be (?P<verb>edited|changed|modified|updated|amended)(?: only)? (?:while|when|if|as long as|until) " + _IT_IS, _editable_only),
    Phrase(r"only " + _S + r" <thing> (?:can|may|must) be " + _VERB, _only_from),
    Phrase(r"{a}<thing> (?:can|may|must) only be " + _VERB + r" (?:while|when|if|once|after|as long as) " + _IT_IS, _only_from),
    Phrase(r"{a}<thing> (?:can|may|must) be " + _VERB + r" only (?:while|when|if|once|after|as long as) " + _IT_IS, _only_from),
    Phrase(r"(?:<x:words> )?(?:can|may) only (?P<verb>[a-z-]+) (?:an? |the )?" + _S + r" <thing>", _only_from),
    Phrase(r"{a}" + _S + r" <thing> (?:can|may|must be able to) be " + _VERB + r"(?: by {a}<by:list>)?", _can_from),
    Phrase(r"{a}<thing> (?:that|which) (?:is|are|was|were|has been|have been) " + _S + r" (?:can|may) be " + _VERB + r"(?: by {a}<by:list>)?", _can_from),
    Phrase(r"{a}<thing> (?:that|which) (?:has|have|is|are|was|were) not (?:yet )?(?:been )?" + _S + r"(?: yet)? {cannot} be " + _VERB, _only_from),
    Phrase(r"{a}<thing> {cannot} be " + _VERB + r" (?:before|until|without) (?:it (?:is|was|has been) |having been |being |it being )" + _S, _only_from),
    Phrase(r"{a}<who:list> (?:can|may) (?P<verb>[a-z]+) {a}<thing> (?:as long as|until|while|only while) it (?:has not been|is not|was not|is) (?P<not_yet>)" + _S, _until),
    Phrase(r"{a}" + _S + r" <thing> {cannot} " + _CHANGED + r",? it (?:has to|must) be [a-z]+ first", _locked),
    Phrase(r"{a}" + _S + r" <thing> (?:can|may) be neither (?P<v1>[a-z]+) nor (?P<v2>[a-z]+)", _neither),
    Phrase(r"{a}<thing> (?:that|which) (?:is|are|was|were|has been|have been) " + _S + r" already {cannot} be " + _VERB + r"(?: (?:to|by|for) .*)?", _blocked),
    Phrase(r"{a}<thing> {cannot} (?:ever )?" + _CHANGED + r"(?: or (?:deleted|changed|edited|removed))?(?:,? by (?:nobody|anybody|anyone))?(?: (?:after|once) (?:they|it) (?:was|were|is|are|has been|have been) (?:written|created|made|saved|recorded|stored))?", _never),
    Phrase(r"{a}<thing> (?:is|are|must be) (?:immutable|append-only|read-only|write-once)(?::.*)?", _never),
    Phrase(r"{a}<thing> (?:can|may) be " + _VERB + r" (?:while|when|if|once|after|as long as) " + _IT_IS, _can_from),
    Phrase(r"(?:<x:words>) (?:can|may) (?P<verb>reopen|re-open|resubmit|re-submit) (?:an? |the )?" + _S + r" <thing>", _can_from),
    Phrase(r"{a}" + _S + r" <thing> {cannot} be " + _VERB + r"(?:,? only [a-z]+)?", _blocked),
    Phrase(r"(?:<x:words> )?{cannot} (?P<verb>[a-z-]+) (?:an? |the )?(?:already )?" + _S + r" <thing>", _blocked),
    Phrase(r"{a}<thing> {cannot} be " + _VERB + r" (?:once|after|when|if|as soon as|while) " + _IT_IS, _blocked),
    Phrase(r"{a}<thing> (?:that|which) (?:is|are|was|were|has been|have been) (?:already )?" + _S + r" {cannot} be " + _VERB, _blocked),
    Phrase(r"(?:once|after|when) " + _IT_IS + r",? (?:it|they|{a}<thing>) {cannot} be " + _VERB, _blocked),
    Phrase(r"(?:<x:words> )?{cannot} be (?P<verb>[a-z-]+) (?:once|after|when) " + _IT_IS, _blocked),
    Phrase(r"{when} (?:{a}<x> )?(?P<verb>[a-z-]+) {a}<thing>,? (?:it|its status|the status|its state|the \w+) (?:becomes|is|changes to|is set to|moves to|turns|goes to|is marked as|must become|must be)(?: set to)? [\"']?<state>[\"']?", _becomes),
    Phrase(r"{when} {a}<thing> (?:is|has been|gets) (?P<verb>[a-z-]+),? (?:it|its status|the status|its state) (?:becomes|is|changes to|is set to|moves to|turns|goes to|is marked as|must become|must be)(?: set to)? [\"']?<state>[\"']?", _becomes),
    Phrase(r"(?P<verb>approving|rejecting|cancelling|canceling|[a-z]+ing) {a}<thing> (?:sets|changes|moves) (?:it|its status|the status)(?: to)? [\"']?<state>[\"']?", _becomes),
    Phrase(r"{a}(?:(?P<states>[a-z]+ed(?: down| off| in| out)?|pending|draft|open|new) )?<thing> (?:(?:is|are|gets|get|must be|should be|will be) )?(?:automatically |auto-?)?(?P<verb>cancelled|canceled|closed|archived|expires?|expired|released|rejected|declined)(?: automatically)? after <span:span>(?: without (?:payment|being paid|confirmation|activity|an answer|a reply|a decision|being \w+)| of inactivity| if (?:it|they) (?:is|are) (?:still )?not \w+| if nobody \w+ (?:it|them))?", _expires),
    Phrase(r"{a}(?:(?P<states>[a-z]+ed|pending|draft|open) )?<thing> (?:that|which) (?:is|are) not [a-z]+ within <span:span> (?:is|are|must be|gets|expires?|will be)(?: automatically)? ?(?P<verb>cancelled|canceled|closed|expired|released|rejected|expires?)?(?: automatically)?", _expires),
    Phrase(r"(?:if|when) {a}<thing> (?:is|are) not [a-z]+ (?:within|after) <span:span>,? (?:it|they) (?:is|are|must be|gets|will be)(?: automatically)? (?P<verb>cancelled|canceled|closed|expired|released|rejected)(?: automatically)?", _expires),
    Phrase(r"{a}(?:(?P<states>[a-z]+ed(?: down| off| in| out)?|read|draft|open|done) )?<thing>(?: (?:that|which) (?:were|are|have been|was|is|has been) (?P<s2>[a-z]+))?(?: data| records?)? (?:(?:is|are|must be|should be|gets|will be|has to be|have to be) )?(?:automatically |permanently )?(?:deleted|removed|purged|erased|wiped)(?: automatically)? (?:(?:after|within) <span:span>|(?P<span2>(?:\d+|[a-z]+) (?:hours?|days?|weeks?|months?|years?)) after (?:they|it) (?:was|were|is|are|has been|have been) [a-z]+)", _retained),
    Phrase(r"{a}(?:(?P<states>[a-z]+ed(?: down| off| in| out)?|read|draft|open|done) )?<thing>(?: (?:that|which) (?:were|are|have been|was|is|has been) (?P<s2>[a-z]+))?(?: data| records?)? {be} (?:kept|retained|stored)(?: for)?(?: at most| no longer than| only| not longer than)? (?:for )?<span:span>(?:,? (?:and|then) (?:then )?(?:deleted|removed|purged|erased))?", _retained),
    Phrase(r"{a}<thing> older than <span:span> {be} (?:automatically )?(?:deleted|removed|purged|erased)(?: automatically)?", _retained),
    Phrase(r"{a}<thing> (?:without [a-z -]+?|(?:that|which) (?:nobody [a-z]+|(?:is|was|has|have|are) not (?:been )?[a-z]+(?: up| in| out)?)) (?:is|are|must be|gets|will be|has to be) (?:automatically )?(?P<verb>cancelled|canceled|closed|archived|expired|released|rejected|declined)(?: automatically)? after <span:span>", _expires),
    Phrase(r"(?:delete|remove|purge) {a}(?:(?P<states>[a-z]+ed(?: down| off| in| out)?|read|draft|open|done) )?<thing>(?: (?:that|which) (?:were|are|have been|was|is|has been) (?P<s2>[a-z]+))? (?:after|older than) <span:span>", _retained),
)  # fmt: skip
