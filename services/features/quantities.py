"""Numbers with a meaning: latency, throughput, availability, retention, error rate. Also the budget of the form."""

import re
from collections.abc import Sequence

from services.features.sentences import Sentence
from services.features.understanding import Quantity

_NUMBER = r"(?P<value>\d{1,7}(?:[.,]\d{1,4})?)\s*"
# kind, pattern; the unit is the named group.
_PATTERNS = (
    ("latency", re.compile(_NUMBER + r"(?P<unit>ms|milliseconds?|s|sec|seconds?)\b", re.IGNORECASE)),
    (
        "throughput",
        re.compile(
            _NUMBER + r"(?P<unit>rps|req(?:uests)?\s*(?:/|per)\s*s(?:ec(?:ond)?)?|requests?/s)\b", re.IGNORECASE
        ),
    ),
    ("availability", re.compile(r"(?P<value>99(?:\.\d{1,4})?|100)\s*(?P<unit>%|percent)", re.IGNORECASE)),
    ("retention", re.compile(_NUMBER + r"(?P<unit>days?|weeks?|months?|years?)\b", re.IGNORECASE)),
)
_ERROR_RATE = re.compile(
    r"error(?:s| rate)?\D{0,12}?(?P<value>\d{1,2}(?:\.\d{1,4})?)\s*(?P<unit>%|percent)", re.IGNORECASE
)
_PERCENTILE = re.compile(r"\bp(?P<p>50|75|90|95|99)\b|(?P<q>50|75|90|95|99)(?:th|st)\s+percentile", re.IGNORECASE)
_MARKS = {"latency": ("latency", "respon", "within", "under", "below", "less than", "<", "p9", "p5", "percentile", "load", "faster"),
          "retention": ("retain", "retention", "kept", "keep", "delete", "after", "store"),
          "availability": ("availab", "uptime", "slo", "sla")}  # fmt: skip
_TO_MS = {"s": 1000, "sec": 1000, "second": 1000, "seconds": 1000}


def quantities_in(sentences: Sequence[Sentence], budget: str) -> tuple[Quantity, ...]:
    """The budget of the form first; it wins over what the text says."""
    found = [*parse_budget(budget)]
    for sentence in sentences:
        found += [
            q.model_copy(update={"span": (sentence.start, sentence.end)}) for q in _in_text(sentence.text, guarded=True)
        ]
    first: dict[tuple[str, int | None], Quantity] = {}
    for quantity in found:
        first.setdefault((quantity.kind, quantity.percentile), quantity)
    return tuple(first.values())


def parse_budget(text: str) -> tuple[Quantity, ...]:
    """What a performance budget says; empty when nothing in it can be measured ("fast")."""
    return tuple(
        q for q in _in_text(text, guarded=False) if q.kind in ("latency", "throughput", "rate", "availability")
    )


def _in_text(text: str, *, guarded: bool) -> list[Quantity]:
    lowered, found = text.lower(), []
    rate = _ERROR_RATE.search(text)
    if rate:
        found.append(Quantity(kind="rate", value=float(rate["value"]), unit="%", text=text[:200]))
    for kind, pattern in _PATTERNS:
        match = pattern.search(text)
        if match is None or (guarded and kind in _MARKS and not any(mark in lowered for mark in _MARKS[kind])):
            continue
        value, unit = float(match["value"].replace(",", ".")), match["unit"].lower()
        percentile = _PERCENTILE.search(text) if kind == "latency" else None
        if kind == "latency":
            value, unit = value * _TO_MS.get(unit, 1), "ms"
        number = int(percentile["p"] or percentile["q"]) if percentile else 95 if kind == "latency" else None
        found.append(Quantity(kind=kind, value=value, unit=unit, percentile=number, text=text[:200]))
    return found
