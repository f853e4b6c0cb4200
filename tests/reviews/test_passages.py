"""What a thread can be about: the pieces of a report, of records and of a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reviews.passages import lines_of_file, paragraphs_of, records_of, sections_of

REPORT = """# Title

Two lines
of one paragraph.

## Rows

| Id | What |
|---|---|
| 1 | one |
| 2 | two |

- item
- another
  and its second line

```mermaid
graph TD

## no heading
```
## End
last
"""


def test_a_report_is_cut_into_what_people_point_at() -> None:
    assert [piece.text for piece in paragraphs_of(REPORT)] == [
        "# Title",
        "Two lines\nof one paragraph.",
        "## Rows",
        "| 1 | one |",
        "| 2 | two |",
        "- item",
        "- another\n  and its second line",
        "```mermaid\ngraph TD\n\n## no heading\n```",
        "## End",
        "last",
    ]


def test_sections_hold_the_whole_report_and_every_paragraph_once() -> None:
    sections = sections_of(REPORT)
    assert "\n".join(section.text for section in sections) + "\n" == REPORT
    assert [(s.first, s.last) for s in sections] == [(1, 2), (3, 8), (9, 10)]


@given(st.text(alphabet="#|-`~ \n*ab1.", max_size=200))
def test_any_text_is_cut_without_loss(text: str) -> None:
    sections, count = sections_of(text), len(paragraphs_of(text))
    numbers = [n for section in sections for n in range(section.first, section.last + 1)]
    assert numbers == list(range(1, count + 1))
    shown = "\n".join(section.text for section in sections)
    assert all(piece.text in shown for piece in paragraphs_of(text))


def test_records_are_named_by_their_ids_where_they_have_some() -> None:
    records = {
        "schema_version": 1,
        "summary": "Short.",
        "operations": [{"id": "OP-a", "roles": ["x", "y"], "note": ""}, {"id": "OP-b", "roles": []}],
        "stakeholders": [{"role": "employee"}, {"role": "manager"}],
        "twice": [{"id": "X"}, {"id": "X"}],
        "assumptions": ["One.", "Two."],
        "flag": {"key": "k", "default": False},
        "empty": [],
    }
    assert {piece.place: piece.text for piece in records_of(records)} == {
        "summary": "Short.",
        "operations[OP-a]": "id: OP-a\nroles: x, y",
        "operations[OP-b]": "id: OP-b",
        "stakeholders[1]": "role: employee",
        "stakeholders[2]": "role: manager",
        "twice[1]": "id: X",
        "twice[2]": "id: X",
        "assumptions[1]": "One.",
        "assumptions[2]": "Two.",
        "flag": "key: k\ndefault: False",
    }


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"one", ["one"]),
        (b"one\r\ntwo\n", ["one", "two"]),
        (b"a\x0cb\n\n", ["a\x0cb", ""]),
        (b"\xff", ["\ufffd"]),
    ],
)
def test_lines_are_counted_as_the_screen_counts_them(data: bytes, lines: list[str]) -> None:
    assert [piece.text for piece in lines_of_file(data)] == lines
