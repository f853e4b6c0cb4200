"""Given, When, Then: the state before, the act, and what must come of it.

Two tables of readers, one for outcomes and one for refusals; the first that understands its part wins.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from services.features import words
from services.features.rules.grammar import number, seconds
from services.features.rules.moments import HAPPENS, NOUN, time_of
from services.features.rules.ranges import count_of
from services.features.rules.telling import recipients
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import FieldType, Rule, RuleKind

_SHAPE = re.compile(r"^(?:scenario:? .*?)?(?:given (?P<given>.+?),? )?(?:and )?when (?P<when>.+?),? then (?P<then>.+)$")
_OUTCOMES = re.compile(r",? and (?=(?:the|an?|it|its|no|nobody|every|his|her|their)\b)")
_REFUSED = re.compile(
    r"\b(?:rejected|refused|denied|forbidden|error|not allowed|not accepted|fails?|invalid|blocked|4\d\d|cannot|can't|"
    r"(?:is )?not (?:created|saved|changed|possible|stored)|told (?:that|which|what)|remains unchanged|stays (?:as it is|unchanged))\b"
)
_STATUS = re.compile(
    r"(?:(?:is|becomes|changes to|moves to|is set to|is marked as|turns|gets|has status|goes to|status of|has the status|be) )+"
    r"(?:status |state |the status )?(?:in )?[\"']?(?P<state>[a-z_]+(?: (?:progress|review|hold))?)[\"']?$"
)
_TOLD = re.compile(
    r"^(?P<who>.+?) (?:is|are|gets|receives?|must be) (?:notified|informed|told|e-?mailed|sent an? e-?mail|an? (?:e-?mail|notification|message|sms))"
)
_CRUD = ("create", "update", "list", "delete")


@dataclass(frozen=True)
class _Act:
    """The When of a scenario: who does what, what is said beyond the thing itself, and the state before."""

    given: str
    when: str
    then: str
    verb: str
    subject: str
    rest: str
    state: str | None
    thing: Thing
    scene: Scene
    sentence: Sentence

    @property
    def actor(self) -> str | None:
        return self.scene.actor_of(self.subject) if self.subject else None

    def field(self, phrase: str) -> str | None:
        """A field of the thing; the state is none here."""
        name = self.scene.field_of(phrase, self.thing, self.sentence)
        return name if name != "state" else None

    def rule(self, kind: RuleKind, **parts: object) -> Rule:
        return Rule.model_validate({"kind": kind, "resource": self.thing.name, **parts})


def scenario_rules(sentence: Sentence, scene: Scene) -> tuple[Rule, ...]:
    """The rules of a scenario; empty where a part of it is not understood."""
    shape = _SHAPE.match(re.sub(r",? (?=and\b)", " ", sentence.plain))
    if shape is None:
        return ()
    given, when = shape["given"] or "", words.joined(shape["when"])
    named = scene.thing_in(when) or scene.thing_in(given) or scene.main
    trial = scene.copy()
    thing = trial.things[named.name]
    made: list[Rule] = []
    for outcome in _OUTCOMES.split(shape["then"]):
        verb, subject, rest = _act_of(when, thing, trial)
        state = _state_in(given, thing, trial) or _state_in(when, thing, trial)
        act = _Act(given, when, outcome.strip(), verb, subject, rest, state, thing, trial, sentence)
        rule = next((found for reader in _READERS if (found := reader(act))), None)
        if rule is None:
            return ()
        made.append(rule)
    scene.take(trial)
    return tuple(dict.fromkeys(made))


def _notified(act: _Act) -> Rule | None:
    told = _TOLD.match(act.then)
    who = recipients(told["who"], act.thing, act.scene) if told and act.verb else ()
    return (
        act.rule(RuleKind.NOTIFY, act=act.verb, actors=who, channel="sms" if "sms" in act.then else "email")
        if who
        else None
    )


def _refused(act: _Act) -> Rule | None:
    if not _REFUSED.search(act.then):
        return None
    return next((found for reader in _REFUSALS if (found := reader(act))), None)


def _moved(act: _Act) -> Rule | None:
    reached = _STATUS.search(act.then)
    target = act.scene.state_of(reached["state"], act.thing) if reached else None
    if target is None or not act.verb or _REFUSED.search(act.then):
        return None
    if act.verb == "create":
        return act.rule(RuleKind.DEFAULT, values=(target,)) if target == act.thing.states[0] else None
    source = act.state or next((s for v, s, _ in act.thing.transitions if v == act.verb), None)
    if act.verb in _CRUD or source in (None, target):
        return None
    moves = [m for m in act.thing.transitions if not (m[0] == act.verb and m[2] != target)]
    act.thing.transitions = list(dict.fromkeys([*moves, (act.verb, source or "", target)]))
    sources = [s for v, s, _ in act.thing.transitions if v == act.verb]
    return act.rule(RuleKind.TRANSITION, act=act.verb, states=(*sources, target))


def _by_itself(act: _Act) -> Rule | None:
    """ "when 15 minutes have passed, then the order is cancelled automatically"."""
    passed = re.search(
        r"(?P<span>(?:\d+|[a-z]+) (?:minutes?|hours?|days?|weeks?)) (?:have|has|had)? ?(?:passed|gone by|elapsed)",
        act.when,
    )
    told = re.search(r"\b(?P<verb>cancelled|canceled|closed|expired|released|rejected|declined)\b", act.then)
    after = seconds(passed["span"]) if passed else None
    verb = act.scene.act_for(told["verb"], act.thing) if told else None
    target = next((t for v, _, t in act.thing.transitions if v == verb), None)
    if after is None or target is None:
        return None
    source = act.state if act.state and act.state != target and "not" not in act.given else act.thing.states[0]
    return act.rule(RuleKind.EXPIRY, states=(source, target), seconds=after) if source != target else None


_DONE = {
    "create": re.compile(r"\b(?:saved|created|stored|recorded|added|visible|appears|listed|exists|shown|accepted|gets an id)\b"),
    "delete": re.compile(r"\b(?:gone|removed|deleted|not found|no longer)\b"),
}  # fmt: skip


def _done(act: _Act) -> Rule | None:
    if act.verb not in _DONE or act.rest or not _DONE[act.verb].search(act.then):
        return None
    who = (act.actor,) if act.actor else tuple(act.scene.makers.get(act.thing.name, act.scene.actors[:1]))
    return act.rule(RuleKind.ALLOWED, act=act.verb, actors=who)


def _may(act: _Act) -> Rule | None:
    """ "and a clerk can grant it"."""
    may = re.match(r"(?:an? |the )?(?P<who>[\w ]+?) (?:can|may) (?P<verb>[a-z]+) (?:it|them)$", act.then)
    who = act.scene.actor_of(may["who"]) if may else None
    verb = act.scene.act_for(may["verb"], act.thing) if may else None
    return act.rule(RuleKind.ALLOWED, act=verb, actors=(who,)) if who and verb else None


def _narrowed(act: _Act) -> Rule | None:
    filtered = re.search(r"filters? (?:\w+ )?by (?P<field>[\w ]+)", act.when)
    if filtered is None or not re.search(r"\bonly\b", act.then):
        return None
    is_state = re.search(r"status|state", filtered["field"]) and act.thing.states
    name = "state" if is_state else act.field(filtered["field"])
    return act.rule(RuleKind.FILTER, act="list", fields=(name,)) if name else None


def _own(act: _Act) -> Rule | None:
    is_own = re.search(r"\bown\b", act.then) and act.verb == "list" and act.actor
    return act.rule(RuleKind.OWN, act="list", actors=(act.actor,)) if is_own else None


def _compared(act: _Act) -> Rule | None:
    told = re.search(r"^(?:the )?(?P<f>[\w ]+?) is (?P<way>before|after) (?:the )?(?P<g>[\w ]+)$", act.when)
    left, right = (act.field(told["f"]), act.field(told["g"])) if told else (None, None)
    if told is None or not left or not right:
        return None
    return act.rule(RuleKind.COMPARE, fields=(left, right), operator={"before": ">=", "after": "<="}[told["way"]])


def _happened(act: _Act) -> Rule | None:
    """ "when the doors open after the event starts"."""
    told = re.search(
        rf"^(?P<a>{NOUN}) (?P<v>{HAPPENS}) (?P<way>before|after) (?P<b>{NOUN}) (?P<w>{HAPPENS})$", act.when
    )
    parts = ((told["a"], told["v"]), (told["b"], told["w"])) if told else ()
    names = [time_of(noun, verb, act.thing, act.scene, act.sentence) for noun, verb in parts]
    if told is None or not all(names) or names[0] == names[1]:
        return None
    return act.rule(RuleKind.COMPARE, fields=tuple(names), operator={"before": ">=", "after": "<="}[told["way"]])


def _too_many(act: _Act) -> Rule | None:
    """ "when a visitor orders 9 tickets, then it is refused because at most 8 tickets can be ordered"."""
    told = re.search(r"\b(?:at most|no more than|only|up to|more than) (?P<n>\d+) (?P<what>[a-z]+)\b", act.then)
    tried = re.search(r"\b(?P<n>\d+) (?P<what>[a-z]+)$", act.when)
    most, name = (int(told["n"]), count_of(act.thing, words.singular(told["what"]))) if told else (0, None)
    if told is None or tried is None or name is None or told["what"] != tried["what"] or int(tried["n"]) <= most:
        return None
    act.scene.change(act.thing, name, maximum=most)
    return act.rule(RuleKind.RANGE, fields=(name,), maximum=most)


def _twice(act: _Act) -> Rule | None:
    told = re.search(r"(?:with|using) the same (?P<field>[\w ]+)$", act.when)
    told = told or (re.search(r"for the (?P<field>[\w ]+?) [\"']", act.given) if "another" in act.when else None)
    name = act.field(told["field"]) if told else None
    return act.rule(RuleKind.UNIQUE, fields=(name,)) if name else None


def _not_own(act: _Act) -> Rule | None:
    made = re.search(r"\b(?:submitted|created|made|wrote|placed|requested) (?:it|by)\b|\bown\b", act.given)
    is_own = ("own " in act.when or made) and act.verb not in ("", "create", "list")
    return act.rule(RuleKind.NOT_OWN, act=act.verb) if is_own else None


def _missing(act: _Act) -> Rule | None:
    told = re.search(
        r"without (?:an? |any |the )?(?P<f1>[\w ]+)$|(?:with an? )?(?:empty|missing|blank) (?P<f2>[\w ]+)$|leaves (?:the )?(?P<f3>[\w ]+?) (?:empty|blank)$",
        act.when,
    )
    name = act.field(told["f1"] or told["f2"] or told["f3"]) if told else None
    if name is None:
        return None
    if act.verb not in ("create", "update", ""):
        return act.rule(RuleKind.REQUIRED, act=act.verb, fields=(name,))
    act.scene.change(act.thing, name, required=True)
    return act.rule(RuleKind.REQUIRED, fields=(name,))


_BEYOND = re.compile(
    r"(?:with |of )?(?:an? |the )?(?P<field>[\w ]+?) (?:of |is |with )?(?:(?P<more>more than|above|over|longer than|greater than)|less than|below|under|smaller than) (?P<n>\d[\d,.]*)"
)


def _beyond(act: _Act) -> Rule | None:
    told = _BEYOND.search(act.when)
    name = act.field(re.sub(r"^.* (?:with|of) (?:an? |the )?", "", told["field"])) if told else None
    value = number(told["n"]) if told else None
    limited = (FieldType.INTEGER, FieldType.MONEY, FieldType.STRING, FieldType.TEXT)
    if (
        told is None
        or name is None
        or value is None
        or act.verb not in ("create", "update", "")
        or act.thing.fields[name].type not in limited
    ):
        return None
    amount = round(value * 100) if act.thing.fields[name].type is FieldType.MONEY else int(value)
    limit = "maximum" if told["more"] else "minimum"
    act.scene.change(act.thing, name, **{limit: amount})
    return act.rule(RuleKind.RANGE, fields=(name,), **{limit: amount})


def _locked(act: _Act) -> Rule | None:
    is_locked = act.state and act.verb == "update" and act.state != act.thing.states[0]
    return act.rule(RuleKind.LOCKED, states=(act.state,)) if is_locked else None


def _blocked(act: _Act) -> Rule | None:
    others = [m for m in act.thing.transitions if m[0] == act.verb and m[1] != act.state]
    if not act.state or act.verb in ("", *_CRUD) or not others:
        return None
    act.thing.transitions = [m for m in act.thing.transitions if (m[0], m[1]) != (act.verb, act.state)]
    return act.rule(RuleKind.BLOCKED, act=act.verb, states=(act.state,))


def _only(act: _Act) -> Rule | None:
    others = tuple(a for a in act.scene.actors if a != act.actor)
    is_about_role = act.actor and act.verb and others and not act.rest and (not act.given or "403" in act.then)
    return act.rule(RuleKind.ONLY, act=act.verb, actors=others) if is_about_role else None


_READERS: tuple[Callable[[_Act], Rule | None], ...] = (
    _notified,
    _may,
    _refused,
    _by_itself,
    _moved,
    _done,
    _narrowed,
    _own,
)
_REFUSALS: tuple[Callable[[_Act], Rule | None], ...] = (
    _compared,
    _happened,
    _too_many,
    _not_own,
    _missing,
    _beyond,
    _twice,
    _locked,
    _blocked,
    _only,
)


def _act_of(when: str, thing: Thing, scene: Scene) -> tuple[str, str, str]:
    """(act, who, what is said beyond the thing itself) of the When."""
    told = when.split()
    for place, word in enumerate(told[1:], start=1):
        before = told[place - 1]
        if before in ("a", "an", "the", "own", "their") or not (words.lemma(word) or before == "to"):
            continue
        after, who = " ".join(told[place + 1 :]), " ".join(told[:place])
        if before in ("is", "gets") or (before == "been" and place > 2):
            after, who = " ".join(told[: place - 1]), re.sub(r"^by ", "", after) if after.startswith("by ") else ""
        if scene.thing_in(after) or re.match(r"(?:it|them)\b", after):
            act = scene.act_for(word, thing)
            if act is None:
                continue
            who = re.sub(r" (?:tries to|try to|attempts to|wants to|clicks|has|have)$", "", who)
            bare = re.sub(r"^(?:(?:an?|the|it|them|this|that|his|her|their|my|new|own) ?)+", "", after)
            names = "|".join(re.escape(n) for n in (thing.name.replace("_", " "), thing.last))
            return act, who, re.sub(rf"^(?:{names})s?\b ?", "", bare)
    return "", "", ""


def _state_in(text: str, thing: Thing, scene: Scene) -> str | None:
    whole = next((s for s in thing.states if "_" in s and s.replace("_", " ") in text), None)
    return whole or next((s for word in re.findall(r"[a-z_-]+", text) if (s := scene.state_of(word, thing))), None)
