"""What another system is asked for, and at which act: "when an order is paid, publish an event to Kafka".

Only systems whose answer nobody waits for; one that is asked at no act that the text names gives no rule.
"""

import re
from collections.abc import Iterator, Sequence

from services.features import words
from services.features.rules.reading import Phrase, Words
from services.features.rules.telling import BE, VERBS, act_told
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import Integration, Rule, RuleKind

_SENDS = ("send", "push", "post", "pass", "transfer", "forward", "export", "copy", "sync", "synchronise", "synchronize", "mirror", "replicate")  # fmt: skip
# What the system itself does: "the accounting system gets the invoice when it is approved".
_GETS = ("get", "receive")
# Kind of system -> what the verbs of people ask of it; as the functions of its port are called.
_ASKED: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "payment": (
        ("charge", ("charge", "debit", "bill", "collect", "capture", "take", "pay")),
        ("refund", ("refund", "return")),
    ),
    "queue": (("publish", ("publish", "emit", "announce", "put", *_GETS, *_SENDS)),),
    "service": (("ask", ("report", "submit", "register", "enter", "book", "create", *_GETS, *_SENDS)),),
    "storage": (("put", ("store", "upload", "save", "archive", "put", *_GETS, *_SENDS)),),
    "search": (("index", ("index", "add", *_SENDS)),),
    "calendar": (("put_event", ("add", "put", "enter", "create", "write", *_SENDS)),),
}
# What a word says of how often: seconds.
_SPANS = (("hour", 3600), ("week", 604_800), ("", 86_400))
_BOUGHT = ("order", "purchase", "booking", "reservation", "cart", "basket")


def _form(verb: str) -> str:
    """Any form of a verb, as a pattern."""
    irregular = {"send": "sends?|sent", "take": "takes?|taken", "pay": "pays?|paid", "write": "writes?|written", "put": "puts?", "emit": "emits?|emitted", "transfer": "transfers?|transferred", "copy": "copy|copie[sd]", "submit": "submits?|submitted"}  # fmt: skip
    return irregular.get(verb, f"{verb.removesuffix('e')}(?:e|e?s|ed)?")


def _system(phrase: str, scene: Scene, kind: str = "") -> Integration | None:
    """The system that the words name and nothing beside it; without words, the only one of the kind."""
    bare = re.sub(r"^(?:an?|the|our) | (?:api|queue|topic|account|platform)$", "", phrase.strip())
    if bare:
        return next((s for s in scene.systems if bare in (s.name.lower(), f"{s.name.lower()}s")), None)
    of_kind = [s for s in scene.systems if s.kind == kind]
    return of_kind[0] if len(of_kind) == 1 else None


def _asked(w: Words, scene: Scene, thing: Thing, acts: Sequence[str | None], seconds: int | None = None) -> list[Rule]:
    """A rule for each act; none where an act or the system is nobody known, or what is sent is another record."""
    system = _system(w.system, scene, "queue")
    methods = _ASKED.get(system.kind, ()) if system else ()
    method = next((name for name, verbs in methods for verb in verbs if re.fullmatch(_form(verb), w.ask)), "")
    sent = scene.only_thing(w.what) if w.what else None
    if system is None or not method or not acts or not all(acts) or (sent is not None and sent is not thing):
        return []
    values = (method, scene.currency or "EUR") if system.kind == "payment" else (method,)
    return [
        Rule(kind=RuleKind.CALL, resource=thing.name, act=act, channel=system.name, values=values, seconds=seconds)
        for act in dict.fromkeys(acts)
        if act
    ]


def _thing(w: Words, scene: Scene, sentence: Sentence) -> Thing | None:
    return scene.only_thing(w.thing.removesuffix("'s")) if w.thing else scene.where(sentence.plain)


def _at_an_act(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    thing = _thing(w, scene, sentence)
    if thing is None or not w.verb:
        return None
    verbs = [v.strip() for v in re.split(r",|\band\b|\bor\b|/", w.verb) if v.strip()]
    return _asked(w, scene, thing, [act_told(v, thing, scene) for v in verbs])


def _by_the_act(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    """ "a clerk forwards the invoice to the accounting system", "orders are paid through Stripe": the act is the asking."""
    thing = scene.only_thing(w.what)
    is_somebody = not w.x or scene.actor_of(w.x) is not None
    act = scene.act_for(w.ask, thing) if thing and is_somebody else None
    moves = act in {verb for verb, _, _ in thing.transitions} if thing else False
    return _asked(w, scene, thing, [act]) if thing and moves else None


def _at_payment(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    """ "payments go through Stripe", where one thing is paid."""
    paid = [t for t in scene.things.values() if any(verb == "pay" for verb, _, _ in t.transitions)]
    return _asked(w.but(ask="pay", what=""), scene, paid[0], ["pay"]) if len(paid) == 1 else None


def _at_a_noun(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    """ "on approval"; "on checkout" is where something is bought."""
    thing = _thing(w, scene, sentence)
    if thing is None:
        return None
    if w.noun.replace("-", "") != "checkout":
        return _asked(w, scene, thing, [act_told(w.noun, thing, scene)])
    acts = [verb for verb, _, _ in thing.transitions if verb in ("check_out", "checkout")]
    return _asked(w, scene, thing, acts or (["create"] if thing.last in _BOUGHT else []))


def _changes(thing: Thing, scene: Scene, *, is_state: bool) -> Iterator[str]:
    """Every act that changes the record, or its state."""
    if not is_state:
        yield from ("create", "update")
        if scene.verbs.get(thing.name, set()) & words.DELETE:
            yield "delete"
    yield from (verb for verb, _, _ in thing.transitions)


def _at_every_change(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    thing = _thing(w, scene, sentence)
    is_state = bool(re.search(r"\b(?:step|status|state)\b", w.change))
    return _asked(w.but(what=""), scene, thing, tuple(_changes(thing, scene, is_state=is_state))) if thing else None


def _every_so_often(w: Words, scene: Scene, sentence: Sentence) -> Sequence[Rule] | None:
    """ "sync contacts to Salesforce nightly": each change, at the end of the day."""
    thing = scene.only_thing(w.what)
    seconds = next(span for unit, span in _SPANS if unit in w.often)
    return _asked(w, scene, thing, tuple(_changes(thing, scene, is_state=False)), seconds) if thing else None


_SYSTEM = r"(?:to|into|in|with|through|via|by|using|at|on|over) (?P<system>(?:(?:an?|the|our) )?[\w' -]+?)"
_ASK = rf"(?P<ask>{'|'.join(sorted({_form(v) for rows in _ASKED.values() for _, verbs in rows for v in verbs}))})"
_WHAT = r"(?:an? |the |its |their |his |her |all |each |every |new |changed )*(?P<what>[a-z][\w'-]*(?: (?!(?:and|or|is|are|gets?|to|when)\b)[\w'-]+){0,3}?)"
_MUST = r"(?:must |should |shall |will |has to |have to )?"
_ALSO = r"(?:also |automatically |then )*"
_ACTIVE = rf"(?:(?:we|it|the (?:system|service|app|application)) )?{_MUST}{_ALSO}{_ASK} {_WHAT} {_SYSTEM}"
_PASSIVE = (
    rf"{_WHAT} (?:is|are|gets|get|must be|should be|shall be|will be|has to be|have to be) {_ALSO}{_ASK} {_SYSTEM}"
)
_ITSELF = rf"(?P<system>(?:(?:an?|the|our) )?[\w' -]+?)(?::| must| should| shall| will)? {_ALSO}{_ASK} {_WHAT}"
_NOUN = r"(?:on|at|upon|after) (?:the )?(?P<noun>check-?out|payment|approval|rejection|cancellation|submission|publication|creation)(?: of {a}<thing>)?"
_OFTEN = r"(?P<often>nightly|hourly|daily|weekly|(?:every|each|once an?|once every) (?:night|day|evening|hour|week))"
_CHANGE = r"(?:we want )?(?:each|every|any) (?P<change>(?:step|status change|state change|change of (?:status|state)|change)(?: (?:of|in|to) {a}(?P<thing>[a-z ]+?)(?:'s (?:state|status))?)?)"
_AFTER = (
    r" {when} {a}<thing> " + BE + " " + VERBS,
    r" {when} (?:{a}<x:words> )(?:has |have )?" + VERBS + r" (?:it|{a}<thing>)",
)
_BEFORE = (
    r"{when} {a}<thing> " + BE + " " + VERBS + ",? ",
    r"{when} (?:{a}<x:words> )(?:has |have )?" + VERBS + " {a}<thing>,? ",
)

_SAID = (_ACTIVE, _PASSIVE, _ITSELF)

PHRASES: tuple[Phrase, ...] = (
    *(Phrase(before + said, _at_an_act) for before in _BEFORE for said in _SAID),
    *(Phrase(said + after, _at_an_act) for after in _AFTER for said in _SAID),
    *(Phrase(f"{said} {_OFTEN}", _every_so_often) for said in _SAID),
    *(Phrase(f"{_OFTEN},? {said}", _every_so_often) for said in _SAID),
    *(Phrase(f"{said} {_NOUN}", _at_a_noun) for said in _SAID),
    *(Phrase(f"{_NOUN},? {said}", _at_a_noun) for said in _SAID),
    Phrase(
        rf"{_CHANGE} (?:to |must |should )?{_ALSO}{_ASK} (?:exactly )?(?:one|an?) (?:event|message)(?: {_SYSTEM})?(?: instead)?",
        _at_every_change,
    ),
    Phrase(rf"{_CHANGE} (?:is|must be|should be|will be) {_ALSO}{_ASK} {_SYSTEM}", _at_every_change),
    Phrase(rf"{{a}}<x:words> (?:can )?{_ASK} {_WHAT} {_SYSTEM}", _by_the_act),
    Phrase(_PASSIVE, _by_the_act),
    Phrase(
        rf"(?:the )?(?:card |online )?payments? (?:go(?:es)?|runs?|is (?:made|handled|processed|taken)|are (?:made|handled|processed|taken)) {_SYSTEM}",
        _at_payment,
    ),
)
