"""A report by paragraph, and inside changed paragraphs by word. A fence, a row of a table and a point of a list are one each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.reviews.differences.sequences import Budget, Change, Piece, likeness, stretches, word_pieces

CHARACTERS_MAX = 1_000_000
PARAGRAPHS_MAX = 10_000
_OWN_LINE = re.compile(r"\s*(?:\||#{1,6} |[-*+] |\d{1,9}[.)] )")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
# How alike two paragraphs are that count as one that was changed, and how many are tried against each other.
_ALIKE = 0.5
_TRIED_MAX = 60


@dataclass(frozen=True)
class Paragraph:
    """`section`: the heading that it stands under. `pieces` of a paragraph that came or went is one."""

    kind: Change
    section: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ReportDifference:
    """`too_large`: a sentence where nothing was compared, else empty. `paragraphs`: all, also those that stayed."""

    paragraphs: tuple[Paragraph, ...]
    too_large: str = ""

    @property
    def is_same(self) -> bool:
        return not self.too_large and all(p.kind is Change.SAME for p in self.paragraphs)


def compare_reports(before: str, after: str, budget: Budget) -> ReportDifference:
    longest = max(len(before), len(after))
    if longest > CHARACTERS_MAX:
        return ReportDifference((), f"The report is too large to compare: {longest:,} characters.")
    one, other = list(_paragraphs(before)), list(_paragraphs(after))
    if max(len(one), len(other)) > PARAGRAPHS_MAX:
        return ReportDifference((), f"The report is too large to compare: {max(len(one), len(other)):,} paragraphs.")
    found: list[Paragraph] = []
    for part in stretches([text for text, _ in one], [text for text, _ in other], budget):
        old, new = one[part.before.start : part.before.stop], other[part.after.start : part.after.stop]
        if part.is_same:
            found += [Paragraph(Change.SAME, section, (Piece(Change.SAME, text),)) for text, section in new]
        else:
            found += _replaced(old, new, budget)
    return ReportDifference(tuple(found))


def _replaced(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]], budget: Budget) -> Iterator[Paragraph]:
    """Each new paragraph beside the old one that it was made of, where there is one; the order is kept."""
    start = 0
    for text, section in new:
        ahead = old[start : start + _TRIED_MAX]
        partner = next((n for n, (was, _) in enumerate(ahead) if _are_alike(was, text, budget)), None)
        if partner is None:
            yield Paragraph(Change.ADDED, section, (Piece(Change.ADDED, text),))
            continue
        yield from (_gone(*gone) for gone in ahead[:partner])
        yield Paragraph(Change.CHANGED, section, word_pieces(ahead[partner][0], text, budget))
        start += partner + 1
    yield from (_gone(*gone) for gone in old[start:])


def _are_alike(was: str, text: str, budget: Budget) -> bool:
    return budget.spend((len(was) + len(text)) // 4) and likeness(was, text) >= _ALIKE


def _gone(text: str, section: str) -> Paragraph:
    return Paragraph(Change.REMOVED, section, (Piece(Change.REMOVED, text),))


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """(text, section), in order."""
    section, lines, fence = "", [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            lines.append(line)
            if line.strip().startswith(fence):
                yield "\n".join(lines), section
                lines, fence = [], ""
            continue
        if lines and (mark or not line.strip() or _OWN_LINE.match(line)):
            yield "\n".join(lines), section
            lines = []
        if mark:
            fence = mark[1]
        if line.strip().startswith("#"):
            section = line.strip("# \t\r")
        if line.strip():
            lines.append(line)
    if lines:
        yield "\n".join(lines), section
