"""Fields compared with each other and with the present moment."""

import re

from services.features import words
from services.features.rules.grammar import seconds
from services.features.rules.naming import COUNTED, field_named
from services.features.rules.reading import Phrase, Words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import FieldType, Rule, RuleKind

_AFTER = {
    "after": ">",
    "later than": ">",
    "greater than": ">",
    "more than": ">",
    "before": "<",
    "earlier than": "<",
    "less than": "<",
    "lower than": "<",
    "not before": ">=",
    "not after": "<=",
    "exceed": "<=",
    "be more than": "<=",
    "be greater than": "<=",
    "be after": "<=",
    "be later than": "<=",
    "be before": ">=",
    "be earlier than": ">=",
    "be less than": ">=",
    "be higher than": "<=",
    "higher than": ">",
    "smaller than": "<",
    "be lower than": ">=",
    "on or after": ">=",
    "on or before": "<=",
    "be above": "<=",
    "be below": ">=",
}
_COMPARER = (
    "(?P<operator>"
    + "|".join(sorted((a for a in _AFTER if not a.startswith(("be ", "exceed"))), key=len, reverse=True))
    + ")"
)
_NOT_COMPARER = (
    "(?P<operator>"
    + "|".join(sorted((a for a in _AFTER if a.startswith(("be ", "exceed"))), key=len, reverse=True))
    + ")"
)


def _compare(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    found = field_named(w.field, scene, sentence)
    if found is None or found[1] == "state":
        return None
    thing, left = found
    if w.other in ("now", "today", "current date", "the current date", "current time"):
        return _moment(thing, left, _operator(w), 0, scene)
    other = (
        w.other
        if len(w.other.split()) > 1 or not re.search(r" (?:date|time|day)$", w.field)
        else f"{w.other} {w.field.split()[-1]}"
    )
    right = scene.field_of(other, thing, sentence, kind=thing.fields[left].type) or scene.field_of(
        w.other, thing, sentence, kind=thing.fields[left].type
    )
    if right is None or right in ("state", left) or not _comparable(thing, left, right, scene):
        return None
    return Rule(kind=RuleKind.COMPARE, resource=thing.name, fields=(left, right), operator=_operator(w))


def _operator(w: Words) -> str:
    return {"before": ">=", "after": "<="}[w.flipped] if w.flipped else _AFTER[w.operator]


def _comparable(thing: Thing, left: str, right: str, scene: Scene) -> bool:
    times = (FieldType.DATE, FieldType.DATETIME)
    a, b = thing.fields[left].type, thing.fields[right].type
    if a in times and b in times:
        if a is not b:
            scene.change(thing, left, type=FieldType.DATETIME)
            scene.change(thing, right, type=FieldType.DATETIME)
        return True
    if re.search(r"date|time|start|end|from|until|begin", left + right) and {a, b} <= {*times, FieldType.STRING}:
        for name in (left, right):
            scene.change(
                thing, name, type=FieldType.DATE if "date" in left + right else FieldType.DATETIME, maximum=None
            )
        return True
    return a is b and a in COUNTED


def _moment(thing: Thing, name: str, operator: str, shift: int, scene: Scene) -> Rule | None:
    if thing.fields[name].type not in (FieldType.DATE, FieldType.DATETIME):
        if thing.fields[name].type is not FieldType.STRING:
            return None
        scene.change(
            thing,
            name,
            type=FieldType.DATE if "date" in name or "day" in name else FieldType.DATETIME,
            maximum=None,
            choices=(),
        )
    if shift and thing.fields[name].type is FieldType.DATE and shift % 86400:
        scene.change(thing, name, type=FieldType.DATETIME)
    return Rule(kind=RuleKind.COMPARE, resource=thing.name, fields=(name,), operator=operator, seconds=shift)


def _past(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    found = field_named(w.field, scene, sentence, kind=None)
    if found is None:
        thing = scene.only_thing(w.field)
        times = (
            [f.name for f in thing.fields.values() if f.type in (FieldType.DATETIME, FieldType.DATE)] if thing else []
        )
        if thing is None or not times:
            return None
        found = (thing, times[0])
    forward = (w.way == "future") != bool(w.negated)
    shift = seconds(w.ahead) if w.ahead else 0
    at = ">=" if w.negated else ">"
    return (
        None
        if found[1] == "state" or shift is None
        else _moment(found[0], found[1], at if forward else at.replace(">", "<"), shift if forward else -shift, scene)
    )


def _time_field(verb: str, thing: Thing, scene: Scene, sentence: Sentence) -> str:
    """The field that says when a thing does something: "starts" -> start_time, starts_at; added when there is none."""
    stem = re.sub(r"(?:es|s)$", "", verb) if verb not in ("closes",) else "close"
    kinds = (FieldType.DATE, FieldType.DATETIME, FieldType.STRING)
    known = next(
        (f.name for f in thing.fields.values() if f.name.startswith(stem) and f.type in kinds and not f.choices), None
    )
    name = known or scene.add(thing, f"{stem}s_at", sentence, FieldType.DATETIME)
    if thing.fields[name].type is FieldType.STRING:
        scene.change(thing, name, type=FieldType.DATETIME, maximum=None)
    return name


def _verb_past(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "bookings cannot start in the past"."""
    thing = scene.only_thing(w.thing)
    if thing is None:
        return None
    verb = w.verb if " " not in w.verb else "start"
    name = _time_field(verb, thing, scene, sentence)
    return _moment(thing, name, ">=" if w.way == "past" else "<=", 0, scene)


def _verb_compare(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "a survey must close after it opens"."""
    thing = scene.only_thing(w.thing)
    if thing is None:
        return None
    left, right = _time_field(w.verb, thing, scene, sentence), _time_field(w.other, thing, scene, sentence)
    if left == right or not _comparable(thing, left, right, scene):
        return None
    operator = _AFTER[w.operator] if w.operator else {"before": ">=", "after": "<="}[w.flipped]
    return Rule(kind=RuleKind.COMPARE, resource=thing.name, fields=(left, right), operator=operator)


def time_of(noun: str, verb: str, thing: Thing, scene: Scene, sentence: Sentence) -> str | None:
    """The field that says when something happens: of "the doors open" the door time, of "the event starts" its start."""
    if scene.only_thing(noun) is thing or noun in ("it", "they"):
        return _time_field(verb, thing, scene, sentence)
    own = words.singular(re.sub(r"^(?:the|an?|its|their) ", "", noun).split()[-1])
    times = [f.name for f in thing.fields.values() if f.type in (FieldType.DATETIME, FieldType.DATE)]
    return next((n for n in times if n.split("_")[0] in (own, words.plural(own))), None)


def _happens(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "the doors must open before the event starts"."""
    thing = scene.where(f"{w.noun} {w.other_noun}")
    left = time_of(w.noun, w.verb, thing, scene, sentence)
    right = time_of(w.other_noun, w.other, thing, scene, sentence) if left else None
    if left is None or right is None or left == right or not _comparable(thing, left, right, scene):
        return None
    operator = {"before": ">=", "after": "<="}[w.flipped] if w.flipped else _AFTER[w.operator]
    return Rule(kind=RuleKind.COMPARE, resource=thing.name, fields=(left, right), operator=operator)


def _beyond(w: Words, scene: Scene, sentence: Sentence) -> Rule | None:
    """ "the until date never precedes the from date"."""
    operator = "be before" if w.flipped_verb.startswith("precede") else "be after"
    return _compare(w.but(operator=operator), scene, sentence)


HAPPENS = r"(?:starts?|begins?|ends?|opens?|closes?|departs?|leaves?|arrives?|returns?|finish(?:es)?)"
NOUN = r"(?:(?:the|an?|its|their) )?[a-z]+(?: (?!(?:must|can|may|should|has|have)\b)[a-z]+)?"
PHRASES: tuple[Phrase, ...] = (
    Phrase(r"{a}<field> (?:has to|must|should|needs to) (?:come|lie|fall|happen) " + _COMPARER + r" {a}<other>", _compare),
    Phrase(r"{a}<field> (?:must |may |should |can )?(?:never|not) (?P<flipped_verb>precedes?|exceeds?|follows?) {a}<other>", _beyond),
    Phrase(r"{a}<field> {cannot} (?:lie|be) (?:ahead of|later than|after) (?:the server's clock|the present|now|the current time)", lambda w, s, n: _past(w.but(way="future", negated="not"), s, n)),
    Phrase(r"{a}<thing> (?P<negated>{cannot}) (?P<verb>start|begin|end|depart|return|finish|open|close|take place|be booked|be made|be scheduled|be placed|be planned) in the (?P<way>past|future)", _verb_past),
    Phrase(r"{a}<thing> (?:must |has to |should |can only |may only )?(?P<verb>starts?|begins?|ends?|closes?|returns?|finish(?:es)?|arrives?|opens?) (?P<operator>after|before) (?:it|they) (?P<other>starts?|begins?|ends?|opens?|departs?|leaves?|closes?)", _verb_compare),
    Phrase(r"{a}<thing> {cannot} (?P<verb>start|begin|end|close|return|finish|open) (?P<flipped>after|before) (?:it|they) (?P<other>starts?|begins?|ends?|opens?|departs?|leaves?|closes?)", _verb_compare),
    Phrase(rf"(?P<noun>{NOUN}) (?:must |has to |have to |should |can only |may only )?(?P<verb>{HAPPENS}) (?P<operator>after|before) (?P<other_noun>{NOUN}) (?P<other>{HAPPENS})", _happens),
    Phrase(rf"(?P<noun>{NOUN}) {{cannot}} (?P<verb>{HAPPENS}) (?P<flipped>after|before) (?P<other_noun>{NOUN}) (?P<other>{HAPPENS})", _happens),
    Phrase(r"{a}<field> {cannot} (?:end|start|lie|fall|happen|come) (?P<flipped>before|after) {a}<other>", _compare),
    Phrase(r"{a}<field> {be} (?:at least )?(?:<ahead:span> )?(?:in|ahead in|into) the (?P<way>future|past)", _past),
    Phrase(r"{a}<field> (?P<negated>{cannot}) (?:be|lie|fall) (?:set |placed |dated |made )?in the (?P<way>future|past)", _past),
    Phrase(r"{a}<field> (?P<negated>is never|are never|must be not) in the (?P<way>future|past)", _past),
    Phrase(r"{a}<field> {be} " + _COMPARER + r" {a}<other>", _compare),
    Phrase(r"{a}<field> {cannot} " + _NOT_COMPARER + r" {a}<other>", _compare),
)  # fmt: skip
