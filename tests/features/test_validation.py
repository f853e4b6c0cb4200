"""Every field of the form: what is accepted, and which plain sentence refuses the rest."""

from typing import Any

import pytest

from services.errors import InvalidInput
from services.features.request import DESCRIPTION_MAX, TITLE_MAX, FeatureRequest
from services.features.validation import OPTIONS, to_request
from services.workflow.options import Methodology
from tests.builders import REQUEST

FORM: dict[str, Any] = REQUEST.model_dump(mode="json")
ODD = "a\u0000\u001b[31m"
TRACES = ("pydantic", "Error", "Traceback", "type=", "input_value", "validation")


def asked(**values: Any) -> FeatureRequest:
    return to_request({**FORM, **values})


def problems(**values: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        asked(**values)
    return refused.value.problems


def test_title_description_methodology_and_complexity_are_enough() -> None:
    request = to_request({"title": "Search", "description": "Find it.", "methodology": "tdd", "complexity": "epic"})
    assert request.methodology is Methodology.TDD
    assert (request.test_coverage_min, request.rollout_percentage, request.performance_budget) == (80, 5, "")


def test_an_empty_form_gets_one_sentence_for_each_field_that_is_missing() -> None:
    with pytest.raises(InvalidInput) as refused:
        to_request({})
    assert refused.value.problems == {
        "title": "Give the feature a title.",
        "description": "Describe the feature; one or two sentences are enough to begin.",
        "methodology": "Choose one of: traditional, tdd, bdd, ddd.",
        "complexity": "Choose one of: simple, medium, complex, epic.",
    }


@pytest.mark.parametrize("field", ["title", "description"])
@pytest.mark.parametrize("typed", ["", " ", "\n\t ", None])
def test_an_empty_text_is_asked_for(field: str, typed: str | None) -> None:
    assert list(problems(**{field: typed})) == [field]


@pytest.mark.parametrize("field", ["title", "description", "performance_budget"])
@pytest.mark.parametrize(
    ("character", "named"),
    [("\x00", "U+0000"), ("\x07", "U+0007"), ("\x1b", "U+001B"), ("\x7f", "U+007F"), ("\x85", "U+0085")],
)
def test_control_characters_are_named(field: str, character: str, named: str) -> None:
    said = problems(**{field: f"200 ms{character}"})
    assert said == {field: f"This text holds control characters ({named}); remove them."}


@pytest.mark.parametrize("field", ["title", "description", "performance_budget"])
def test_half_a_character_is_refused(field: str) -> None:
    assert list(problems(**{field: "200 ms \ud800"})) == [field]


@pytest.mark.parametrize(
    "typed",
    [
        "😀 👩‍👩‍👧‍👦 🏳️‍🌈",
        "ملاحظات المستخدم",
        "\u202eright to left\u202c",
        "<script>alert(1)</script> & <b>bold</b>",
        "{{7*7}} {% raw %} ${jndi:ldap://x} %s {0}",
        "'; DROP TABLE feature; --",
        "  blanks around  ",
        "tab\tand\nlines\r\nof both kinds",
        "e\u0301 is not \u00e9",
        "zero\u200bwidth",
    ],
)
@pytest.mark.parametrize("field", ["title", "description"])
def test_text_is_kept_exactly_as_typed(field: str, typed: str) -> None:
    assert getattr(asked(**{field: typed}), field) == typed


@pytest.mark.parametrize("character", ["x", "é", "😀", "\n."])
def test_a_hundred_thousand_characters_fit(character: str) -> None:
    text = (character * DESCRIPTION_MAX)[:DESCRIPTION_MAX]
    assert DESCRIPTION_MAX == 100_000
    assert asked(description=text).description == text


@pytest.mark.parametrize(
    ("field", "most", "sentence"),
    [
        ("title", TITLE_MAX, "This has 201 characters; at most 200 fit."),
        ("description", DESCRIPTION_MAX, "This has 100,001 characters; at most 100,000 fit."),
        ("performance_budget", 200, "This has 201 characters; at most 200 fit."),
    ],
)
def test_one_character_more_is_refused_and_the_limit_named(field: str, most: int, sentence: str) -> None:
    text = "200 ms ".ljust(most, "x")
    assert getattr(asked(**{field: text}), field) == text
    assert problems(**{field: f"{text}x"}) == {field: sentence}


@pytest.mark.parametrize("field", ["test_coverage_min", "rollout_percentage"])
@pytest.mark.parametrize(
    ("typed", "number"),
    [(1, 1), (100, 100), ("80", 80), ("80%", 80), (" 80 % ", 80), (80.0, 80), ("007", 7)],
)
def test_a_percentage_may_be_written_in_several_ways(field: str, typed: Any, number: int) -> None:
    assert getattr(asked(**{field: typed}), field) == number


@pytest.mark.parametrize("field", ["test_coverage_min", "rollout_percentage"])
@pytest.mark.parametrize(
    "typed",
    [-1, 0, 101, "-1", "0", "101", "abc", "80.5", 80.5, "1e2", "0x50", "8 0", "--5", "%", "²", "9" * 5000,
     float("nan"), float("inf"), [80], {"a": 1}],
    ids=lambda typed: ascii(typed)[:9],
)  # fmt: skip
def test_any_other_percentage_is_refused(field: str, typed: Any) -> None:
    assert problems(**{field: typed}) == {field: "Enter a whole number from 1 to 100."}


@pytest.mark.parametrize("field", ["test_coverage_min", "rollout_percentage", "performance_budget", "engine"])
@pytest.mark.parametrize("typed", ["", None])
def test_a_field_that_is_left_empty_has_its_default(field: str, typed: str | None) -> None:
    assert getattr(asked(**{field: typed}), field) == FeatureRequest.model_fields[field].default


@pytest.mark.parametrize("typed", ["fast", "as fast as possible", "2 days", "200", "😀", "under load"])
def test_a_budget_that_nobody_can_measure_is_refused(typed: str) -> None:
    said = problems(performance_budget=typed)
    assert list(said) == ["performance_budget"]
    assert said["performance_budget"].startswith("Say a number with a unit")


@pytest.mark.parametrize(
    "typed", ["p95 < 200 ms", "300 requests per second", "error rate < 1 %", "99.9 % uptime", "1.5 s", "50 rps"]
)
def test_a_budget_that_can_be_measured_is_kept_as_typed(typed: str) -> None:
    assert asked(performance_budget=typed).performance_budget == typed


@pytest.mark.parametrize("field", list(OPTIONS))
def test_every_option_of_a_field_is_accepted(field: str) -> None:
    for option in OPTIONS[field]:
        assert getattr(asked(**{field: option.value}), field) is option


@pytest.mark.parametrize("field", list(OPTIONS))
@pytest.mark.parametrize(
    "typed", ["waterfall", "TDD", " tdd", 5, "x" * 5000, ODD, ["tdd"]], ids=lambda typed: ascii(typed)[:9]
)
def test_an_unknown_option_is_refused_and_the_known_ones_named(field: str, typed: Any) -> None:
    said = problems(**{field: typed})
    assert list(said) == [field]
    assert said[field].endswith(f"choose one of: {', '.join(OPTIONS[field])}.")
    assert len(said[field]) < 200


def test_an_unknown_parameter_is_named() -> None:
    assert problems(colour="green") == {"colour": "This parameter is not known: colour."}


def test_every_wrong_field_has_its_own_sentence() -> None:
    said = problems(title="", rollout_percentage=0, performance_budget="fast", complexity="huge")
    assert set(said) == {"title", "rollout_percentage", "performance_budget", "complexity"}


@pytest.mark.parametrize("typed", ["5", "12.50", 0.01, 5])
def test_an_amount_may_have_cents(typed: Any) -> None:
    assert to_request({**FORM, "cost_limit_usd": typed}).cost_limit_usd == float(typed)


@pytest.mark.parametrize("typed", ["$5", "five", 0, -1, "nan", "inf", 1e12])
def test_what_is_no_amount_is_refused_with_an_example(typed: Any) -> None:
    assert "for example 5 or 12.50" in problems(cost_limit_usd=typed)["cost_limit_usd"]


@pytest.mark.parametrize("field", list(FORM))
@pytest.mark.parametrize(
    "typed", [ODD, -3.7, [3], {}, b"\xff", object()], ids=["odd", "float", "list", "dict", "bytes", "object"]
)
def test_no_sentence_shows_the_machinery(field: str, typed: Any) -> None:
    said = problems(**{field: typed})
    assert list(said) == [field]
    assert not any(trace in said[field] for trace in TRACES)
    assert said[field].endswith(".")


def test_a_request_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        asked().title = "Another"  # type: ignore[misc]
