"""An anchor stays with its text while the text lives, and never goes to another one."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reviews.anchors import follow

# What is inserted shares no character with what stands there, so that it can never be taken for it.
OLD = st.text(alphabet=string.ascii_lowercase, min_size=4, max_size=30)
FRESH = st.lists(st.text(alphabet=string.digits, min_size=1, max_size=30), max_size=6)


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[str], int, int]:
    """Pieces that all differ, and a range of them."""
    pieces = draw(st.lists(OLD, min_size=1, max_size=40, unique=True))
    first = draw(st.integers(0, len(pieces) - 1))
    return pieces, first, draw(st.integers(first, min(len(pieces) - 1, first + 5)))


def edited(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    """Some pieces are deleted, others inserted between them."""
    kept = [piece for piece in pieces if draw(st.booleans())]
    out: list[str] = []
    for piece in kept:
        out += draw(FRESH)
        out.append(piece)
    return out + draw(FRESH)


@settings(max_examples=100, deadline=None)
@given(st.data(), documents())
def test_edits_elsewhere_never_move_an_anchor_to_another_text(
    data: st.DataObject, document: tuple[list[str], int, int]
) -> None:
    old, first, last = document
    here = old[first : last + 1]
    new = [*data.draw(around(old[:first])), *here, *data.draw(around(old[last + 1 :]))]
    found = follow(old, new, first, last)
    assert found is not None
    assert new[found[0] : found[1] + 1] == here


@settings(max_examples=100, deadline=None)
@given(st.data(), documents())
def test_what_was_deleted_is_outdated_also_where_others_were_edited(
    data: st.DataObject, document: tuple[list[str], int, int]
) -> None:
    old, first, last = document
    new = data.draw(around(old[:first] + old[last + 1 :]))
    assert follow(old, new, first, last) is None


@settings(max_examples=100, deadline=None)
@given(documents(), st.integers(0, 40))
def test_what_went_elsewhere_is_found_there(document: tuple[list[str], int, int], target: int) -> None:
    old, first, last = document
    rest = old[:first] + old[last + 1 :]
    new = rest[:target] + old[first : last + 1] + rest[target:]
    found = follow(old, new, first, last)
    assert found is not None
    assert new[found[0] : found[1] + 1] == old[first : last + 1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["return None", "}", "", "x = 1"]), min_size=1, max_size=30), st.data())
def test_among_equal_texts_it_still_stands_on_an_equal_one(old: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(old) - 1))
    new = data.draw(around(old))
    found = follow(old, new, at, at)
    assert found is None or new[found[0]] == old[at]


def around(pieces: list[str]) -> st.SearchStrategy[list[str]]:
    return st.composite(lambda draw: edited(draw, pieces))()


@pytest.mark.parametrize(
    ("before", "after", "stands"),
    [
        ("Managers approve an expense.", "Managers approve or reject an expense.", True),
        ("Managers approve an expense.", "The weather is fine in Lisbon today.", False),
        ("| AC-1 | an amount is needed |", "| AC-2 | an amount is needed |", True),
        ("    limit = 5", "    limit = 50", True),
        ("limit", "Nothing is left of it.", False),
    ],
)
def test_a_changed_text_is_found_while_it_is_near(before: str, after: str, stands: bool) -> None:
    assert follow(["first", before, "last"], ["first", after, "last"], 1, 1) == ((1, 1) if stands else None)


def test_a_deleted_row_is_not_taken_for_the_next_one_that_got_its_number() -> None:
    old = ["1 creating it without amount is refused", "2 creating it without category is refused", "3 and so on"]
    new = ["1 creating it without category is refused", "2 and so on"]
    assert follow(old, new, 0, 0) is None
    assert follow(old, new, 1, 1) == (0, 0)


def test_a_range_grows_with_a_line_that_is_put_into_it_and_shrinks_with_one_that_goes() -> None:
    old = ["def total(items):", "    result = sum(items)", "    return result", "# end"]
    grown = [old[0], old[1], "    check(result)", *old[2:]]
    assert follow(old, grown, 0, 2) == (0, 3)
    assert follow(old, [old[0], *old[2:]], 0, 2) == (0, 1)


def test_a_long_file_is_followed_in_little_time() -> None:
    old = [f"line {n} of {n * 7919 % 1000}" if n % 3 else "" for n in range(6_000)]
    new = ["added", *old[:3_000], *(f"changed {line}" for line in old[3_000:3_200]), *old[3_200:]]
    assert follow(old, new, 2_999, 3_010) is not None
    assert follow(old, new, 5_000, 5_000) == (5_001, 5_001)
