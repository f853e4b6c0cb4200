"""Fields of a resource: lists after "with", "has", "contains", and names in back-ticks."""

import re
from collections.abc import Sequence

from services.features import words
from services.features.sentences import Sentence
from services.features.understanding import DataField, FieldType, Sensitivity

FIELDS_MAX = 12
_LIST = re.compile(
    r"\b(?P<head>[\w'-]+)\s+(?:(?:that|which)\s+)?(?:with|has|have|contains?|includes?|including|consists? of|records?|stores?)\s+(?P<list>[^.;:!?\n]{3,300})",
    re.IGNORECASE,
)
_CHOICES = re.compile(r"\(([^()]{3,120})\)")
_TICK = re.compile(r"`([A-Za-z_][A-Za-z0-9_]{1,39})`")
_MAXIMUM = re.compile(
    r"(?:\bof\s+)?\b(?:up to|at most|max(?:imum)?(?: of)?|no more than)\s+(\d{1,6})\b(?:\s+(?:characters?|letters|digits))?",
    re.IGNORECASE,
)
_NOT_FIELDS = {
    "ability",
    "permission",
    "access",
    "option",
    "way",
    "chance",
    "right",
    "role",
    "support",
    "following",
    "least",
}


def fields_in(sentences: Sequence[Sentence], resource: str, *, takes_all: bool) -> tuple[DataField, ...]:
    """What the text lists for a resource. The main one (`takes_all`) also takes lists that name nothing it knows."""
    last = resource.rsplit("_", 1)[-1]
    found: dict[str, DataField] = {}
    for sentence in sentences:
        for match in _LIST.finditer(sentence.text):
            head = words.singular(match["head"].lower())
            if head == last or (takes_all and last in [words.singular(w) for w in sentence.words]):
                span = (sentence.start + match.start("list"), sentence.start + match.end("list"))
                for field in _listed(match["list"], span):
                    found.setdefault(field.name, field)
        if takes_all:
            for name in _TICK.findall(sentence.text):
                ticked = _field(name, (), (sentence.start, sentence.end))
                if ticked and ticked.name != resource:
                    found.setdefault(ticked.name, ticked)
    return tuple(list(found.values())[:FIELDS_MAX])


def _listed(text: str, span: tuple[int, int]) -> list[DataField]:
    choices = {m.start(): m[1] for m in _CHOICES.finditer(text) if not _MAXIMUM.search(m[1])}
    plain = _CHOICES.sub(lambda m: f" \x00{m.start()} " if m.start() in choices else f" {m[1]} ", text)
    fields = []
    for part in filter(str.strip, re.split(r",|\band\b|&", plain)):
        marked = re.search("\x00(\\d+)", part)
        options = (
            tuple(dict.fromkeys(words.identifier(o, "") for o in re.split(r",|/|\bor\b", choices[int(marked[1])])))
            if marked
            else ()
        )
        field = _field(re.sub("\x00\\d+", " ", part), tuple(o for o in options if o), span)
        if field is None:
            break  # the list has ended; what follows is another clause
        fields.append(field)
    return fields


def _field(text: str, choices: tuple[str, ...], span: tuple[int, int]) -> DataField | None:
    named = _MAXIMUM.sub(" ", text).lower().replace("_", " ")
    told = [w for w in re.findall(r"[a-z]+", named) if w not in words.STOP]
    optional = "optional" in told
    told = [w for w in told if w not in ("optional", "required", "mandatory", "valid", "unique")]
    if not 1 <= len(told) <= 3 or told[0] in _NOT_FIELDS or any(w in words.BREAKS | words.MODALS for w in told):
        return None
    if words.lemma(told[0]) and len(told) > 1 and not told[0].endswith(("ed", "ing")):
        return None  # "… and approve expenses": a verb, so another clause
    name = words.identifier("_".join([*told[:-1], words.singular(told[-1])]), "value")
    maximum = _MAXIMUM.search(text)
    kind = FieldType(words.first_match(set(told) | {words.singular(w) for w in told}, words.FIELD_TYPES) or "string")
    if choices:
        kind = FieldType.STRING
    limit = int(maximum[1]) if maximum else None
    sensitive = words.first_match(set(told), words.SENSITIVE)
    return DataField(
        name=name,
        type=kind,
        required=not optional,
        choices=choices if len(choices) > 1 else (),
        maximum=limit or {FieldType.STRING: 200, FieldType.TEXT: 5000}.get(kind),
        sensitive=Sensitivity(sensitive) if sensitive else None,
        span=span,
    )
