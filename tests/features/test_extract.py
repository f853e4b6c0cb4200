"""What is understood of a text."""

import time

import pytest

from services.features.extract import understand
from services.features.request import FeatureRequest
from services.features.understanding import RuleKind
from services.workflow.options import Complexity, Methodology
from tests.builders import REQUEST


def asked(title: str, description: str) -> FeatureRequest:
    return FeatureRequest(
        title=title, description=description, methodology=Methodology.TRADITIONAL, complexity=Complexity.MEDIUM
    )


def test_actors_things_and_states_are_found() -> None:
    understood = understand(REQUEST)
    assert understood.actors == ("employee", "manager")
    assert [resource.name for resource in understood.resources] == ["expense"]
    assert [field.name for field in understood.resources[0].fields] == ["amount", "category", "receipt_link", "comment"]
    assert understood.resources[0].transitions == (
        ("approve", "submitted", "approved"),
        ("reject", "submitted", "rejected"),
    )


def test_stated_criteria_survive_word_for_word() -> None:
    lines = ["The name is required", "Nobody sees a 🔒 <b>secret</b>", "p95 is below 200 ms"]
    understood = understand(
        asked(
            "Rewards",
            "Owners create a reward with a name and a price.\n\n## Acceptance criteria\n- [ ] "
            + "\n- [ ] ".join(lines),
        )
    )
    assert [c.text for c in understood.criteria if c.stated] == lines


def test_a_demand_with_a_condition_has_a_rule_with_it() -> None:
    (criterion,) = [c for c in understand(REQUEST).criteria if "500 EUR" in c.text]
    assert [(r.kind, r.fields) for r in criterion.rules] == [(RuleKind.REQUIRED, ("comment",))]
    condition = criterion.rules[0].condition
    assert condition is not None
    assert (condition.field, condition.operator, condition.value) == ("amount", ">", "50000")


def test_spans_lead_back_to_the_text() -> None:
    text = f"{REQUEST.title}\n{REQUEST.description}"
    spans = [case.span for case in understand(REQUEST).use_cases]
    assert all(span and text[span[0] : span[1]].strip() for span in spans)


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("😀😀", "ملاحظات <b>x</b> {{7*7}}"),
        ("Search", "Search"),
        ("class", "Users create a class with a def, an import and a lambda."),
        ("'; DROP TABLE x; --", '""" \\ {% raw %} \u202e'),
    ],
)
def test_any_text_gives_a_usable_model(title: str, description: str) -> None:
    understood = understand(asked(title, description))
    assert understood.resources
    assert understood.stories
    assert all(
        name.isidentifier() and name.isascii()
        for r in understood.resources
        for name in (r.name, *(f.name for f in r.fields))
    )


def test_a_hundred_thousand_characters_are_read_in_a_second() -> None:
    started = time.perf_counter()
    understood = understand(asked("Long", ("Users create a list with a name, " * 4000)[:100_000]))
    assert time.perf_counter() - started < 2
    assert any("characters were read" in assumption for assumption in understood.assumptions)
