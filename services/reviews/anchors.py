"""What a thread is about, and where that stands in another revision: pure rules over the two texts.

Source: difflib's matching blocks, as `git blame` and the reviews of code hosts carry remarks forward.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Share of characters that a changed text must still have in common with the old one to be taken for it.
NEAR = 0.6


class AnchorKind(StrEnum):
    PARAGRAPH = "paragraph"
    RECORD = "record"
    LINES = "lines"


@dataclass(frozen=True)
class Anchor:
    """`place`: path of the file, dotted path of the record, empty for the report. `first`, `last`: the lines, or the number of
    the paragraph, from 1; 0 for a record."""

    kind: AnchorKind
    place: str = ""
    first: int = 0
    last: int = 0


def follow(old: Sequence[str], new: Sequence[str], first: int, last: int) -> tuple[int, int] | None:
    """Where old[first..last] (from 0, both inclusive) stands in new; None when it does not stand there any more.

    Unchanged text follows what was inserted or deleted around it. Text that went elsewhere is found by being equal, text that
    was changed by being near; only pieces that do not belong to other old text come into question, so that what was deleted
    is never taken for a neighbour that is like it.
    """
    aligned = _Aligned(old, new)
    places = [aligned.same.get(item) for item in range(first, last + 1)]
    found = _unbroken(places) or aligned.find_moved(old[first : last + 1])
    if found:
        return found
    near = [
        aligned.find_near(item) if place is None else place
        for item, place in zip(range(first, last + 1), places, strict=True)
    ]
    known = [place for place in near if place is not None]
    if not known or known != sorted(set(known)):
        return None
    span = known[0], known[-1]
    return span if _ratio("\n".join(old[first : last + 1]), "\n".join(new[span[0] : span[1] + 1])) >= NEAR else None


def _unbroken(places: Sequence[int | None]) -> tuple[int, int] | None:
    """First and last, where one follows the other without a gap."""
    first = places[0]
    if first is None or list(places) != list(range(first, first + len(places))):
        return None
    return first, first + len(places) - 1


class _Aligned:
    """`same`: old item -> the new item that is the same; `blocks`: what was replaced by what, as index ranges."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self.old, self.new = old, new
        self.same: dict[int, int] = {}
        self.blocks: list[tuple[range, range]] = []
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
            if tag == "equal":
                self.same |= dict(zip(range(i1, i2), range(j1, j2), strict=True))
            else:
                self.blocks.append((range(i1, i2), range(j1, j2)))

    def find_moved(self, wanted: Sequence[str]) -> tuple[int, int] | None:
        """The same text among what is new."""
        for _, fresh in self.blocks:
            for begin in fresh[: max(0, len(fresh) - len(wanted) + 1)]:
                if all(a == b for a, b in zip(wanted, self.new[begin : begin + len(wanted)], strict=True)):
                    return begin, begin + len(wanted) - 1
        return None

    def find_near(self, item: int) -> int | None:
        """The new piece that took the place of the item: each is, of what was replaced there, most like the other."""
        for stale, fresh in self.blocks:
            if item in stale:
                best = _most_like(self.old[item], fresh, self.new)
                if best is not None and _most_like(self.new[best], stale, self.old) == item:
                    return best
        return None


def _most_like(text: str, candidates: Iterable[int], texts: Sequence[str]) -> int | None:
    """The candidate that is nearest, where one is near enough; the first of several that are equally near."""
    best, found = NEAR, None
    for candidate in candidates:
        ratio = _ratio(text, texts[candidate], at_least=best)
        if ratio > best or (found is None and ratio >= best):
            best, found = ratio, candidate
    return found


def _ratio(a: str, b: str, *, at_least: float = 0.0) -> float:
    """0..1; what surely stays below `at_least` is not counted to the end."""
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if not a.strip() or not b.strip() or matcher.real_quick_ratio() < at_least or matcher.quick_ratio() < at_least:
        return 0.0
    return matcher.ratio()
