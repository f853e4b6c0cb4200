"""Lists of fields in running text: "a trip has a van, a driver and the distance in km", "an idea (title, area)"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.features import words
from services.features.nouns import DETERMINERS, phrase_before, verb_before
from services.features.sentences import Sentence

_HAS = re.compile(
    r"(?:^|(?<=[\s`,)]))(?:(?:always|also|must|should|that|which) )*(?P<verb>has|have|having|holds?|carr(?:y|ies)|contains?|includes?|including|names|keeps?|stores?|records?|consists? of|"
    r"is made (?:up )?of|with|needs?|takes|comes with|belongs to)(?: the following| these)?(?: fields?| columns?)?(?: at least)?:? +(?=[A-Za-z`])",
    re.IGNORECASE,
)
_GIVES = re.compile(
    r"\b(?:give|leave|pick|choose|enter|provide|state|specify|specifie|fill in|show|display|need)s?\b +(?=[A-Za-z`])",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"(?P<head>[A-Za-z`][\w` '-]{1,60}?)(?: online| too| as well)? ?\((?P<list>[A-Za-z`][^()]{4,240})\)"
)
_COLON = re.compile(r"^(?P<head>[^:]{3,160}): ?(?P<list>[A-Za-z`][^:.]{4,400})\.?$")
_FOR = re.compile(r" (?:for|to|of|about) (?P<what>(?:an?|the|each|every|one|it)(?: [a-z]+){0,2})$", re.IGNORECASE)
_END = re.compile(r"[.;!?](?=\s|$)|:(?=\s)")
_LONGEST, _READ = 500, 1_500  # characters of a list, and of a sentence
_LIST_OF = re.compile(r"^.*\blists? of ", re.IGNORECASE)
_NO_LIST = re.compile(
    r"\b(?:required|mandatory|max|at most|at least|e\.g|i\.e|for example|such as|characters|or)\b|\d", re.IGNORECASE
)
_NO_HEAD = re.compile(
    r"\b(?:one of|be|is|are|states?|status(?:es)?|pipeline|stages?|lifecycle|workflow|values?|scope|data|details)$|\b(?:by|filter|sort)\b",
    re.IGNORECASE,
)
_STOPS = re.compile(
    r"\b(?:has|have|holds|carries|contains|consists|gives|(?:leave|give) (?:an?|the|their)|leaves|moves|belongs|names|goes|go|is|are|was|can|must|may|should|will|cannot|looks?|submits?|sends?|presses|because|so that|which pops|online|then)\b"
)


@dataclass(frozen=True)
class FieldList:
    """`head`: the thing's name in words, "" for what the text is about; `text` is the list, at `start` of the sentence."""

    head: str
    text: str
    sentence: Sentence
    start: int
    verb: str = ""
    about: str = ""
    act: str = ""

    @property
    def span(self) -> tuple[int, int] | None:
        at = self.sentence.start + self.start
        return None if self.sentence.source else (at, at + len(self.text))


def field_lists(sentences: Sequence[Sentence]) -> tuple[FieldList, ...]:
    """Every list that names its thing, or is given by whoever acts, in the order of the text."""
    return _field_lists(tuple(sentences))


@lru_cache(maxsize=16)
def _field_lists(sentences: tuple[Sentence, ...]) -> tuple[FieldList, ...]:
    found: list[FieldList] = []
    for sentence in sentences:
        if sentence.section in ("out", "questions", "criteria", "story") or sentence.text.startswith("**As"):
            continue
        own = [*_having(sentence), *_after_colon(sentence)]
        taken = [(f.start, f.start + len(f.text)) for f in own]
        own += [f for f in _inside(sentence) if not any(s <= f.start < e for s, e in taken)]
        found += own + list(_given(sentence, max((f.start + len(f.text) for f in own), default=0)))
    return tuple(found)


def _having(sentence: Sentence) -> Iterator[FieldList]:
    text = _flat(sentence.text)
    matches = list(_HAS.finditer(text))
    for number, match in enumerate(matches):
        verb = match["verb"].lower()
        end = _end(text, match.end(), matches[number + 1].start() if number + 1 < len(matches) else len(text))
        listed = text[match.end() : end]
        head, about = _head(text[: match.start()].rstrip(), verb)
        first = listed.split(" ", 1)[0].lower().strip(",")
        is_many = len(parts_of(listed)) > 1
        is_acting = words.is_actor(head.split(" ")[-1]) and not verb.startswith(("ha", "hold", "with"))
        if is_acting or re.search(r"\b(?:must|cannot|usable)\b|\b(?:can|may)$", text[: match.start()].rstrip()):
            continue
        if (
            not head
            or not listed.strip()
            or re.match(r"to\b|at (?:most|least)\b|been\b|not\b|only\b|no\b|more\b", listed, re.IGNORECASE)
            or ((verb == "with" or not _opens(first)) and not is_many)
        ):
            continue
        if verb.startswith("need") or (
            verb in ("takes", "with") and _NO_LIST.search(re.sub(r"\([^()]*\)", "", listed.split(",")[0]))
        ):
            continue
        yield FieldList(head, listed, sentence, match.end(), verb, about, verb_before(text[: match.start()]))


def _opens(word: str) -> bool:
    return word in DETERMINERS | {"maybe", "optionally"} or word.startswith("`")


def _end(text: str, start: int, next_start: int) -> int:
    last = min(next_start if next_start > start else len(text), start + _LONGEST)
    stop = _END.search(text, start, last)
    return stop.start() if stop else last


def _head(before: str, verb: str) -> tuple[str, str]:
    """The thing before a verb; of "X for a Y with" X, and Y is what it is about; of "X ..., has" the subject of the sentence."""
    before = re.sub(
        r"^(?:(?:details|idea|note|example|so|and|then): |(?:entity|table|model|resource) (?=`))",
        "",
        before,
        flags=re.IGNORECASE,
    )
    for_what = _FOR.search(before)
    if for_what and verb in ("with", ":"):
        head = phrase_before(before[: for_what.start()])
        what = phrase_before(for_what["what"])
        if head:
            return head, "" if what == "it" else what
    if re.search(r"(?:,|\band|\bor|\bbut|\balso|\bit|\bthey)$", before, re.IGNORECASE):
        if verb == "with":
            return "", ""
        subject = re.match(
            r"^(?:an?|the|each|every) ((?:[a-z`_-]+ ){1,3})(?=(?:names|has|holds|belongs|carries|consists|is)\b)",
            before,
            re.IGNORECASE,
        )
        return (phrase_before(subject[1].strip()), "") if subject else ("", "")
    before = _LIST_OF.sub("", before)
    return phrase_before(before), ""


def _inside(sentence: Sentence) -> Iterator[FieldList]:
    text = _flat(sentence.text)
    for match in _INSIDE.finditer(text):
        listed = match["list"]
        head = phrase_before(match["head"])
        if (
            head
            and len(parts_of(listed)) > 1
            and "." not in listed
            and not _NO_LIST.search(listed)
            and not _STOPS.search(listed)
        ):
            yield FieldList(head, listed, sentence, match.start("list"), "(")


def _after_colon(sentence: Sentence) -> Iterator[FieldList]:
    text = _flat(sentence.text)
    match = None if sentence.is_bullet and sentence.section == "fields" else _COLON.match(text)
    if not match or _NO_HEAD.search(match["head"]) or ("(" in match["list"] and "`" not in text):
        return
    listed = match["list"]
    if "`" not in listed and (
        re.search(r"\b(?:or|above|by|without|not|is|are)\b|\d", listed)
        or len(parts_of(listed)) < 2
        or any(len(p.split()) > 7 for p in parts_of(listed))
    ):
        return
    head, about = _head(match["head"].strip(), ":")
    if head:
        yield FieldList(head, listed, sentence, match.start("list"), ":", about)


def _given(sentence: Sentence, after: int) -> Iterator[FieldList]:
    """ "they pick a practitioner, a start and an end": fields of whatever the text is about."""
    text = _flat(sentence.text)
    if re.search(r"\b(?:must|cannot|shall|should|above|more than|without)\b", text) or sentence.is_bullet:
        return
    for match in _GIVES.finditer(text, after):
        listed = text[match.end() : _end(text, match.end(), len(text))]
        following = _GIVES.search(listed)
        listed = listed[: following.start()] if following else listed
        first = listed.split(" ", 1)[0].lower()
        if first in ("the", "name", "names") or (
            first in ("a", "an", "their", "its", "optionally") and not match[0].lower().startswith("need")
        ):
            yield FieldList("", listed, sentence, match.end(), "gives")


def _flat(text: str) -> str:
    """Line breaks become spaces one for one, so that places stay."""
    return re.sub(r"\s", " ", text[:_READ])


# Commas and "and" in these join no parts: "(a, b and c)", "20,000", "between 1 and 5", "when it departs and returns".
_TOGETHER = re.compile(
    r"\([^()]*\)|\bbetween \d[\d.,]*(?: ?\w+)? and \d[\d,]*|\d,\d{3}\b|\bwhen (?:it|they) [a-z]+s? and [a-z]+s?\b"
)


def parts_of(listed: str) -> list[str]:
    """The parts of a list, by commas, "and" and "plus"; brackets stay with what they explain."""
    plain = _TOGETHER.sub(lambda m: m[0].replace(",", "\x01").replace(" and ", "\x02"), listed)
    split = re.split(r",|\band\b|&|\bplus\b|\bas well as\b|`\s*/\s*(?=`)", plain)
    return [p.replace("\x01", ",").replace("\x02", " and ").strip() for p in split if p.strip()]


def names_in(listed: str, thing: str) -> Iterator[tuple[str, str, bool]]:
    """(name in words, what stands in brackets, is optional) of each field; ends where another clause begins."""
    was_clause = are_optional = False
    parts = parts_of(listed)
    for number, part in enumerate(parts):
        ticked = re.match(r"^(?:an? |the |optionally )?`([A-Za-z_]\w*)`(.*)$", part)
        if ticked:
            about = re.sub(r"^\((.*)\)$", r"\1", ticked[2].strip()) or _later_type(parts[number + 1 :])
            yield ticked[1], about, bool(re.search(r"\boptional\b|(?<!not )\bnull", about))
            continue
        bracket = re.search(r"\(([^()]*)\)", part)
        plain = re.sub(r"\([^()]*\)", " ", part).lower().replace("_", " ").replace("`", " ").strip()
        are_optional = are_optional or bool(re.search(r"\b(?:optionally|maybe|possibly|perhaps)\b", plain))
        optional = are_optional or bool(re.search(r"\boptional\b", plain))
        plain = re.sub(r"\b(?:optional(?:ly)?|maybe|possibly|perhaps|of course|also)\b", " ", plain)
        plain = re.sub(
            r"^(?:\s*(?:an?|the|its|their|his|her|one or more|one|at least one|some|any|all|own|valid|unique|short|long|free|both)\s+)+",
            "",
            plain.strip() + " ",
        ).strip()
        acting = re.fullmatch(r"when (?:it|they) ([a-z]{4,}s)(?: and ([a-z]{4,}s))?", plain)
        if acting and acting[1] not in ("becomes", "happens", "gets"):
            yield from ((f"{verb}_at", "datetime", optional) for verb in acting.groups() if verb)
            continue
        if re.match(r"(?:when|where|how|who|whether|why)\b", plain):
            was_clause = True
            continue
        if (was_clause and len(plain.split()) == 1 and words.lemma(plain)) or (
            was_clause and re.fullmatch(r"[a-z]+s", plain)
        ):
            continue
        if _STOPS.match(plain):
            return
        if re.search(r"\b(?:at|in|on|for) which\b", plain):
            was_clause = True
            continue
        name, ends = _named(plain, thing, parts[number + 1] if number + 1 < len(parts) else "")
        if name:
            yield name, bracket[1] if bracket else _measure(plain), optional
        if ends or not name:
            return


_UNITS = {"percent": "number", "%": "number", "kg": "number", "km": "number", "seconds": "integer", "minutes": "integer", "hours": "integer", "days": "integer", "eur": "money", "euros": "money", "usd": "money",
          "dollars": "money", "cents": "money", "microlitres": "number", "litres": "number", "metres": "number", "meters": "number", "grams": "number"}  # fmt: skip


def _measure(plain: str) -> str:
    """What a part says of its field beside its name: a unit, or how much at most."""
    unit = re.search(r" in ([a-z%]+)$", plain)
    limit = re.search(r"\b(?:of )?((?:up to|at most|max\.?|no more than|between(?= \d)|from(?= \d)) .+)$", plain)
    return limit[1] if limit else _UNITS.get(unit[1], "") if unit else ""


def _later_type(parts: Sequence[str]) -> str:
    """Of "`old` / `new` (text)" the type stands with the last."""
    told = re.match(r"^`\w+`\s*\(([^()]*)\)$", parts[0]) if parts else None
    return told[1] if told and told[1] == "text" else ""


def _named(plain: str, thing: str, following: str) -> tuple[str, bool]:
    """The name of a part, and whether the list ends with it."""
    ends = bool(re.search(r"\bwith\b", plain)) or bool(_STOPS.search(plain))
    cut = _STOPS.split(plain, maxsplit=1)[0]
    of = re.match(r"(date|time|day|status|name|number|amount|kind|type) of (?:the|an?|each) ([a-z]+)$", cut)
    if of and of[2] != thing.split(" ")[-1]:
        return f"{of[2]} {of[1]}", ends
    born = re.match(r"(date|place) of (birth|death|purchase|issue|departure|arrival)$", cut)
    if born:
        return f"{born[2]} {born[1]}", ends
    counted = re.match(r"number of ([a-z]+)", cut)
    if counted:
        return f"number of {counted[1]}", ends
    cut = re.split(
        r"(?<![-\w])(?:in|for|of|to|at|from|that|which|who|with|they|we|on|by|as|if|when|up to|max|no more than|between)(?![-\w])",
        cut,
    )[0].strip()
    together = re.search(r"^[a-z]+ ([a-z]+)$", re.sub(r"^(?:an?|the) ", "", following.lower().strip()))
    if (
        cut in ("start", "end", "first", "last", "opening", "closing")
        and together
        and together[1] in ("date", "time", "day")
    ):
        return f"{cut} {together[1]}", ends
    return cut, ends
