"""Reports by paragraph: what stayed, came, went, and what was changed inside."""

import time

from services.reviews.differences.reports import CHARACTERS_MAX, ReportDifference, compare_reports
from services.reviews.differences.sequences import Budget, Change

BEFORE = """# Risk

Receipts hold names of guests.

## Threats

| id | threat |
|---|---|
| TH-1 | an employee approves |
| TH-2 | a token is stolen |

```sh
make run

make test
```
"""


def compared(after: str, before: str = BEFORE) -> ReportDifference:
    return compare_reports(before, after, Budget())


def changed(found: ReportDifference) -> list[tuple[Change, str, str]]:
    return [
        (p.kind, p.section, "".join(piece.text for piece in p.pieces if piece.kind is not Change.REMOVED))
        for p in found.paragraphs
        if p.kind is not Change.SAME
    ]


def test_the_same_report_has_no_difference() -> None:
    assert compared(BEFORE).is_same
    assert "".join(piece.text for p in compared(BEFORE).paragraphs for piece in p.pieces).count("TH-1") == 1


def test_a_changed_sentence_is_found_in_its_section_with_its_words() -> None:
    found = compared(BEFORE.replace("names of guests", "names of customers"))
    assert changed(found) == [(Change.CHANGED, "Risk", "Receipts hold names of customers.")]
    [paragraph] = [p for p in found.paragraphs if p.kind is Change.CHANGED]
    assert {(p.kind, p.text) for p in paragraph.pieces if p.kind is not Change.SAME} == {
        (Change.REMOVED, "guests"),
        (Change.ADDED, "customers"),
    }


def test_a_row_of_a_table_changes_alone() -> None:
    found = compared(BEFORE.replace("a token is stolen", "a token is stolen and used"))
    assert changed(found) == [(Change.CHANGED, "Threats", "| TH-2 | a token is stolen and used |")]


def test_a_row_that_is_gone_is_one_paragraph() -> None:
    found = compared(BEFORE.replace("| TH-1 | an employee approves |\n", ""))
    assert [(p.kind, p.pieces[0].text) for p in found.paragraphs if p.kind is not Change.SAME] == [
        (Change.REMOVED, "| TH-1 | an employee approves |")
    ]


def test_a_fence_is_one_paragraph_whatever_is_in_it() -> None:
    found = compared(BEFORE.replace("make test", "make test\n\n# not a heading"))
    [(kind, section, text)] = changed(found)
    assert (kind, section) == (Change.CHANGED, "Threats")
    assert text.startswith("```sh\nmake run")


def test_what_was_written_anew_stands_after_what_it_replaces() -> None:
    found = compared(
        "# Risk\n\nNothing here is as it was.\n", before="# Risk\n\nAmounts above 500 EUR need a comment.\n"
    )
    assert [p.kind for p in found.paragraphs] == [Change.SAME, Change.ADDED, Change.REMOVED]


def test_a_huge_report_is_said_to_be_too_large() -> None:
    begin = time.process_time()
    found = compared("x" * (CHARACTERS_MAX + 1))
    assert found.too_large == "The report is too large to compare: 1,000,001 characters."
    assert not found.is_same
    assert compared("a\n\n" * 30_000).too_large == "The report is too large to compare: 30,000 paragraphs."
    assert time.process_time() - begin < 2


def test_a_report_that_shares_no_paragraph_is_compared_in_time() -> None:
    one = "\n\n".join(f"The {n}th part says that number {n} is due on day {n * 7}." for n in range(9_000))
    other = "\n\n".join(f"The {n}th part says that number {n} was due on day {n * 5}!" for n in range(9_000))
    begin = time.process_time()
    assert compared(other, before=one).paragraphs
    assert time.process_time() - begin < 10
