"""Two sequences compared within a budget of steps: what hostile input costs is bounded, and the answer is always true.

Items that occur once on both sides are held together first, then the shortest edit between them is looked for. Where
the budget ends, the rest of a place counts as replaced: still correct, only not the smallest difference.

Source: Bram Cohen's patience diff; E. W. Myers, "An O(ND) difference algorithm and its variations", 1986.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

STEPS_MAX = 1_000_000  # one second, about
_EDITS_MAX = 1_000  # of one place: what is kept to find the way back grows with its square
_TOKENS_MAX = 4_000
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
# Of two texts, the share of words that are common; below it one has replaced the other.
_ALIKE = 0.4


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stayed, came or went."""

    kind: Change
    text: str


@dataclass(frozen=True)
class Stretch:
    """Positions on both sides: equal, or one in place of the other; either side may be empty."""

    is_same: bool
    before: range
    after: range


class Budget:
    """How many steps a comparison may still take; shared by everything that is compared in one act."""

    def __init__(self, steps: int = STEPS_MAX) -> None:
        self.left = steps

    def spend(self, steps: int) -> bool:
        """Whether that much was left."""
        self.left -= steps
        return self.left >= 0


def stretches(before: Sequence[Hashable], after: Sequence[Hashable], budget: Budget) -> tuple[Stretch, ...]:
    """In order, covering both sides."""
    numbers: dict[Hashable, int] = {}
    one, other = ([numbers.setdefault(item, len(numbers)) for item in side] for side in (before, after))
    pairs = [*sorted(_pairs(one, other, budget)), (len(one), len(other))]
    found: list[Stretch] = []
    i = j = start = 0
    while start < len(pairs):
        a, b = pairs[start]
        if a > i or b > j:
            found.append(Stretch(is_same=False, before=range(i, a), after=range(j, b)))
        end = start
        while end < len(pairs) - 1 and pairs[end] == (a + end - start, b + end - start):
            end += 1
        if end == start:
            break
        i, j = a + end - start, b + end - start
        found.append(Stretch(is_same=True, before=range(a, i), after=range(b, j)))
        start = end
    return tuple(found)


def word_pieces(before: str, after: str, budget: Budget) -> tuple[Piece, ...]:
    """One text with what went and what came, word by word; as a whole where little is common or it is too long."""
    one, other = _TOKEN.findall(before[: _TOKENS_MAX * 20]), _TOKEN.findall(after[: _TOKENS_MAX * 20])
    whole = (Piece(Change.REMOVED, before), Piece(Change.ADDED, after))
    if len("".join(one)) < len(before) or len("".join(other)) < len(after) or max(len(one), len(other)) > _TOKENS_MAX:
        return whole
    # What one piece costs counts, not only the comparing.
    if not budget.spend(4 * (len(one) + len(other))) or likeness(before, after) < _ALIKE:
        return whole
    found = [
        piece
        for part in stretches(one, other, budget)
        for piece in (
            [Piece(Change.SAME, "".join(one[part.before.start : part.before.stop]))]
            if part.is_same
            else [
                Piece(Change.REMOVED, "".join(one[part.before.start : part.before.stop])),
                Piece(Change.ADDED, "".join(other[part.after.start : part.after.stop])),
            ]
        )
    ]
    return tuple(piece for piece in found if piece.text)


def likeness(before: str, after: str) -> float:
    """Share 0..1 of words that two texts have in common, whatever their order."""
    one, other = (Counter(re.findall(r"\w+", text[: _TOKENS_MAX * 20].lower())) for text in (before, after))
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else float(before == after)


def one_side(pieces: Sequence[Piece], gone: Change) -> tuple[Piece, ...]:
    """The pieces of one of the two texts: without what is only in the other."""
    return tuple(piece for piece in pieces if piece.kind is not gone)


def _pairs(one: Sequence[int], other: Sequence[int], budget: Budget) -> Iterator[tuple[int, int]]:
    """Positions that are held to be the same, in no order."""
    places = [(0, len(one), 0, len(other))]
    while places:
        i, i_end, j, j_end = places.pop()
        while i < i_end and j < j_end and one[i] == other[j]:
            yield i, j
            i, j = i + 1, j + 1
        while i < i_end and j < j_end and one[i_end - 1] == other[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
            yield i_end, j_end
        if i == i_end or j == j_end or not budget.spend(i_end - i + j_end - j):
            continue
        anchors = _anchors(one[i:i_end], other[j:j_end])
        if not anchors:
            yield from ((i + a, j + b) for a, b in _shortest(one[i:i_end], other[j:j_end], budget))
            continue
        held = [(i - 1, j - 1), *((i + a, j + b) for a, b in anchors), (i_end, j_end)]
        yield from held[1:-1]
        places += [(a + 1, c, b + 1, d) for (a, b), (c, d) in pairwise(held)]


def _anchors(one: Sequence[int], other: Sequence[int]) -> list[tuple[int, int]]:
    """Items that occur once on both sides, as many as stand in the same order."""
    times, again = Counter(one), Counter(other)
    place = {item: position for position, item in enumerate(other)}
    unique = [(i, place[item]) for i, item in enumerate(one) if times[item] == 1 and again.get(item) == 1]
    ends: list[int] = []  # the smallest last position of a row of each length
    last: list[int] = []  # which of `unique` it is
    before: list[int] = []
    for number, (_, j) in enumerate(unique):
        length = bisect_left(ends, j)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(unique[number])
        number = before[number]
    return found[::-1]


def _shortest(one: Sequence[int], other: Sequence[int], budget: Budget) -> list[tuple[int, int]]:
    """The pairs of a shortest edit; none where it takes too many steps to find."""
    rows: list[list[int]] = []  # by number of edits: the furthest position in `one` on each diagonal
    furthest = [0]
    for edits in range(min(len(one) + len(other), _EDITS_MAX) + 1):
        if not budget.spend(edits + 1):
            return []
        row = []
        for turn in range(edits + 1):  # diagonal 2 * turn - edits
            if edits == 0:
                i = 0
            elif turn == 0 or (turn < edits and furthest[turn - 1] < furthest[turn]):
                i = furthest[turn]
            else:
                i = furthest[turn - 1] + 1
            begin, j = i, i - (2 * turn - edits)
            while i < len(one) and j < len(other) and one[i] == other[j]:
                i, j = i + 1, j + 1
            if not budget.spend(i - begin):
                return []
            row.append(i)
            if i >= len(one) and j >= len(other):
                return _way_back([*rows, row], turn)
        rows.append(row)
        furthest = row
    return []


def _way_back(rows: list[list[int]], turn: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(rows) - 1, -1, -1):
        diagonal, i = 2 * turn - edits, rows[edits][turn]
        begin = 0
        if edits:
            before = rows[edits - 1]
            came_down = turn == 0 or (turn < edits and before[turn - 1] < before[turn])
            begin = before[turn] if came_down else before[turn - 1] + 1
            turn = turn if came_down else turn - 1
        pairs += [(at, at - diagonal) for at in range(begin, i)]
    return pairs
