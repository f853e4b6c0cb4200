"""Every kind of rule in plain words."""

import pytest

from services.features.extract import understand
from services.features.request import FeatureRequest
from services.features.speech import counted, done, duration, third
from services.features.understanding import (
    AcceptanceCriterion,
    Condition,
    DataField,
    FieldType,
    Resource,
    Rule,
    RuleKind,
)
from services.features.wording import in_words, understood_as
from services.workflow.options import Complexity, Methodology
from tests.corpus import CorpusRequest, corpus

F, K = FieldType, RuleKind
EXPENSE = Resource(
    name="expense",
    plural="expenses",
    label="Expense",
    fields=(
        DataField(name="amount", type=F.MONEY),
        DataField(name="comment", type=F.TEXT),
        DataField(name="category", type=F.STRING, choices=("travel", "meals")),
        DataField(name="start", type=F.DATETIME),
        DataField(name="end", type=F.DATETIME),
        DataField(name="room_id", type=F.REFERENCE, refers_to="room"),
        DataField(name="email", type=F.EMAIL),
        DataField(name="website", type=F.URL),
        DataField(name="iban", type=F.STRING),
    ),
    states=("submitted", "approved", "paid"),
    transitions=(("approve", "submitted", "approved"), ("pay", "approved", "paid")),
)
ABOVE = Condition(field="amount", operator=">", value="50000")
DAY = 86_400


def a_rule(kind: RuleKind, **values: object) -> Rule:
    return Rule.model_validate({"kind": kind, "resource": "expense", **values})


ROWS: tuple[tuple[Rule, str], ...] = (
    (a_rule(K.ALLOWED, act="approve", actors=("manager",)), "a manager approves an expense, from submitted to approved"),
    (a_rule(K.ALLOWED, act="list", actors=("manager", "admin")), "a manager or an admin lists expenses"),
    (a_rule(K.ONLY, act="approve", actors=("team_lead",), condition=ABOVE),
     "only a team lead approves an expense when amount is above 500.00; everybody else is refused"),
    (a_rule(K.OWN, act="list", actors=("employee",)), "an employee sees only expenses of their own"),
    (a_rule(K.OWN, actors=("employee",)), "an employee sees and changes only expenses of their own"),
    (a_rule(K.NOT_OWN, act="approve"), "nobody approves an expense of their own"),
    (a_rule(K.REQUIRED, fields=("comment",), condition=ABOVE), "comment is required when amount is above 500.00"),
    (a_rule(K.REQUIRED, fields=("room_id",)), "room is required"),
    (a_rule(K.REQUIRED, fields=("comment",), act="pay", condition=ABOVE),
     "comment is required when an expense is paid and amount is above 500.00"),
    (a_rule(K.OPTIONAL, fields=("comment",)), "comment may be left out"),
    (a_rule(K.RANGE, fields=("amount",), minimum=1, maximum=1_000_000), "amount is at least 0.01 and at most 10,000.00"),
    (a_rule(K.RANGE, fields=("comment",), maximum=300), "comment is at most 300 characters long"),
    (a_rule(K.RANGE, fields=("iban",), minimum=22, maximum=22), "iban is exactly 22 characters long"),
    (a_rule(K.CHOICES, fields=("category",), values=("travel", "office_supplies")), "category is travel or office supplies"),
    (a_rule(K.FORMAT, fields=("email",)), "email is a valid e-mail address"),
    (a_rule(K.FORMAT, fields=("website",)), "website is a valid web address"),
    (a_rule(K.UNIQUE, fields=("iban", "category")), "no two expenses have the same iban and category"),
    (a_rule(K.UNIQUE, fields=("created_by", "room_id")), "nobody makes two expenses with the same room"),
    (a_rule(K.DEFAULT, fields=("amount",), values=("1250",)), "amount is 12.50 where none is given"),
    (a_rule(K.DEFAULT), "state is submitted where none is given"),
    (a_rule(K.COMPARE, fields=("end", "start"), operator=">"), "end is after start"),
    (a_rule(K.COMPARE, fields=("start",), operator=">=", seconds=0), "start is not in the past"),
    (a_rule(K.COMPARE, fields=("start",), operator=">=", seconds=2 * DAY), "start is at least 2 days from now"),
    (a_rule(K.COMPARE, fields=("start",), operator=">=", seconds=-DAY), "start is at most 1 day ago"),
    (a_rule(K.FIXED, fields=("iban",)), "iban of an expense cannot be changed afterwards"),
    (a_rule(K.LOCKED, states=("approved", "paid")),
     "nothing of an expense changes, and it is not deleted, while it is approved or paid"),
    (a_rule(K.TRANSITION, act="pay", states=("approved", "paid")),
     "an expense that is approved and is paid becomes paid; from any other state it is refused"),
    (a_rule(K.BLOCKED, act="approve", states=("paid",)), "an expense that is paid cannot be approved"),
    (a_rule(K.NOTIFY, act="approve", actors=("owner", "admin"), channel="email"),
     "whoever made an expense and every admin is told by e-mail when an expense is approved"),
    (a_rule(K.CALL, act="approve", channel="Kafka", values=("publish",)), "Kafka gets an event once when an expense is approved"),
    (a_rule(K.CALL, act="create", channel="accounting system", values=("ask",), seconds=DAY),
     "the accounting system gets the record once when an expense is created, at the end of every day"),
    (a_rule(K.FILTER, fields=("state", "category")), "the list of expenses can be narrowed by state and category"),
    (a_rule(K.SORT, fields=("start",), operator=">"), "expenses are listed by start, latest first"),
    (a_rule(K.SORT, fields=("amount",), operator="<"), "expenses are listed by amount, smallest first"),
    (a_rule(K.SEARCH, fields=("comment", "iban")), "expenses are found by words in comment or iban"),
    (a_rule(K.PAGE, maximum=20), "a page of the list holds 20 expenses"),
    (a_rule(K.EXPORT, actors=("admin",)), "an admin can take the list of expenses away as CSV"),
    (a_rule(K.COUNT, maximum=3, states=("submitted",)), "nobody has more than 3 expenses that are submitted"),
    (a_rule(K.COUNT, maximum=1, states=("submitted",)), "nobody has more than 1 expense that is submitted"),
    (a_rule(K.RATE, act="create", maximum=5, seconds=3600), "nobody creates more than 5 expenses within 1 hour"),
    (a_rule(K.HISTORY), "every change of an expense is kept, with who made it and when"),
    (a_rule(K.RETENTION, seconds=365 * DAY, states=("paid",)), "an expense is removed 1 year after it became paid"),
    (a_rule(K.EXPIRY, states=("submitted", "rejected"), seconds=900),
     "an expense that stays submitted for 15 minutes becomes rejected by itself"),
    (a_rule(K.HIDDEN, fields=("iban",), channel="masked"), "only the last four characters of iban are shown"),
    (a_rule(K.HIDDEN, fields=("iban", "email")), "iban and email are never shown"),
    (a_rule(K.OVERLAP, fields=("room_id", "start", "end")), "no two expenses of the same room overlap between start and end"),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "words"), ROWS, ids=[f"{n}-{rule.kind}" for n, (rule, _) in enumerate(ROWS)])
def test_a_rule_is_said_in_plain_words(rule: Rule, words: str) -> None:
    assert in_words(rule, [EXPENSE]) == words


def test_every_kind_of_rule_has_its_words() -> None:
    assert {rule.kind for rule, _ in ROWS} == set(RuleKind)


@pytest.mark.parametrize("kind", RuleKind)
def test_a_rule_that_names_nothing_that_is_there_is_said_without_a_crash(kind: RuleKind) -> None:
    assert in_words(Rule(kind=kind, resource="nothing", states=("a", "b")), [])


def a_criterion(*rules: Rule) -> AcceptanceCriterion:
    return AcceptanceCriterion(id="AC-S1", story="US-1", text="x", rules=rules, stated=True)


def test_a_criterion_says_who_decides_it_and_by_what() -> None:
    both = a_criterion(a_rule(K.REQUIRED, fields=("comment",)), a_rule(K.RANGE, fields=("comment",), maximum=300))
    assert understood_as(both, [EXPENSE]) == "a test: comment is required; and comment is at most 300 characters long"
    assert understood_as(a_criterion(), [EXPENSE]) == "a person decides"
    assert understood_as(both, [EXPENSE], {"AC-S1": "it contradicts AC-S2"}) == "a person decides: it contradicts AC-S2"
    assert understood_as(a_criterion(), [EXPENSE], {"AC-S1": "a person decides"}) == "a person decides"


@pytest.mark.parametrize("request_", corpus(), ids=lambda r: r.id)
def test_every_rule_of_the_corpus_reads_as_one_clause(request_: CorpusRequest) -> None:
    asked = FeatureRequest(
        title=request_.title,
        description=request_.description,
        methodology=Methodology.TRADITIONAL,
        complexity=Complexity.COMPLEX,
    )
    understood = understand(asked, request_.documents)
    for said in (in_words(rule, understood.resources) for c in understood.criteria for rule in c.rules):
        assert "_" not in said, said
        assert "  " not in said, said
        assert said.strip(), said


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (third("approve"), "approves"), (third("mark_overdue"), "marks overdue"), (third("carry"), "carries"),
        (third("update"), "changes"), (done("call_off"), "called off"), (done(""), "changed"),
        (duration(172_800), "2 days"), (duration(90), "90 seconds"), (counted(1, "story", "stories"), "1 story"),
        (counted(1200, "field"), "1,200 fields"),
    ],
)  # fmt: skip
def test_forms_of_words(said: str, wanted: str) -> None:
    assert said == wanted
