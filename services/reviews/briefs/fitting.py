"""Keeps a brief within its words: what is critical is always named, and said in full as far as there is room."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.reviews.briefs.seen import Source

WORDS_MAX = 400
# What a screen says around it, such as how long it takes to read.
_ROOM = WORDS_MAX - 12
# Source: the notes on metrics; a decision in less time than the brief takes at this pace is hasty.
WORDS_A_MINUTE = 250
_ITEMS_MAX = 4


@dataclass(frozen=True)
class Item:
    """`name` leads to the source; `said` is the rest."""

    name: str
    said: str
    source: Source


@dataclass(frozen=True)
class Line:
    """With `words` a list, "Limit changed: a (500 to 900), b and 3 more"; without, a sentence about one item, "TH-1: ..."."""

    words: str
    items: tuple[Item, ...]
    more: int = 0

    @property
    def text(self) -> str:
        if not self.words:
            return "; ".join(f"{item.name}: {item.said}" for item in self.items)
        told = ", ".join(f"{item.name} ({item.said})" if item.said else item.name for item in self.items)
        return f"{self.words}: {told}{f' and {self.more} more' if self.more else ''}"


@dataclass(frozen=True)
class Section:
    """`left_out`: lines for which there was no room."""

    title: str
    lines: tuple[Line, ...]
    left_out: int = 0

    @property
    def heading(self) -> str:
        return f"{self.title} ({self.left_out} more not shown)" if self.left_out else self.title


@dataclass(frozen=True)
class Brief:
    """`lead` says since when, `steps` what is new since then; `sections` are worst first. `words` counts all that is read."""

    lead: str
    steps: tuple[Line, ...]
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """As it is read aloud."""
        parts = [self.lead, *(line.text for line in self.steps)]
        for section in self.sections:
            parts += [section.heading, *(line.text for line in section.lines)]
        return "\n".join(filter(None, parts))

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def reading_time(self) -> str:
        minutes = round(self.words / WORDS_A_MINUTE)
        if not minutes:
            return "less than a minute"
        return "about 1 minute" if minutes == 1 else f"about {minutes} minutes"


def shortened(text: str, *, words: int, characters: int = 0) -> str:
    """At most so many words; one that is endless is cut as well."""
    most = characters or words * 12
    parts = text.split()
    cut = " ".join(parts[:words])
    if len(cut) > most:
        cut = cut[: most - 1].rstrip()
    return cut if cut == " ".join(parts) else f"{cut.rstrip('.,;:')}…"


def fit(lead: str, steps: tuple[Line, ...], critical: Section, others: Sequence[Section]) -> Brief:
    """First every critical kind, by name where there is no room for more; then the first line of each section; then more."""
    others = [section for section in others if section.lines]
    least = [_with(section, section, 0) for section in others]
    firsts = [_with(section, section, 1) for section in others]
    page = Brief(lead, steps, (_critical(critical, 0), *firsts))
    if page.words > _ROOM:
        firsts = least
        page = replace(page, sections=(page.sections[0], *firsts))
    named = 0
    for count in range(1, len(critical.lines) + 1):
        tried = _replaced(page, 0, _critical(critical, count))
        if tried.words <= _ROOM:
            page, named = tried, count
    page = _grown(page, critical, named, sizes=(1,))
    for position, whole in enumerate(others, start=1):
        for count in range(len(page.sections[position].lines) + 1, len(whole.lines) + 1):
            tried = _replaced(page, position, _with(whole, whole, count))
            page = tried if tried.words <= _ROOM else page
    page = _grown(page, critical, named, sizes=range(2, _ITEMS_MAX + 1))
    return replace(page, sections=tuple(section for section in page.sections if section.lines))


def _replaced(page: Brief, position: int, section: Section) -> Brief:
    return replace(page, sections=(*page.sections[:position], section, *page.sections[position + 1 :]))


def _with(section: Section, whole: Section, count: int) -> Section:
    return replace(section, lines=whole.lines[:count], left_out=len(whole.lines) - count + whole.left_out)


def _critical(whole: Section, named: int) -> Section:
    """The first `named` lines, small; of the others only the kind and how many there are, in one line."""
    lines = [_sized(line, 1, is_said=False) for line in whole.lines[:named]]
    rest = [
        Item(line.words, str(len(line.items)) if len(line.items) > 1 else "", line.items[0].source)
        for line in whole.lines[named:]
    ]
    if rest:
        lines.append(Line("Also" if lines else "Changed", tuple(rest)))
    return replace(whole, lines=tuple(lines))


def _sized(line: Line, size: int, *, is_said: bool) -> Line:
    items = tuple(item if is_said else replace(item, said="") for item in line.items[:size])
    return replace(line, items=items, more=len(line.items) - len(items))


def _grown(page: Brief, whole: Section, named: int, *, sizes: Sequence[int]) -> Brief:
    """The critical lines, worst first, each larger as long as it fits: with what is said of it, and with more items."""
    for position in range(named):
        for size in sizes:
            lines = page.sections[0].lines
            larger = _sized(whole.lines[position], size, is_said=True)
            section = replace(page.sections[0], lines=(*lines[:position], larger, *lines[position + 1 :]))
            tried = _replaced(page, 0, section)
            if tried.words > _ROOM:
                break
            page = tried
    return page
