"""Files as hunks with line numbers; what is no text or too large is said."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reviews.differences.files import FileDifference, compare_files
from services.reviews.differences.sequences import Budget, Change

LINES = [f"line {n}" for n in range(1, 41)]


def compared(before: bytes | None, after: bytes | None) -> FileDifference:
    return compare_files("app/x.py", before, after, Budget())


def joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def drawn(found: FileDifference) -> list[tuple[str, int | None, int | None, str]]:
    return [
        (line.kind.value, line.before, line.after, "".join(piece.text for piece in line.pieces))
        for hunk in found.hunks
        for line in hunk.lines
    ]


def test_a_changed_line_has_its_numbers_and_three_lines_around_it() -> None:
    found = compared(joined(LINES), joined([*LINES[:19], "line twenty", *LINES[20:]]))
    assert drawn(found) == [
        *[("same", n, n, f"line {n}") for n in (17, 18, 19)],
        ("removed", 20, None, "line 20"),
        ("added", None, 20, "line twenty"),
        *[("same", n, n, f"line {n}") for n in (21, 22, 23)],
    ]
    assert (found.hunks[0].skipped, found.skipped_after) == (16, 17)


def test_two_changes_far_apart_are_two_hunks_and_what_is_between_is_counted() -> None:
    found = compared(joined(LINES), joined(["new", *LINES[:30], *LINES[31:]]))
    assert [hunk.skipped for hunk in found.hunks] == [0, 24]
    assert [line for line in drawn(found) if line[0] != "same"] == [
        ("added", None, 1, "new"),
        ("removed", 31, None, "line 31"),
    ]


def test_two_changes_close_together_are_one_hunk() -> None:
    found = compared(joined(LINES), joined([*LINES[:9], "ten", *LINES[10:14], "fifteen", *LINES[15:]]))
    assert len(found.hunks) == 1


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.sampled_from("abcd"), max_size=30))
@settings(max_examples=200, deadline=None)
def test_the_hunks_and_what_they_skip_are_the_whole_of_both_files(one: list[str], other: list[str]) -> None:
    found = compared(joined(one), joined(other))
    if one == other:
        assert (found.kind, found.hunks) == (Change.SAME, ())
        return
    before: list[str] = []
    after: list[str] = []
    at = 0
    for hunk in found.hunks:
        kept = one[at : at + hunk.skipped]
        before, after = before + kept, after + kept
        for line in hunk.lines:
            text = "".join(piece.text for piece in line.pieces)
            if line.before:
                before.append(text)
                assert line.before == len(before)
            if line.after:
                after.append(text)
                assert line.after == len(after)
        at = len(before)
    rest = one[at : at + found.skipped_after]
    assert (before + rest, after + rest) == (one, other)


def test_a_new_file_and_one_that_is_gone_show_all_their_lines() -> None:
    assert [line[:3] for line in drawn(compared(None, b"a\nb\n"))] == [("added", None, 1), ("added", None, 2)]
    assert [line[:3] for line in drawn(compared(b"a\n", None))] == [("removed", 1, None)]
    assert (compared(None, b"").kind, compared(b"", None).kind) == (Change.ADDED, Change.REMOVED)


def test_what_is_no_text_is_said_with_its_sizes() -> None:
    assert compared(b"\x89PNG\0\0", b"\x89PNG\0\0\0").said == "It is no text: 6 bytes before, 7 after."
    assert compared(None, b"\xff\xfe\xfd").said == "It is no text: 3 bytes."


def test_the_last_line_break_is_told() -> None:
    assert compared(b"a\n", b"a").said == "The last line break is gone."
    assert compared(b"a\nb", b"a\nc\n").said == "The last line ends with a line break now."


def test_line_ends_of_windows_are_a_change() -> None:
    assert [line[0] for line in drawn(compared(b"a\n", b"a\r\n"))] == ["removed", "added"]


def test_huge_files_are_said_to_be_too_large_at_once() -> None:
    begin = time.process_time()
    assert compared(b"x" * 10_000_000, b"y" * 10_000_000).said == "It is too large to compare: 10,000,000 bytes."
    assert compared(b"a\n", b"x" * 5_000_000).said == "It is too large to compare: 5,000,000 bytes."
    assert compared(b"a\n" * 100_000, b"b\n" * 100_000).said == "It is too large to compare: 100,000 lines."
    assert time.process_time() - begin < 2


def test_the_largest_file_that_is_compared_is_compared_in_time_and_shown_in_part() -> None:
    begin = time.process_time()
    found = compared(joined([f"a{n}" for n in range(20_000)]), joined([f"b{n}" for n in range(20_000)]))
    assert len(drawn(found)) == 2_000
    assert found.said == "Only the first 2,000 lines of the difference are shown."
    assert time.process_time() - begin < 10


def test_a_very_long_line_is_shown_in_part() -> None:
    found = compared(b"a\n", b"x" * 900_000)
    assert drawn(found)[1][3].endswith("x … 898,000 more characters")
