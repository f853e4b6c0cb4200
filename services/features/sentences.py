"""A text cut into sentences, bullets and cells, each with its span and its section, in linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from services.features.headings import (
    CRITERION_COLUMN,
    GHERKIN,
    Headings,
    heading_of,
    is_column_line,
    is_row,
    is_rule_line,
    list_heading,
)
from services.features.scope import is_excluded

_END = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bmax\.)(?<!\bmin\.)(?<!\bapprox\.)(?<!\betc\.)(?<!\bvs\.)(?<!\bno\.)(?<!\bca\.)(?<!\bMrs\.)(?<!\bMr\.)(?<!\bDr\.)"
    r"[\"')\]]*\s+(?=\S)"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_BULLET = re.compile(r"^[ \t]*(?:[-*+•–]|\(?\d{1,2}[.)]|[a-z]\))[ \t]+(?P<box>\[[ xX]?\][ \t]*)?")
# "7.2 The sample ...": the number is a mark, yet what follows is prose and may only explain.
_NUMBER = re.compile(r"^[ \t]*\d{1,2}(?:\.\d{1,2})+\.?[ \t]+(?=[A-Z])")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)(?P<language>[\w-]*)")
_STEP = re.compile(r"^[ \t]*(?:given|when|then|and|but)\b", re.IGNORECASE)
_GIVEN = re.compile(r"^(?:given|when)\b", re.IGNORECASE)
# "When it is paid, tell the customer.": says what follows, so the next "When" begins another one.
_WHOLE_WHEN = re.compile(r"^when\b[^,.]*, (?!then\b)[^.]*\.\s*$", re.IGNORECASE)
_WHEN = re.compile(r"^when\b", re.IGNORECASE)
_STORY = re.compile(r"^\**as an?\b", re.IGNORECASE)
_STORY_GOES_ON = re.compile(r"^\**(?:i |i'|so that|in order to|so )", re.IGNORECASE)

_MUST = r"\b(?:must|shall|should|has to|have to|may not|may only|cannot|can't|can not|is required|are required|never|nobody|only (?:\w+ ){1,3}(?:can|may))\b"
_DEMAND = re.compile(_MUST, re.IGNORECASE)
# Where the clause that demands something can be parted from talk: "..., so the reason must", "..., our lawyer said that".
_JOINT = re.compile(
    r",? so (?=\w)|(?P<after>, (?=(?:our|my|we|i|that|this|it would|as we|because)\b|[^,]{1,60}\b(?:don't|dont|do not) (?:care|mind)\b)| since (?=(?:we|i|our)\b))|, |(?P<both> and (?=(?:when|if|once|as soon as) ))",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"^(?:when|whenever|if|once|after|before|as soon as|while|until|for|unless|in|on|at)\b", re.IGNORECASE
)
_SUBJECT = re.compile(
    rf"^(?:an?|the|each|every|all|no|for|members?|users?|[a-z]+s)\b[^,]{{1,90}}?{_MUST}", re.IGNORECASE
)


@dataclass(frozen=True)
class Sentence:
    """`start` and `end` are places in the text, `text` is exactly what stands there. `section` is one of `SECTIONS` or "".

    `source` is the name of a context document, empty for the request itself; spans count in their own text.
    """

    text: str
    start: int
    end: int
    is_bullet: bool
    heading: str
    section: str = ""
    source: str = ""

    @property
    def words(self) -> list[str]:
        return [word.lower().replace("’", "'") for word in _WORD.findall(self.text)]

    @property
    def plain(self) -> str:
        """One line, lower case, without marks of Markdown and without the final stop: what patterns are tried on."""
        bare = (
            re.sub(r"[`*]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", "", self.text)
            .replace("’", "'")
            .replace("“", '"')
            .replace("”", '"')
        )
        return " ".join(bare.split()).rstrip(" .;!").lower()

    @property
    def span(self) -> tuple[int, int] | None:
        return None if self.source else (self.start, self.end)


@dataclass(frozen=True)
class Row:
    """A row of a table by its column's lower-case heading."""

    cells: dict[str, str]
    start: int
    end: int
    heading: str


@dataclass(frozen=True)
class _Block:
    """A bullet, a paragraph or a cell that states a criterion; lines that only wrap are one block."""

    start: int
    end: int
    is_bullet: bool
    heading: str
    section: str


_WIKI = re.compile(r"^h([1-6])\. ", re.MULTILINE)


def in_markdown(text: str) -> str:
    """Wiki markup (h3. Title, # numbered item) as Markdown of the same length, so that places stay what they are."""
    if not _WIKI.search(text):
        return text
    return _WIKI.sub(lambda m: ("#" * min(int(m[1]), 3)).ljust(4), re.sub(r"^# ", "- ", text, flags=re.MULTILINE))


def cut(text: str, source: str = "", offset: int = 0) -> list[Sentence]:
    """Sentences in their order; headings, tables and fenced code are left out. `offset` is added to the places."""
    text = in_markdown(text)
    blocks = list(_Reader(text).blocks())
    listed = {block.heading for block in blocks if block.is_bullet}
    found: list[Sentence] = []
    for block in blocks:
        is_item = block.section == "criteria" and (block.is_bullet or block.heading not in listed)
        for left, right in _pieces(text[block.start : block.end], is_whole=block.is_bullet and is_item):
            piece = text[block.start + left : block.start + right]
            bare = piece.strip()
            if bare and re.search(r"\w", bare):
                begin = block.start + left + len(piece) - len(piece.lstrip())
                told = Sentence(
                    bare,
                    offset + begin,
                    offset + begin + len(bare),
                    block.is_bullet or is_item,
                    block.heading,
                    block.section,
                    source,
                )
                found.append(replace(told, section="out") if is_excluded(told.plain) else told)
    return found


def _pieces(body: str, *, is_whole: bool) -> list[tuple[int, int]]:
    """Places of the sentences of a block: an item of a list of criteria is one, and so are the steps of a scenario."""
    if is_whole:
        return [(0, len(body))]
    places = [0, *(m.end() for m in _END.finditer(body)), len(body)]
    sentences: list[tuple[int, int]] = []
    for left, right in pairwise(places):
        before = body[sentences[-1][0] : sentences[-1][1]].lstrip() if sentences else ""
        is_another = _WHOLE_WHEN.match(before) and _WHEN.match(body[left:])
        if _GIVEN.match(before) and _STEP.match(body[left:]) and not is_another:
            sentences[-1] = (sentences[-1][0], right)
        else:
            sentences.append((left, right))
    return [clause for sentence in sentences for clause in _clauses(body, *sentence)]


def _clauses(body: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence, or its clauses where one of them demands something and the other is only talk."""
    if end - start > 600 or _STORY.match(body[start:]):
        return [(start, end)]
    for joint in _JOINT.finditer(body, start, end):
        left, right = body[start : joint.start()], body[joint.end() : end]
        if joint["after"]:
            parts = bool(_DEMAND.search(left)) and not _DEMAND.search(right)
        elif joint["both"]:
            parts = bool(_DEMAND.search(left) and _DEMAND.search(right))
        else:
            is_spliced = bool(_DEMAND.search(left)) and joint[0] == ", " and bool(re.match(r"for\b", right, re.I))
            parts = (
                bool(_SUBJECT.match(right))
                and (is_spliced or not _DEMAND.search(left))
                and not _SUBORDINATE.match(left.strip())
            )
        if parts:
            return [(start, joint.start()), *_clauses(body, joint.end(), end)]
    return [(start, end)]


def rows(text: str, offset: int = 0) -> list[Row]:
    """The rows of all Markdown tables, and of lists in columns ("code   varchar(20)   unique")."""
    found: list[Row] = []
    columns: list[str] = []
    heading, place = "", offset
    for line in in_markdown(text).splitlines(keepends=True):
        told = heading_of(line)
        heading = told[1] if told else heading
        end = place + len(line.rstrip())
        if is_column_line(line):
            name, *about = re.split(r"\s{2,}", line.strip())
            found.append(Row({"name": name, "about": ", ".join(about)}, place, end, heading))
        if not is_row(line):
            columns = []
        elif not columns:
            columns = [cell.lower() for _, _, cell in _cells(line)]
        elif not is_rule_line(line):
            found.append(
                Row(dict(zip(columns, [cell for _, _, cell in _cells(line)], strict=False)), place, end, heading)
            )
        place += len(line)
    return found


def _cells(line: str) -> list[tuple[int, int, str]]:
    """(start, end, text) of each cell of a table's row."""
    bars = [m.start() for m in re.finditer(r"(?<!\\)\|", line)]
    cells = []
    for left, right in pairwise(bars):
        inside = line[left + 1 : right]
        start = left + 1 + len(inside) - len(inside.lstrip())
        cells.append((start, start + len(inside.strip()), inside.strip()))
    return cells


class _Reader:
    """Goes once through the lines and knows the heading, the table and the fence it is in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.headings = Headings()
        self.open: _Block | None = None
        self.criterion: int | None = None
        self.is_table = self.is_code = self.is_fenced = False

    def blocks(self) -> Iterator[_Block]:
        place = 0
        following = self._following()
        for number, line in enumerate(self.lines):
            yield from self._line(line, place, following[number])
            place += len(line)
        yield from self._close()

    def _following(self) -> list[str]:
        """For every line the next one that is not empty."""
        found, last = [""] * len(self.lines), ""
        for number in range(len(self.lines) - 1, -1, -1):
            found[number] = last
            last = self.lines[number] if self.lines[number].strip() else last
        return found

    def _close(self) -> Iterator[_Block]:
        if self.open:
            yield self.open
        self.open = None

    def _line(self, line: str, place: int, following: str) -> Iterator[_Block]:
        fence = _FENCE.match(line)
        if fence:
            yield from self._close()
            is_steps = fence["language"].lower() in ("gherkin", "cucumber", "feature") or GHERKIN.match(following)
            self.is_fenced = not self.is_fenced
            self.is_code = self.is_fenced and not is_steps
        elif self.is_code or not line.strip() or is_column_line(line):
            yield from self._close()
        elif is_row(line):
            yield from self._close()
            yield from self._row(line, place)
            return
        else:
            yield from self._prose(line, place, following)
        self.is_table = False

    def _row(self, line: str, place: int) -> Iterator[_Block]:
        cells = _cells(line)
        if not self.is_table:
            self.is_table = True
            columns = [
                n for n, (_, _, text) in enumerate(cells) if CRITERION_COLUMN.fullmatch(text.strip("* ").lower())
            ]
            self.criterion = columns[0] if columns and self.headings.section not in ("out", "background") else None
        elif self.criterion is not None and not is_rule_line(line) and self.criterion < len(cells):
            start, end, text = cells[self.criterion]
            if text:
                yield _Block(
                    place + start, place + end, is_bullet=True, heading=self.headings.heading, section="criteria"
                )

    def _prose(self, line: str, place: int, following: str) -> Iterator[_Block]:
        bullet = _BULLET.match(line)
        told = (None if bullet else heading_of(line)) or list_heading(line, following, is_bullet=bullet is not None)
        if told and not self._goes_on(line):
            yield from self._close()
            self.headings.enter(*told)
        elif bullet:
            yield from self._close()
            section = "criteria" if bullet["box"] and self.headings.section != "out" else self.headings.section
            self.open = _Block(
                place + bullet.end(),
                place + len(line.rstrip()),
                is_bullet=True,
                heading=self.headings.heading,
                section=section,
            )
        elif self.open and self._continues(line):
            self.open = _Block(
                self.open.start, place + len(line.rstrip()), self.open.is_bullet, self.open.heading, self.open.section
            )
        else:
            yield from self._close()
            number = _NUMBER.match(line)
            start = place + (number.end() if number else len(line) - len(line.lstrip()))
            self.open = _Block(
                start,
                place + len(line.rstrip()),
                is_bullet=False,
                heading=self.headings.heading,
                section=self.headings.section,
            )

    def _goes_on(self, line: str) -> bool:
        """Whether what looks like a heading is the end of a sentence that wraps."""
        return bool(self.open) and not line.lstrip().startswith("#") and line.strip()[:1].islower()

    def _continues(self, line: str) -> bool:
        """Whether a line goes on with the one before: a wrapped line, the next step of a scenario, the wish of a story."""
        assert self.open
        before, bare = self.text[self.open.start : self.open.end], line.strip()
        if _GIVEN.match(before) and _STEP.match(bare):
            return not re.match(r"given\b", bare, re.IGNORECASE)
        if _STORY.match(before) and _STORY_GOES_ON.match(bare):
            return True
        last = before.rsplit("\n", 1)[-1]
        return (
            bare[0].islower()
            or (self.open.is_bullet and line[:2].isspace())
            or (len(last) >= 60 and last.rstrip()[-1:] not in ".:!?")
        )
