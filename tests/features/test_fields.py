"""Fields of a thing, as the text lists them."""

import pytest

from services.features.fields import FIELDS_MAX, fields_in
from services.features.sentences import cut, rows
from services.features.understanding import DataField, FieldType


def fields(text: str) -> tuple[DataField, ...]:
    return fields_in(cut(text), rows(text), "expense", takes_all=True)


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


LISTS = (
    ("An expense (amount, category, purchase date) is filed.", "amount category purchase_date"),
    ("An expense: amount, leave type, first day.", "amount leave_type first_day"),
    ("We keep a list of expenses: amount, cost centre, payer.", "amount cost_centre payer"),
    ("An expense names the payer, has an amount and, when it is paid, the date of the transfer.", "payer amount transfer_date"),
    ("Each expense carries an amount in EUR, when it was made, where it is kept and maybe a note", "amount note"),
    ("An expense holds its amount and payee.", "amount payee"),
    ("An employee files an expense for a project with an amount and a category, submits it, and goes.", "project amount category"),
    ("An expense belongs to one project and has a number of nights.", "project nights"),
    ("An expense has a start and end date.", "start_date end_date"),
    ("An expense has an e-mail address, a phone number and the number of guests.", "email phone_number guests"),
    ("People give an amount to a project, leave an e-mail address, optionally a name and a message of thanks.", "amount email name message"),
    ("`expense` has `amount` (money) and `paid_at` (datetime, optional).", "amount paid_at"),
    ("`expense`: `amount` integer, `old_code` / `new_code` (text), `is_paid` boolean.", "amount old_code new_code is_paid"),
    ("`expense`\n  - `amount`: money\n  - `valid_from`, `valid_until`: date", "amount valid_from valid_until"),
    ("## Fields\n\n- amount (required)\n- cost centre", "amount cost_centre"),
    ("### Fields\n\n| Field | Type |\n|---|---|\n| `amount` | money |\n| `needed_by` | date |", "amount needed_by"),
    ("table `expense`:\n\n    amount       int        1..90\n    valid_until  date", "amount valid_until"),
    ("An expense can have up to 20 receipts.", ""),
    ("Expenses above 500 EUR need a comment.", ""),
)  # fmt: skip


@pytest.mark.parametrize(("text", "names"), LISTS)
def test_lists_are_found_in_every_form(text: str, names: str) -> None:
    assert [field.name for field in fields(text)] == names.split()


def test_a_list_with_another_head_belongs_to_another_thing() -> None:
    text = "A zone has a fee. An expense has an amount."
    assert [f.name for f in fields_in(cut(text), (), "expense", others=["zone"], takes_all=True)] == ["amount"]
    assert [f.name for f in fields_in(cut(text), (), "zone", others=["expense"])] == ["fee"]


@pytest.mark.parametrize(
    ("said", "type_"),
    [
        ("the distance in km", FieldType.NUMBER),
        ("a timeout in seconds", FieldType.INTEGER),
        ("seats", FieldType.INTEGER),
        ("a monthly income", FieldType.MONEY),
        ("a base URL", FieldType.URL),
    ],
)
def test_a_unit_or_the_last_word_says_the_type(said: str, type_: FieldType) -> None:
    assert fields(f"An expense has a name, {said}.")[1].type is type_


LIMITS = (
    ("an amount between 1 and 20,000 EUR", "amount", FieldType.MONEY, 100, 2_000_000),
    ("an amount between 1 and 20,000 EUR and a category", "amount", FieldType.MONEY, 100, 2_000_000),
    ("a quantity from 1 to 8", "quantity", FieldType.INTEGER, 1, 8),
    ("a code (6 digits)", "code", FieldType.STRING, 6, 6),
    ("a code (exactly 6 characters)", "code", FieldType.STRING, 6, 6),
    ("a code (3 to 60 characters)", "code", FieldType.STRING, 3, 60),
    ("a code (such as 2023-2024)", "code", FieldType.STRING, None, 200),
    ("a code (at least 3 characters)", "code", FieldType.STRING, None, 200),
    ("a code (shown without its last 4 digits)", "code", FieldType.STRING, None, 200),
)  # fmt: skip


@pytest.mark.parametrize(("said", "name", "type_", "low", "high"), LIMITS)
def test_limits_in_words_are_limits_of_the_field(
    said: str, name: str, type_: FieldType, low: int | None, high: int
) -> None:
    found = next(f for f in fields(f"An expense has {said}.") if f.name == name)
    assert (found.type, found.minimum, found.maximum) == (type_, low, high)


OPTIONAL = (
    ("an amount, optionally a name and a message", "amount"),
    ("an amount, optionally a name, a message and a category", "amount"),
    ("an amount, a name and maybe a message", "amount name"),
    ("an amount, an optional name and a message", "amount message"),
    ("a name, optional message, amount", "amount name"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "required"), OPTIONAL)
def test_optionally_holds_for_the_rest_of_the_list(said: str, required: str) -> None:
    assert sorted(f.name for f in fields(f"An expense has {said}.") if f.required) == required.split()


BY_SYSTEM = (
    ("generated", False),
    ("auto-generated", False),
    ("nullable, set by the gateway", False),
    ("calculated by the server", False),
    ("assigned automatically", False),
    ("set by the manager", True),
    ("shown in the portal", True),
)  # fmt: skip


@pytest.mark.parametrize(("about", "required"), BY_SYSTEM)
def test_what_the_service_fills_in_nobody_must_send(about: str, required: bool) -> None:
    table = f"| column | notes |\n|---|---|\n| `code` | {about} |"
    assert [(f.name, f.required) for f in fields(table)] == [("code", required)]


@pytest.mark.parametrize(
    "text",
    [
        "New table `expenses`:",
        "The table `expense` and the table `expense_reports`.",
        "**Data** - new table `expenses`",
    ],
)
def test_the_name_of_a_table_is_no_field(text: str) -> None:
    assert [f.name for f in fields(f"{text} An expense has `label`.")] == ["label"]


def test_when_it_does_something_is_a_moment() -> None:
    found = fields("An expense has a category, when it departs and returns, and the distance in km.")
    assert [(f.name, f.type.value) for f in found][1:3] == [("departs_at", "datetime"), ("returns_at", "datetime")]
    assert found[-1].name == "distance"
