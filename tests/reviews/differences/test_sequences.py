"""Any two sequences: the answer covers both sides and is true, and what it costs is bounded."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reviews.differences import sequences
from services.reviews.differences.sequences import Budget, Change, one_side, stretches, word_pieces

SMALL = st.lists(st.integers(0, 4), max_size=25)
LINES = 100_000


def longest_common(one: list[int], other: list[int]) -> int:
    """By the table of the textbook."""
    best = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            best[i + 1][j + 1] = best[i][j] + 1 if a == b else max(best[i][j + 1], best[i + 1][j])
    return best[-1][-1]


@given(SMALL, SMALL, st.integers(0, 200))
@settings(max_examples=300, deadline=None)
def test_the_stretches_cover_both_sides_and_the_same_is_the_same(one: list[int], other: list[int], steps: int) -> None:
    """However few steps it may take."""
    i = j = 0
    for part in stretches(one, other, Budget(steps)):
        assert (part.before.start, part.after.start) == (i, j)
        i, j = part.before.stop, part.after.stop
        assert len(part.before) + len(part.after) > 0
        if part.is_same:
            assert one[part.before.start : i] == other[part.after.start : j]
    assert (i, j) == (len(one), len(other))


@given(SMALL, SMALL)
@settings(max_examples=150, deadline=None)
def test_where_nothing_holds_them_together_as_much_as_possible_stays(one: list[int], other: list[int]) -> None:
    pairs = sequences._shortest(one, other, Budget())
    assert all(one[i] == other[j] for i, j in pairs)
    assert len(pairs) == longest_common(one, other)


HOSTILE: dict[str, Callable[[], tuple[list[str], list[str]]]] = {
    "one line again and again": lambda: (["x"] * LINES, ["x", "y"] * (LINES // 2)),
    "two rhythms": lambda: ([str(n % 7) for n in range(LINES)], [str(n % 5) for n in range(LINES)]),
    "nothing in common": lambda: ([f"a{n}" for n in range(LINES)], [f"b{n}" for n in range(LINES)]),
    "turned around": lambda: ([str(n) for n in range(LINES)], [str(n) for n in range(LINES, 0, -1)]),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_what_was_made_to_take_long_is_given_up_in_time(make: Callable[[], tuple[list[str], list[str]]]) -> None:
    one, other = make()
    begin = time.process_time()
    assert stretches(one, other, Budget())
    assert time.process_time() - begin < 5


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_the_pieces_of_each_side_are_its_text(before: str, after: str) -> None:
    pieces = word_pieces(before, after, Budget())
    assert "".join(piece.text for piece in one_side(pieces, Change.ADDED)) == before
    assert "".join(piece.text for piece in one_side(pieces, Change.REMOVED)) == after


def test_a_changed_word_is_marked_alone() -> None:
    pieces = word_pieces("Amounts above 500 EUR need a comment.", "Amounts above 900 EUR need a comment.", Budget())
    assert [(piece.kind, piece.text) for piece in pieces if piece.kind is not Change.SAME] == [
        (Change.REMOVED, "500"),
        (Change.ADDED, "900"),
    ]


def test_a_sentence_that_has_little_in_common_is_replaced_as_a_whole() -> None:
    before, after = "Managers approve expenses.", "Nobody may see what was paid before it is due."
    assert [piece.text for piece in word_pieces(before, after, Budget())] == [before, after]
