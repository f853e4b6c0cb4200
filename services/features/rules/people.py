"""Who may do what: permissions, one's own records, four eyes, and what somebody can do at all."""

import re
from collections.abc import Sequence

from services.features import words
from services.features.rules.reading import Phrase, Words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import Rule, RuleKind

_WRITES = ("create", "update", "delete")


_DECIDE = re.compile(r"(?:decide|decide on|decide about|handle|judge)$")


_TAKEN_BACK = ("withdraw", "cancel", "expire", "release", "delete")


def _acts(verbs: str, thing: Thing, scene: Scene) -> tuple[str, ...]:
    """The acts of "approve or reject"; empty when one of them is nothing that the service does.

    To decide on a record is every move out of its first state.
    """
    found: list[str | None] = []
    for part in [p.strip() for p in re.split(r",|\band\b|\bor\b|/", verbs) if p.strip()]:
        bare = re.sub(r"^(?:also|then|always|be able to|to) ", "", part)
        if bare in ("manage", "administer", "maintain"):
            found += ["create", "update"]
        elif _DECIDE.match(bare):
            found += [
                v for v, source, _ in thing.transitions if source == thing.states[0] and v not in _TAKEN_BACK
            ] or [None]
        else:
            found.append(scene.act_for(bare.removesuffix(" of").removesuffix(" on"), thing))
    return tuple(dict.fromkeys(a for a in found if a)) if found and all(found) else ()


def _named(phrase: str, scene: Scene) -> Thing | None:
    """The thing; also where the state from which an act leads is said with it: "a submitted time sheet"."""
    told = phrase.split(" ", 1)
    return scene.only_thing(phrase) or (
        scene.only_thing(told[1]) if len(told) == 2 and words.is_state_word(told[0]) else None
    )


def _only(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    who, thing = scene.actors_in(w.actors), _named(w.thing, scene)
    acts = _acts(w.verbs, thing, scene) if thing else ()
    if not who or thing is None or not acts:
        return None
    return [Rule(kind=RuleKind.ONLY, resource=thing.name, act=act, actors=who) for act in acts]


def _not_them(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    """ "Clerks cannot approve expenses": everybody else who is known may."""
    who, thing = scene.actors_in(w.actors), scene.only_thing(w.thing)
    acts = _acts(w.verbs, thing, scene) if thing else ()
    others = tuple(a for a in scene.actors if a not in (who or ()))
    if not who or thing is None or not acts or not others or re.search(r"\bown\b", w.thing):
        return None
    return [Rule(kind=RuleKind.ONLY, resource=thing.name, act=act, actors=others) for act in acts]


def _own(w: Words, scene: Scene, sentence: Sentence) -> Rule | Sequence[Rule] | None:
    parts = [p for p in re.split(r",|\band\b", w.thing) if p.strip()]
    if len(parts) > 1 and all(scene.only_thing(p) for p in parts):
        found = [_own(w.but(thing=part), scene, sentence) for part in parts]
        return [r for r in found if isinstance(r, Rule)] if all(found) else None
    who, thing = scene.actors_in(w.actors), scene.only_thing(w.thing)
    acts = _acts(w.verbs, thing, scene) if thing else ()
    if not who or thing is None or not acts:
        return None
    reads = "list" in acts
    return Rule(kind=RuleKind.OWN, resource=thing.name, act="list" if reads else acts[0], actors=who)


def _not_own(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    thing = scene.only_thing(w.thing)
    acts = _acts(w.verbs, thing, scene) if thing else ()
    if thing is None or not acts or set(acts) & {"create", "list"}:
        return None
    return [Rule(kind=RuleKind.NOT_OWN, resource=thing.name, act=act) for act in acts]


def _signed_in(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = scene.only_thing(w.thing) if w.thing else scene.where(sentence.plain)
    acts = _acts(w.verbs, thing, scene) if thing and w.verbs else ("",)
    if thing is None or not acts or not scene.actors:
        return None
    return Rule(kind=RuleKind.ONLY, resource=thing.name, act=acts[0], actors=tuple(scene.actors))


def _allowed(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    who = scene.actors_in(w.actors)
    thing = _named(re.sub(r"^(?:all|their own|own|existing) ", "", w.thing), scene)
    acts = _acts(w.verbs, thing, scene) if thing else ()
    if not who or thing is None or not acts:
        return None
    return [Rule(kind=RuleKind.ALLOWED, resource=thing.name, act=act, actors=who) for act in acts]


_VERB = r"(?!(?:an?|the|is|are|it|their|its|be)\b)[a-z-]+(?: (?:off|in|out|up|down|back|over)\b)?"
_V = rf"(?P<verbs>{_VERB}(?: of| on)?(?:(?:, | or | and |, or |, and |/){_VERB})*)"
_SEE = r"(?P<verbs>(?:see|view|list|read|access|edit|change|update|cancel|delete|manage|modify|open|find|download|look at)(?:(?:, | or | and |, or |, and |/)[a-z-]+)*)"

_MADE_IT = r"(?:that |which )?(?:they|he|she|he or she)(?: have| had| has)? (?:themselves |himself |herself )?[a-z]+(?: (?:themselves|himself|herself|on their own))?"
_FORM = (
    "(?:"
    + "|".join(
        sorted(
            {form for v in words.VERBS for form in (v, v + "s", v + "es", re.sub("y$", "ies", v))},
            key=len,
            reverse=True,
        )
    )
    + ")"
)
_KNOWN = rf"(?P<verbs>{_FORM}(?:(?:, | or | and |, or |, and ){_FORM})*)"
PHRASES: tuple[Phrase, ...] = (
    Phrase(_V + r"(?: {a}<thing>)? (?:is|are) (?:only )?(?:for|up to|reserved for|restricted to|left to|something for|a matter for|the job of|actions? of) {a}<actors:list>(?: alone| only)?", lambda w, s, n: _only(w.but(thing=w.thing or s.where(n.plain).spoken.replace("_", " ")), s, n)),
    Phrase(_V + r" {a}<thing> (?:requires|needs) the <actors:list> role", _only),
    Phrase(r"it takes {a}<actors:list> to " + _V + r" {a}<thing>", _only),
    Phrase(r"only {a}<actors:list> (?P<verbs>decides?|judges?) (?:about|on) {a}<thing>", lambda w, s, n: _only(w.but(verbs="decide"), s, n)),
    Phrase(r"(?:the )?list of <thing> is for {a}<actors:list>(?:'s|s') eyes only(?P<verbs>)", lambda w, s, n: _only(w.but(verbs="see"), s, n)),
    Phrase(r"<actors:list> who (?:ask for|open|request|look at) (?:somebody|someone) else's <thing> (?:receive|get|see|are answered with) (?:an? )?40[34](?P<verbs>)", lambda w, s, n: _own(w.but(verbs="see"), s, n)),
    Phrase(r"{a}<field> (?:must not|must never|may not|cannot|should not|is never|are never) (?:be )?(?:shown|visible|displayed|disclosed|given) to other <actors:list>", lambda w, s, n: _own(w.but(verbs="see", thing=s.where(n.plain).name.replace("_", " ")), s, n)),
    Phrase(r"(?:nobody|no one|no-one) " + _V + r" (?:(?:their|his|her|an?) own) <thing>", _not_own),
    Phrase(r"(?:nobody|no one|no-one) (?:can|may|should|must) " + _V + r" {a}<thing> " + _MADE_IT, _not_own),
    Phrase(r"{a}<x> {cannot} " + _V + r" {a}<thing> " + _MADE_IT, _not_own),
    Phrase(r"{a}(?:person|user|employee|member|one|people|somebody|someone)(?: |s )(?:who|that) [a-z]+ {a}<thing> {cannot} " + _V + r" (?:it|them)", _not_own),
    Phrase(r"<actors:list> (?:can|may|must|should) only (?:be able to )?" + _SEE + r" (?:the )?<thing> " + _MADE_IT, _own),
    Phrase(r"<actors:list> (?:can |may |must |should )?(?:only )?" + _SEE + r" only (?:the )?<thing> " + _MADE_IT, _own),
    Phrase(r"<actors:list> (?:can|may|must|should) only be able to " + _SEE + r" (?:their|his|her) own <thing>", _own),
    Phrase(r"<actors:list> (?:can |may )?(?:only )?" + _SEE + r" (?:only )?(?:their|his|her) own <thing> only", _own),
    Phrase(r"<actors:list> {can} (?:read|see|view) (?:everything|all \w+|it all)(?:,)? but (?:cannot |can |may not )?(?:change|write|edit|modify|alter) (?:nothing|anything)", lambda w, s, n: _read_only(w, s)),
    Phrase(r"<actors:list> {can} only (?:read|see|view|look at) (?!their|his|her|its){a}<thing>", lambda w, s, n: _read_only(w, s)),
    Phrase(r"(?:only|just) {a}<actors:list> {can} (?P<verbs>(?:mark|set) (?:it|them|an? [a-z ]+?|the [a-z ]+?|[a-z ]+?) (?:as|to) [a-z ]+)(?P<thing>)", lambda w, s, n: _only(w.but(thing=_marked(w.verbs, s)), s, n)),
    Phrase(r"<actors:list> {can} (?P<verbs>(?:mark|set) (?:it|them|an? [a-z ]+?|the [a-z ]+?|[a-z ]+?) (?:as|to) [a-z ]+)(?P<thing>)", lambda w, s, n: _allowed(w.but(thing=_marked(w.verbs, s)), s, n)),
    Phrase(r"(?:only|just) {a}<actors:list> {can} " + _V + r"(?P<thing>)", lambda w, s, n: _only(w.but(thing=s.where(n.plain).name.replace("_", " ")), s, n) if w.verbs not in words.REIFIED else None),
    Phrase(r"(?:requests|calls) without an? (?:valid )?(?:token|authentication|credentials) (?:are|must be|get) (?:answered with|rejected with|refused with|refused|rejected)(?: (?:an? )?(?:http )?401)?(?P<thing>)(?P<verbs>)", _signed_in),
    Phrase(r"(?:nobody|no one|no-one|no user|no <x:words>) (?:can|may|should|must|is allowed to|is able to|should be able to) " + _V + r" (?:(?:their|his|her|his or her|an?) own|their) (?:own )?<thing>", _not_own),
    Phrase(r"(?:<x:words>|you|people|they) {cannot} (?:ever )?" + _V + r" (?:(?:their|his|her|his or her|your) own) <thing>", _not_own),
    Phrase(r"{a}<thing> {cannot} be " + _V + r" by (?:the (?:person|user|same person|same user|one|employee|member|author|people) (?:who|that) (?:\w+) (?:it|them)|(?:its|the) (?:own )?(?:author|submitter|requester|creator|owner|reporter|applicant))", _not_own),
    Phrase(r"(?:the )?(?:author|submitter|requester|creator|owner|reporter|applicant)s? (?:of {a}<t2> )?{cannot} " + _V + r" (?:it|them|{a}<thing>)", lambda w, s, n: _not_own(w.but(thing=w.thing or w.t2 or "it"), s, n)),
    Phrase(r"<actors:list> {can} only " + _SEE + r" (?:their|his|her|his or her|its) (?:own )?<thing>", _own),
    Phrase(r"<actors:list> (?:can |may |must |should )?(?:only )?(?:be able to )?" + _SEE + r" only (?:their|his|her|his or her|its) (?:own )?<thing>", _own),
    Phrase(r"<actors:list> only (?P<verbs>sees?|views?|reads?|finds?) (?:their|his|her) (?:own )?<thing>", _own),
    Phrase(r"<actors:list> (?P<verbs>sees?) only (?:their|his|her) (?:own )?<thing>", _own),
    Phrase(r"<actors:list> {cannot} " + _SEE + r" (?:the )?(?:other (?:people|users|members|customers|person|\w+)(?:'s|s'|')? |(?:somebody|someone|anybody|anyone) else's |another \w+(?: \w+)?'s |others' )<thing>", _own),
    Phrase(r"<actors:list> {cannot} " + _SEE + r" (?:the )?<thing> (?:of|from|that belong to|belonging to|made by|created by) (?:others|other \w+|another \w+|somebody else|someone else|anyone else)", _own),
    Phrase(r"{a}<thing> (?:is|are) (?:only )?visible only to (?:the )?<actors:list> who (?:created|made|submitted|placed|wrote|booked|filed) (?:it|them)", lambda w, s, n: _own(w.but(verbs="see"), s, n)),
    Phrase(r"only (?:the )?(?:author|creator|owner|submitter|person who (?:created|made|submitted|wrote|reported) it)(?: of {a}<t2>)? {can} " + _V + r" (?:it|{a}<thing>)", lambda w, s, n: _own_by_maker(w, s, n)),
    Phrase(r"(?:only (?:signed|logged)[- ]in|only authenticated|only registered) (?:users|people|persons|members|callers|customers) {can} (?:access|use|call) (?:the )?(?:api|service|system|app|feature|endpoints?)", _signed_in),
    Phrase(r"(?:only (?:signed|logged)[- ]in|only authenticated|only registered) (?:users|people|persons|callers) {can} " + _V + r" {a}<thing>", _signed_in),
    Phrase(r"(?:only|just) {a}<actors:list> (?:(?:role|roles) )?{can} " + _V + r" {a}<thing>", _only),
    Phrase(r"(?:only|just) {a}<actors:list> " + _KNOWN + r" {a}<thing>", _only),
    Phrase(r"(?:nobody|no one|no-one) (?:but|except|other than) {a}<actors:list> {can} " + _V + r" {a}<thing>", _only),
    Phrase(r"{a}<thing> (?:can|may|must|should) (?:only )?be (?:only )?" + _V + r" (?:only )?by {a}<actors:list>(?: only)?", lambda w, s, n: _only(w, s, n) if "only" in n.plain else _allowed(w, s, n)),
    Phrase(r"{a}<thing> (?:is|are) " + _V + r" only by {a}<actors:list>", _only),
    Phrase(_V + r" {a}<thing> (?:is|are|must be|should be) (?:only (?:possible|allowed|available|permitted) (?:for|to)|restricted to|limited to|reserved (?:for|to)|allowed only (?:for|to)|for) {a}<actors:list>(?: only)?", _only),
    Phrase(r"<actors:list> {cannot} " + _V + r" {a}<thing>", _not_them),
    Phrase(r"<actors:list> (?:only )?(?:have|has|get|gets) read(?:-| )only access(?: to {a}<thing>)?", lambda w, s, n: _read_only(w, s)),
    Phrase(r"<actors:list> {can} (?:also |only |then )?" + _V + r" {a}<thing>", _allowed),
    Phrase(r"{a}<actors:list> " + _KNOWN + r" {a}<thing>", _allowed),
)  # fmt: skip


def _marked(phrase: str, scene: Scene) -> str:
    """What is marked in "mark an order as shipped"."""
    told = re.sub(r"^(?:mark|set) | (?:as|to) [a-z ]+$", "", phrase)
    return told if scene.only_thing(told) else "it"


def _own_by_maker(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    thing = scene.only_thing(w.thing or w.t2 or "it")
    acts = _acts(w.verbs, thing, scene) if thing else ()
    if thing is None or not acts:
        return None
    who = tuple(scene.makers.get(thing.name, scene.actors))
    return Rule(kind=RuleKind.OWN, resource=thing.name, act=acts[0], actors=who) if who else None


def _read_only(w: Words, scene: Scene) -> Sequence[Rule] | None:
    who = scene.actors_in(w.actors)
    thing = scene.only_thing(w.thing) if w.thing else scene.main
    others = tuple(a for a in scene.actors if a not in (who or ()))
    if not who or thing is None or not others:
        return None
    return [Rule(kind=RuleKind.ONLY, resource=thing.name, act=act, actors=others) for act in ("create", "update")]
