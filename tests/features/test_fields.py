"""Fields of a thing, as the text lists them."""

import pytest

from services.features.fields import FIELDS_MAX, fields_in
from services.features.sentences import cut
from services.features.understanding import DataField, FieldType


def fields(text: str) -> tuple[DataField, ...]:
    return fields_in(cut(text), "expense", takes_all=True)


def test_a_comma_before_the_last_and_loses_nothing() -> None:
    found = fields("An expense has an amount, a category, and a receipt link.")
    assert [field.name for field in found] == ["amount", "category", "receipt_link"]


def only(text: str) -> DataField:
    (field,) = fields(text)
    return field


@pytest.mark.parametrize(
    "text",
    [
        "An expense with a category and an amount.",
        "An expense has a category and an amount.",
        "Expenses have a category, an amount.",
        "Each expense contains a category & an amount.",
        "An expense consists of a category, an amount.",
    ],
)
def test_lists_are_read_however_they_are_introduced(text: str) -> None:
    assert [field.name for field in fields(text)] == ["category", "amount"]


@pytest.mark.parametrize(
    ("said", "type_"),
    [
        ("an email", FieldType.EMAIL),
        ("a receipt link", FieldType.URL),
        ("an amount", FieldType.MONEY),
        ("a quantity", FieldType.INTEGER),
        ("a weight", FieldType.NUMBER),
        ("a due date", FieldType.DATE),
        ("a comment", FieldType.TEXT),
        ("a category", FieldType.STRING),
    ],
)
def test_a_name_says_its_type(said: str, type_: FieldType) -> None:
    assert only(f"An expense has {said}.").type is type_


def test_choices_in_brackets_are_the_only_ones() -> None:
    field = only("An expense has a category (travel, food or other).")
    assert (field.name, field.choices, field.type) == ("category", ("travel", "food", "other"), FieldType.STRING)


@pytest.mark.parametrize(
    ("said", "name", "maximum"),
    [
        ("a category up to 80", "category", 80),
        ("a category (up to 80 characters)", "category", 80),
        ("a category of up to 80 characters", "category", 80),
        ("a quantity of at most 10", "quantity", 10),
        ("a quantity (at most 10)", "quantity", 10),
        ("a quantity no more than 10", "quantity", 10),
    ],
)
def test_a_stated_maximum_is_kept(said: str, name: str, maximum: int) -> None:
    assert [(f.name, f.maximum) for f in fields(f"An expense has {said}.")] == [(name, maximum)]


@pytest.mark.parametrize(("said", "required"), [("a comment", True), ("an optional comment", False)])
def test_optional_fields_say_so(said: str, required: bool) -> None:
    assert only(f"An expense has {said}.").required is required


@pytest.mark.parametrize(
    ("said", "kind"),
    [("an email", "personal"), ("a card number", "payment"), ("a diagnosis", "health"), ("a token", "credentials")],
)
def test_sensitive_fields_are_marked(said: str, kind: str) -> None:
    assert only(f"An expense has {said}.").sensitive == kind


def test_names_in_back_ticks_are_fields() -> None:
    assert [f.name for f in fields("Show `cost_centre` and `vat` here.")] == ["cost_centre", "vat"]


@pytest.mark.parametrize("text", ["", "Nothing is listed.", "An expense has the ability to fly.", "😀 ملاحظات"])
def test_where_nothing_is_listed_nothing_is_found(text: str) -> None:
    assert fields(text) == ()


def test_a_name_is_listed_once() -> None:
    assert [f.name for f in fields("An expense has an amount. Expenses with an amount and amounts.")] == ["amount"]


def test_what_follows_the_list_is_no_field() -> None:
    assert [f.name for f in fields("Employees submit an expense with an amount and approve expenses.")] == ["amount"]


def test_there_is_a_most() -> None:
    listed = ", ".join(f"{chr(97 + n) * 3} value" for n in range(20))
    assert len(fields(f"An expense has {listed}.")) == FIELDS_MAX


def test_a_span_leads_back_to_the_list() -> None:
    text = "Hello. An expense has an amount."
    span = only(text).span
    assert span is not None
    assert text[slice(*span)].strip() == "an amount"
