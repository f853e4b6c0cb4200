"""Numbers with a meaning: latency, throughput, volume, availability, retention, error rate. Also the budget of the form."""

import re
from collections.abc import Sequence

from services.features.sentences import Sentence
from services.features.understanding import Quantity

# "1,000" and "1 000" are a thousand, "1,5" is one and a half; a part of a longer number or a negative one is no number.
_NUMBER = r"(?<![\d.,])(?<!(?<!\d)-)(?P<value>\d{1,3}(?:[, ]\d{3})+(?:\.\d{1,4})?|\d{1,7}(?:[.,]\d{1,4})?)\s*"
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
# "about 90 requests a day": what happens already, in things; a limit ("at most 60 requests per minute") is none.
_VOLUME = re.compile(
    _NUMBER + r"(?P<things>(?:[a-z-]+ ){1,2}?)(?:an?|per|each|every) (?P<period>day|week|month|quarter|year)\b",
    re.IGNORECASE,
)
# "our 34 vans": how many there are, without a period.
_STOCK = re.compile(
    r"\b(?:our|about|around|roughly) " + _NUMBER + r"(?P<things>[a-z-]+s)\b(?! (?:an?|per|each|every)\b)", re.IGNORECASE
)
_LIMIT = re.compile(
    r"(?:at most|up to|more than|maximum(?: of)?|limited to|within|least|than|over|under|after)\s*$", re.IGNORECASE
)
_NO_THINGS = {"second", "seconds", "hour", "hours", "minute", "minutes", "day", "days", "week", "weeks", "month", "months", "year", "years", "time", "times", "percent",
              "eur", "euro", "euros", "usd", "dollar", "dollars", "pound", "pounds", "gbp", "chf"}  # fmt: skip
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
    first: dict[tuple[str, int | None, str], Quantity] = {}
    for quantity in found:
        # Volumes of several things stand beside each other.
        things = quantity.unit if quantity.kind == "volume" else ""
        first.setdefault((quantity.kind, quantity.percentile, things), quantity)
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
    found += _volumes(text) if guarded else []
    for kind, pattern in _PATTERNS:
        if guarded and kind in _MARKS and not any(mark in lowered for mark in _MARKS[kind]):
            continue
        matches = list(pattern.finditer(text))
        if kind == "latency":
            found += _latencies(text, matches)
        elif matches:
            value, unit = _number(matches[0]["value"]), matches[0]["unit"].lower()
            found.append(Quantity(kind=kind, value=value, unit=unit, text=text[:200]))
    return found


def _volumes(text: str) -> list[Quantity]:
    """How many things come in a period, as the text tells it of today."""
    found = []
    for match in _VOLUME.finditer(text):
        things = match["things"].strip().lower()
        if not _LIMIT.search(text[: match.start()]) and not _NO_THINGS.intersection(things.split()):
            unit = f"{things} a {match['period'].lower()}"
            found.append(Quantity(kind="volume", value=_number(match["value"]), unit=unit, text=text[:200]))
    stocks = [match for match in _STOCK.finditer(text) if match["things"].lower() not in _NO_THINGS]
    found += [
        Quantity(kind="volume", value=_number(m["value"]), unit=m["things"].lower(), text=text[:200]) for m in stocks
    ]
    return found


def _latencies(text: str, matches: list[re.Match[str]]) -> list[Quantity]:
    """Each with the percentile that stands before it, or after it; the 95th where the text names none."""
    found = []
    for number, match in enumerate(matches):
        begin = matches[number - 1].end() if number else 0
        end = matches[number + 1].start() if number + 1 < len(matches) else len(text)
        before, after = (
            list(_PERCENTILE.finditer(text, begin, match.start())),
            _PERCENTILE.search(text, match.end(), end),
        )
        named = before[-1] if before else after if number + 1 == len(matches) else None
        found.append(
            Quantity(
                kind="latency",
                value=_number(match["value"]) * _TO_MS.get(match["unit"].lower(), 1),
                unit="ms",
                percentile=int(named["p"] or named["q"]) if named else 95,
                text=text[:200],
            )
        )
    return found


def _number(text: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?", text):
        return float(text.replace(",", "").replace(" ", ""))
    return float(text.replace(",", "."))
