"""How texts as people write them are cut, and what their headings make of it."""

import time

import pytest

from services.features.criteria import is_stated
from services.features.sentences import cut, rows


def stated(text: str) -> list[str]:
    return [s.text for s in cut(text) if is_stated(s)]


ONE = "The plate is unique."
HEADED = (
    f"AC:\n * {ONE}",
    f"Acceptance checklist\n\n- [ ] {ONE}",
    f"Checklist (everything ticked = done):\n\n- {ONE}",
    f"It is done when\n- {ONE}",
    f"## When are we done?\n\n- {ONE}",
    f"What must hold:\n1. {ONE}",
    f"To be accepted:\n\n- [ ] {ONE}",
    f"Must have\n1. {ONE}",
    f"**Acceptance criteria**\n- {ONE}",
    f"## Acceptance criteria\n\n**Cars**\n\n* {ONE}",
    f"| # | Criterion |\n|---|---|\n| 1 | {ONE} |",
    f"| ID | Requirement | Prio |\n|---|---|---|\n| A | {ONE} | B |",
    f"Some talk.\n\n- [ ] {ONE}",
    f"## Problem\n\nNobody knew.\n\n- [x] {ONE}",
    f"Talk.\n- {ONE}",
    f"Furthermore:\n\n- {ONE}",
    f"# Policy\n\n1. {ONE}",
)


@pytest.mark.parametrize("text", HEADED)
def test_a_criterion_is_found_below_any_heading(text: str) -> None:
    assert stated(text) == [ONE]


NOT_STATED = (
    f"## Out of scope\n- {ONE}",
    f"## What is not part of it?\n- {ONE}",
    "## Problem\n\nEvery plate must be written down by hand.",
    "## Alternatives that we looked at\n\n1. A form that must be mailed.",
    "# Open questions\n- Must the plate be unique?",
    f"```python\n- {ONE}\n```",
    "| | last year |\n|---|---|\n| upgrades | 410 |",
    "As a driver I want a plate that must be unique, so that nobody else has it.",
    "`permit`\n  - `plate`: string, must be unique",
    "Contracts must not be part of this and are out of scope.",
    "7.1 Purpose: order on the street.",
)


@pytest.mark.parametrize("text", NOT_STATED)
def test_background_fields_and_stories_state_nothing(text: str) -> None:
    assert stated(text) == []


PROSE = (
    ("Everybody asks for it so members must be able to search books.", "members must be able to search books."),
    ("We had an incident, so the reason must not be visible to others.", "the reason must not be visible to others."),
    ("Declined ones have to be deleted, our lawyer was clear about that.", "Declined ones have to be deleted"),
    ("Every change must be recorded since we had discussions.", "Every change must be recorded"),
    ("7.2 Every sample shall be kept.", "Every sample shall be kept."),
    ("No member may hold two bookings.", "No member may hold two bookings."),
    ("When a loan is late, the member must get an SMS.", "When a loan is late, the member must get an SMS."),
)


@pytest.mark.parametrize(("text", "criterion"), PROSE)
def test_the_clause_that_demands_something_stands_alone(text: str, criterion: str) -> None:
    assert [s for s in stated(text) if s in criterion or criterion in s] == [criterion]


def test_two_demands_joined_by_when_are_two() -> None:
    text = "Only trainers may cancel a class and when a class is cancelled all members must be notified."
    assert stated(text) == [
        "Only trainers may cancel a class",
        "when a class is cancelled all members must be notified.",
    ]


def test_an_item_with_two_sentences_is_one_criterion() -> None:
    text = "Rules:\n- `source` is one of mail, phone. Default: mail."
    assert stated(text) == ["`source` is one of mail, phone. Default: mail."]


STEPS = "Given a permit\n  When a resident grants it\n  Then the answer is 403\n  And a clerk can grant it"


def test_scenarios_are_criteria_without_their_names() -> None:
    text = f"Acceptance:\n\n```gherkin\nScenario: granting\n  {STEPS}\n\nScenario: again\n  {STEPS}!\n```"
    assert stated(text) == [STEPS, f"{STEPS}!"]


def test_a_scenario_may_stand_on_one_line() -> None:
    text = "Given a late loan. When it is returned. Then a fee is due. The end."
    assert [s.text for s in cut(text)] == ["Given a late loan. When it is returned. Then a fee is due.", "The end."]


def test_a_story_over_several_lines_is_one_sentence() -> None:
    text = "**As a** driver\n**I want** to see trips\n**so that** I know.\nAs a clerk I want more."
    assert len(cut(text)) == 2


def test_spans_lead_back_to_the_text() -> None:
    text = f"Intro. More!\n\n## Rules\n- [ ] {ONE}\n\n| Rule |\n|---|\n|  {ONE}  |\n"
    assert all(text[s.start : s.end] == s.text for s in cut(text))
    assert [text[s.start - 5 : s.end - 5] for s in cut(text, offset=5)] == [s.text for s in cut(text)]


def test_rows_are_read_from_tables_and_from_columns() -> None:
    text = "| Field | Type |\n|---|---|\n| `code` | date |\n\n    plate    varchar(9)   unique\n"
    assert [row.cells for row in rows(text)] == [
        {"field": "`code`", "type": "date"},
        {"name": "plate", "about": "varchar(9), unique"},
    ]


@pytest.mark.parametrize("piece", ["a, ", "must so the ", "- [ ] x must\n", "| a ", "**a", "given ", "a: \n", "1.1 A "])
def test_a_long_text_is_cut_in_linear_time(piece: str) -> None:
    started = time.perf_counter()
    cut(piece * (100_000 // len(piece)))
    assert time.perf_counter() - started < 3
