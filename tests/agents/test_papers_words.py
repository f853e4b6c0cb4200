"""Step 1: criteria in provable words, citations, sizes, efforts; each from the request, none from a template."""

import re

import pytest

from services.agents.blueprint.citations import quoted
from services.agents.blueprint.discovery.estimates import estimate
from services.agents.blueprint.rules.phrases import phrase
from services.agents.blueprint.rules.rule_plan import plan_of
from services.features.speech import called, done, one_of, third
from services.features.understanding import Rule, RuleKind
from services.workflow.options import Complexity
from tests.agents.chain import records_of
from tests.agents.paper_cases import CASES, drafts_of_case
from tests.agents.understandings import everything

EVERY_RULE = [(c.id, rule) for c in plan_of(everything()).provable for rule in c.rules]
EARS = re.compile(r"^(When|While|If|Where|The) .+ (shall|shall not) .+\.$")
BUSINESS = {name: records_of(drafts_of_case(case, until="business")["business"]) for name, case in CASES.items()}


def test_every_kind_of_rule_is_tried_here() -> None:
    assert {rule.kind for _, rule in EVERY_RULE} == set(RuleKind)


@pytest.mark.parametrize(("id_", "rule"), EVERY_RULE, ids=[f"{id_}-{rule.kind.value}" for id_, rule in EVERY_RULE])
def test_a_rule_becomes_a_sentence_and_a_scenario(id_: str, rule: Rule) -> None:
    resource = plan_of(everything()).domain.resource(rule.resource)
    made = phrase(rule, resource)
    assert EARS.match(made.ears)
    assert re.match(r"^Given .+, when .+, then .+\.$", made.scenario)
    for text in (made.ears, made.scenario):
        assert not re.search(r"None|_|  | ,| \.|\(\)|submited|\ba [aeio]", text)
        assert resource.label.lower() in text.lower() or resource.plural in text


def test_numbers_of_a_rule_are_said_as_people_say_them() -> None:
    expenses = BUSINESS["expenses"]
    comment = next(c for c in expenses.criteria if c.id == "AC-S2")
    assert comment.ears == (
        "If an expense whose amount is above 500.00 is created without a comment, then the service shall refuse it and name that field.",
    )
    clinic = BUSINESS["clinic"]
    assert "When 2 years have passed" in next(c for c in clinic.criteria if c.id == "AC-S5").ears[0]


@pytest.mark.parametrize(
    ("verb", "third_", "done_"),
    [
        ("approve", "approves", "approved"), ("ship", "ships", "shipped"), ("submit", "submits", "submitted"), ("mark_overdue", "marks overdue", "marked overdue"),
        ("publish", "publishes", "published"), ("carry", "carries", "carried"), ("send", "sends", "sent"), ("list", "lists", "listed"), ("plan", "plans", "planned"),
    ],
)  # fmt: skip
def test_forms_of_verbs(verb: str, third_: str, done_: str) -> None:
    assert (third(verb), done(verb)) == (third_, done_)


def test_lists_and_fields_read_as_words() -> None:
    assert one_of(("a", "b_c", "d")) == "a, b c or d"
    assert one_of(()) == ""
    assert (called("room_id"), called("starts_at"), called("card_number")) == ("room", "“starts at”", "card number")


def test_nothing_is_built_for_a_criterion_without_a_rule() -> None:
    for made in BUSINESS.values():
        for criterion in made.criteria:
            assert (
                bool(criterion.ears)
                is bool(criterion.scenarios)
                is bool(criterion.touches)
                is (criterion.decided_by == "test")
            )
            assert criterion.decided_because


@pytest.mark.parametrize("name", CASES)
def test_every_citation_is_in_the_request(name: str) -> None:
    text = " ".join(f"{CASES[name].request.title} {CASES[name].request.description}".split())
    made = BUSINESS[name]
    rows = (*made.stories, *made.metrics, *made.stakeholders, *made.dependencies, *made.risks)
    assert rows
    for row in rows:
        assert row.source
        for words in re.findall(r"“(.+?)…?”", row.source):
            assert words in text, row


def test_a_short_span_is_shown_with_its_sentence_and_a_missing_one_as_assumption() -> None:
    request = CASES["expenses"].request
    text = f"{request.title}\n{request.description}"
    start = text.index("comment")
    assert quoted(request, (start, start + 7)) == "“Amounts above 500 EUR need a comment.”"
    assert quoted(request, None) == "assumption"


def test_a_criterion_of_a_document_names_it() -> None:
    assert next(c for c in BUSINESS["clinic"].criteria if c.id == "AC-S8").source == "clinic-rules.pdf"


def test_what_was_not_understood_and_not_built_is_said_first() -> None:
    clinic = drafts_of_case(CASES["clinic"], until="business")["business"].report
    shop = drafts_of_case(CASES["shop"], until="business")["business"].report
    assert "Waiting rooms hum softly" in clinic.split("## User stories")[0]
    assert "a GraphQL interface" in shop.split("## User stories")[0]
    assert "US-3" in clinic.split("No criterion says when it is done")[1].splitlines()[0]


def test_the_estimate_says_where_the_chosen_class_does_not_fit() -> None:
    understood = CASES["shop"].understanding
    assert "ends within the class complex" in estimate(understood, Complexity.COMPLEX)
    assert "more than the class simple" in estimate(understood, Complexity.SIMPLE)
    assert "less than the class epic" in estimate(understood, Complexity.EPIC)


def test_effort_adds_up() -> None:
    for made in BUSINESS.values():
        low, high = sum(d.days_low for d in made.effort), sum(d.days_high for d in made.effort)
        assert made.estimate.startswith(f"{low:.1f} to {high:.1f} days")


def test_metrics_cite_events_that_step_2_gives() -> None:
    for case in CASES.values():
        drafts = drafts_of_case(case, until="architecture")
        events = {e.id for e in records_of(drafts["architecture"]).events}
        assert {m.instrument for m in records_of(drafts["business"]).metrics} <= events
