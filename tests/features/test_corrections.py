"""Instructions in people's words: what each does, what is said of it, and that they win over the text."""

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.features import instructions
from services.features.corrections import lines_of
from services.features.extract import understand
from services.features.request import FeatureRequest
from services.features.understanding import DataField, FieldType, Resource, RuleKind, Understanding
from services.workflow.options import Complexity, Methodology
from tests.corpus import CorpusRequest, corpus

TEXT = (
    "Employees submit expenses with an amount, a category and a receipt link. Managers approve or reject an expense. "
    "An approved expense must not be changed. Amounts above 500 EUR need a comment. The category is required. "
    "Employees create a trip with a destination and a start date. Each expense belongs to a trip."
)


def read(corrections: str, text: str = TEXT) -> Understanding:
    return understand(
        FeatureRequest(
            title="Expense approvals",
            description=text,
            methodology=Methodology.TRADITIONAL,
            complexity=Complexity.MEDIUM,
            corrections=corrections,
        )
    )


def thing(u: Understanding, name: str = "expense") -> Resource:
    return next(r for r in u.resources if r.name == name)


def names(u: Understanding) -> list[str]:
    return [r.name for r in u.resources]


def field(u: Understanding, name: str, of: str = "expense") -> DataField | None:
    return next((f for f in thing(u, of).fields if f.name == name), None)


def a_field(name: str, kind: FieldType, *, required: bool = False, of: str = "expense") -> "Check":
    def check(u: Understanding) -> bool:
        found = field(u, name, of)
        return found is not None and (found.type, found.required) == (kind, required)

    return check


def without(name: str, of: str = "expense") -> "Check":
    return lambda u: field(u, name, of) is None and not any(name in r.fields for c in u.criteria for r in c.rules)


def has_rule(kind: RuleKind, **values: object) -> "Check":
    return lambda u: any(
        r.kind is kind and all(getattr(r, k) == v for k, v in values.items()) for c in u.criteria for r in c.rules
    )


Check = Callable[[Understanding], bool]
F, K = FieldType, RuleKind
APPLIED: tuple[tuple[str, Check], ...] = (
    # things
    ("rename expense to claim", lambda u: names(u) == ["claim", "trip"]),
    ("Rename expenses to purchase orders.", lambda u: names(u) == ["purchase_order", "trip"]),
    ("call the expense a claim", lambda u: "claim" in names(u)),
    ("An expense should be called claim", lambda u: "claim" in names(u)),
    ("rename thing trip to journey", lambda u: field(u, "journey_id") is not None and "journey" in names(u)),
    ("keep thing report", lambda u: "report" in names(u)),
    ("add a resource called cost center", lambda u: "cost_center" in names(u)),
    ("drop thing trip", lambda u: names(u) == ["expense"] and field(u, "trip_id") is None),
    ("drop thing expense", lambda u: names(u) == ["trip"] and bool(u.stories)),
    ("do not keep the thing trip", lambda u: names(u) == ["expense"]),
    ("main thing is trip", lambda u: names(u)[0] == "trip"),
    ("A trip is the main thing", lambda u: names(u)[0] == "trip"),
    # people
    ("rename manager to approver", lambda u: "approver" in u.actors and "manager" not in u.actors),
    ("rename the role managers to team leads", lambda u: "team lead" in u.actors),
    ("add the actor auditor", lambda u: "auditor" in u.actors),
    # fields
    ("rename amount to total", a_field("total", F.MONEY, required=True)),
    ("rename field amount of expense to total", a_field("total", F.MONEY, required=True)),
    ("rename destination of trip to place", a_field("place", F.STRING, required=True, of="trip")),
    ("add field due date to expense", a_field("due_date", F.DATE)),
    ("add a field called project code (short text, required) to expense", a_field("project_code", F.STRING, required=True)),
    ("add a cost center to expense", a_field("cost_center", F.STRING)),
    ("add field paid on (date and time) to the expenses", a_field("paid_on", F.DATETIME)),
    ("Please add an optional field tax number to every expense.", a_field("tax_number", F.STRING)),
    ("add a required field vat number", a_field("vat_number", F.STRING, required=True)),
    ("add field size (small, medium or large) to expense", lambda u: getattr(field(u, "size"), "choices", ()) == ("small", "medium", "large")),
    ("trip also has a budget", a_field("budget", F.MONEY, of="trip")),
    ("remove field receipt link from expense", without("receipt_link")),
    ("drop the receipt link from the expense", without("receipt_link")),
    ("remove the category from expense", without("category")),
    ("delete field amount", without("amount")),
    # types and need
    ("amount is a whole number", a_field("amount", F.INTEGER, required=True)),
    ("start date of trip is a date and time", a_field("start_date", F.DATETIME, required=True, of="trip")),
    ("the receipt link of expense is a short text", a_field("receipt_link", F.STRING, required=True)),
    ("make amount of expense a number", a_field("amount", F.NUMBER, required=True)),
    ("category is optional", a_field("category", F.STRING)),
    ("receipt link of expense is not required", a_field("receipt_link", F.URL)),
    ("make receipt link optional", a_field("receipt_link", F.URL)),
    ("comment of expense is required", has_rule(K.REQUIRED, fields=("comment",), condition=None)),
    ("make the comment required", a_field("comment", F.TEXT, required=True)),
    # states
    ("rename state approved to accepted", lambda u: "accepted" in thing(u).states and has_rule(K.LOCKED, states=("accepted",))(u)),
    ("rename approved to accepted", lambda u: "approved" not in thing(u).states),
    # stories and criteria
    ("drop story US-2", lambda u: "US-2" not in {s.id for s in u.stories}),
    ("leave out criterion AC-S1", lambda u: "AC-S1" not in {c.id for c in u.criteria}),
    ("drop AC-1.2", lambda u: "AC-1.2" not in {c.id for c in u.criteria}),
    ("a person decides AC-S2", lambda u: not next(c for c in u.criteria if c.id == "AC-S2").rules),
    ("AC-S2 is decided by a person", lambda u: not next(c for c in u.criteria if c.id == "AC-S2").rules),
    # rules as sentences
    ("only managers can approve expenses", has_rule(K.ONLY, act="approve", actors=("manager",))),
    ("the amount is at most 900 EUR", has_rule(K.RANGE, fields=("amount",), maximum=90_000)),
    ("An expense cannot be changed once it is rejected.", has_rule(K.LOCKED, states=("rejected",))),
    ("expenses are removed after 10 years", has_rule(K.RETENTION, resource="expense")),
)  # fmt: skip
REFUSED: tuple[tuple[str, str], ...] = (
    ("rename gizmo to widget", "There is nothing called gizmo."),
    ("rename auditor to inspector", "There is nothing called auditor."),
    ("rename trip to expense", "There is a thing called expense already."),
    ("rename manager to employee", "Employee is one of the people already."),
    ("rename amount to category", "Expense has a field category already."),
    ("rename field amount of house to total", "There is no thing called house."),
    ("add field amount to expense", "Expense has a field amount already."),
    ("add field colour to house", "There is no thing called house."),
    ("remove field colour from expense", "Expense has no field called colour."),
    ("remove field colour from house", "There is no thing called house."),
    ("colour of expense is a date", "Expense has no field called colour."),
    ("colour of expense is optional", "Expense has no field called colour."),
    ("keep thing trip", "Trip is kept already."),
    ("drop thing house", "There is no thing called house."),
    ("main thing is house", "There is no thing called house."),
    ("drop story US-99", "There is no US-99 here."),
    ("drop criterion AC-1.9", "There is no AC-1.9 here."),
    ("a person decides AC-S99", "There is no AC-S99 here."),
    ("a person decides AC-1.1", "AC-1.1 was not stated, it follows from the fields."),
    ("make it nicer", "Not understood, so nothing was changed."),
    ("??", "Not understood"),
    ("rename to", "Not understood"),
)


@pytest.mark.parametrize(("line", "check"), APPLIED, ids=[line for line, _ in APPLIED])
def test_an_instruction_is_followed(line: str, check: Check) -> None:
    assert not check(read(""))
    corrected = read(line)
    assert [(c.is_applied, c.line) for c in corrected.corrections] == [(True, line)], corrected.corrections
    assert check(corrected)


@pytest.mark.parametrize(("line", "reason"), [row for row in REFUSED if row[0] != "??"], ids=lambda value: value[:40])
def test_an_instruction_that_cannot_be_followed_says_why_and_changes_nothing(line: str, reason: str) -> None:
    corrected = read(line)
    (told,) = corrected.corrections
    assert (told.is_applied, told.line) == (False, line)
    assert told.answer.startswith(reason)
    assert corrected.model_copy(update={"corrections": ()}) == read("")


def test_every_line_is_answered_in_its_order_and_marks_of_lists_are_no_matter() -> None:
    text = "- rename expense to claim\n\n# add field note to claim\n2. make it nicer. Also remove field note from claim.\n??"
    told = read(text).corrections
    assert [(c.line, c.is_applied) for c in told] == [
        ("rename expense to claim", True),
        ("add field note to claim", True),
        ("make it nicer.", False),
        ("Also remove field note from claim.", True),
    ]


SEQUENCES: tuple[tuple[str, Check], ...] = (
    ("category of expense is optional\ncategory of expense is required", a_field("category", F.STRING, required=True)),
    ("category of expense is required\ncategory of expense is optional", a_field("category", F.STRING)),
    ("comment of expense is required\ncomment of expense is optional\ncomment of expense is required", a_field("comment", F.TEXT, required=True)),
    ("rename expense to claim\nrename claim to bill\nadd field note to bill", a_field("note", F.TEXT, of="bill")),
    ("add field note to claim\nrename expense to claim", a_field("note", F.TEXT, of="claim")),
    ("rename expense to claim\nrename field amount of claim to total", a_field("total", F.MONEY, required=True, of="claim")),
    ("drop thing trip\ndrop thing expense", lambda u: names(u) == ["expense"]),
    ("add field size to expense\nsize of expense is a whole number\nremove field size from expense", without("size")),
    ("the amount is at most 900 EUR\nthe amount is at most 800 EUR", has_rule(K.RANGE, fields=("amount",), maximum=80_000)),
    ("rename state approved to accepted\nrename state accepted to agreed", lambda u: "agreed" in thing(u).states),
)  # fmt: skip


@pytest.mark.parametrize(("lines", "check"), SEQUENCES, ids=[lines.replace("\n", "; ") for lines, _ in SEQUENCES])
def test_lines_are_followed_in_their_order_and_the_later_one_wins(lines: str, check: Check) -> None:
    assert check(read(lines))


def test_a_correction_wins_over_what_the_text_demands() -> None:
    corrected = read("category is optional\nremove field comment from expense")
    assert not {"The category is required.", "Amounts above 500 EUR need a comment."} & {
        c.text for c in corrected.criteria
    }
    assert "does not hold any more" in corrected.corrections[0].answer
    assert "does not hold any more" in corrected.corrections[1].answer


def test_a_thing_that_is_renamed_keeps_each_field_that_leads_to_it() -> None:
    text = "Clerks create a transfer with a from account, a to account and an amount. Clerks create an account with a name."
    before = [f.name for f in thing(read("", text), "transfer").fields]
    corrected = read("rename account to wallet", text)
    assert len(thing(corrected, "transfer").fields) == len(before)
    assert {f.refers_to for f in thing(corrected, "transfer").fields} <= {"", "wallet"}


def test_nobody_is_made_up_by_an_instruction_that_fails() -> None:
    assert read("rename auditor to inspector").actors == read("").actors


def test_a_field_that_is_all_a_thing_has_cannot_be_made_optional() -> None:
    corrected = read("title of wishlist is optional", "Wishlists.")
    assert not corrected.corrections[0].is_applied


def quick_lines(resource: Resource) -> list[str]:
    lines = [
        instructions.rename_thing(resource, "Gizmo part"),
        instructions.add_field(resource, "shelf mark", FieldType.MONEY, is_required=True),
    ]
    for known in resource.fields:
        if known.span is None:
            continue  # a field that was assumed for want of another cannot simply go
        lines += [
            instructions.rename_field(resource, known.name, "shelf mark"),
            instructions.remove_field(resource, known.name),
            instructions.change_type(resource, known.name, FieldType.BOOLEAN),
        ]
        if not known.required:
            lines.append(instructions.change_need(resource, known.name, is_required=True))
    return lines


@pytest.mark.parametrize(
    "request_", [r for r in corpus() if r.id[:2] in ("05", "07", "12", "20", "26", "33")], ids=lambda r: r.id
)
def test_every_line_that_a_button_writes_is_understood(request_: CorpusRequest) -> None:
    asked = FeatureRequest(
        title=request_.title,
        description=request_.description,
        methodology=Methodology.TRADITIONAL,
        complexity=Complexity.MEDIUM,
    )
    for resource in understand(asked, request_.documents).resources:
        for line in quick_lines(resource):
            told = understand(asked.model_copy(update={"corrections": line}), request_.documents).corrections
            assert [(c.is_applied, c.line) for c in told] == [(True, line)], told


PIECES = st.sampled_from(
    ["rename", "expense", "to", "add field", "remove", "of", "is", "a date", "required", "optional", "drop", "US-1", "AC-S1", "thing", "state", "only managers can",
     "approve", "é", "😀", "(", ")", ".", "\n", "\t", "``", "\\1", "[", "main thing is", "it", "draft", "keep", "a person decides", "amount", "trip", "class", "1"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.lists(PIECES, max_size=14).map(" ".join),
        st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60),
    )
)
def test_any_text_is_answered_and_always_in_the_same_way(corrections: str) -> None:
    first = read(corrections)
    understand.cache_clear()
    assert read(corrections) == first
    assert first.resources
    assert first.stories
    assert {c.line for c in first.corrections} == set(lines_of(corrections))
    # "" stands for all stories.
    assert {c.story for c in first.criteria} <= {"", *(s.id for s in first.stories)}
    assert {s.resource for s in first.stories} <= {r.name for r in first.resources}


def test_ten_thousand_characters_of_corrections_take_seconds_at_most() -> None:
    lines = "\n".join(f"rename field part{n} of expense to piece{n}" for n in range(240))[:10_000]
    begun = time.process_time()
    read(lines)
    assert time.process_time() - begun < 5
