"""Steps 2 and 3: examples that fit the contract, services by complexity, threats at operations that exist."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from services.agents.engine import Draft
from services.workflow.options import Complexity
from tests.agents.chain import records_of
from tests.agents.paper_cases import CASES, Case, drafts_of_case
from tests.agents.understandings import everything, plain

PHASE = {name: drafts_of_case(case, until="risk") for name, case in CASES.items()}
EXTRA = {
    "every rule": Case(CASES["expenses"].request, everything()),
    "no rule": Case(CASES["expenses"].request, plain()),
}


def with_options(name: str, **options: object) -> dict[str, Draft]:
    case = CASES[name]
    return drafts_of_case(Case(case.request.model_copy(update=options), case.understanding), until="risk")


@pytest.mark.parametrize("name", [*CASES, *EXTRA])
def test_the_examples_of_every_operation_fit_the_contract(name: str) -> None:
    drafts = PHASE.get(name) or drafts_of_case(EXTRA[name], until="architecture")
    made = records_of(drafts["architecture"])
    document = json.loads(drafts["architecture"].files["design/openapi.json"])
    items = {f"OP-{item['operationId']}": item for methods in document["paths"].values() for item in methods.values()}
    assert [e.operation for e in made.examples] == [op.id for op in made.operations]
    for example in made.examples:
        item = items[example.operation]
        body = item.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        assert bool(body) is bool(example.request)
        if body:
            check(document, body, json.loads(example.request))
        answer = item["responses"][str(example.status)].get("content", {}).get("application/json", {}).get("schema")
        if answer:
            check(document, answer, json.loads(example.response))
        assert str(example.error_status) in item["responses"]
        check(document, {"$ref": "#/components/schemas/Problem"}, json.loads(example.error))


def check(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    registry = Registry().with_resource(
        "urn:contract", Resource.from_contents(document, default_specification=DRAFT202012)
    )
    pointed = json.loads(json.dumps(schema).replace('"#/', '"urn:contract#/'))
    Draft202012Validator(pointed, registry=registry, format_checker=FormatChecker()).validate(value)


def test_an_example_sounds_like_its_field() -> None:
    expenses = next(
        e for e in records_of(PHASE["expenses"]["architecture"]).examples if e.operation == "OP-createExpense"
    )
    assert json.loads(expenses.request)["category"] == "travel"
    shop = next(e for e in records_of(PHASE["shop"]["architecture"]).examples if e.operation == "OP-createProduct")
    assert json.loads(shop.request) == {"name": "Product A", "price": 1250, "sku": "TS-1001"}


def test_a_hidden_field_is_in_no_example_answer() -> None:
    for example in records_of(PHASE["clinic"]["architecture"]).examples:
        assert "diagnosis" not in example.response


def test_one_service_until_the_complexity_asks_for_more() -> None:
    small = records_of(with_options("shop", complexity=Complexity.MEDIUM)["architecture"])
    assert [s.is_built for s in small.services] == [True]
    assert small.plan == ()
    large = records_of(PHASE["shop"]["architecture"])
    assert [(s.name, s.is_built) for s in large.services] == [
        ("orders-service", True),
        ("products-service", True),
        ("payment-service", False),
        ("figures-service", True),
    ]
    assert {w.service for w in large.plan} == {s.name for s in large.services}
    owned = [name for s in large.services for name in s.owns if s.is_built and s.name != "figures-service"]
    assert sorted(owned) == sorted(e.name for e in large.entities)


def test_even_one_kind_of_record_is_counted_by_a_service_of_its_own_when_the_work_is_large() -> None:
    made = records_of(with_options("expenses", complexity=Complexity.COMPLEX)["architecture"])
    assert [s.name for s in made.services] == ["expenses-service", "figures-service"]
    assert ("event log", "figures-service", "asynchronous") in {(f.source, f.target, f.style) for f in made.flows}


def test_events_go_between_the_services_asynchronously() -> None:
    made = records_of(PHASE["clinic"]["architecture"])
    names = {s.name for s in made.services}
    between = [f for f in made.flows if f.source in names and f.target in names]
    assert [f.carries for f in between if f.target == "notification-service"] == ["appointment_confirmed"]
    assert {f.style for f in between if f.target == "notification-service"} == {"asynchronous"}


def test_fields_say_what_the_rules_ask_of_them() -> None:
    shop = records_of(PHASE["shop"]["architecture"])
    sku, quantity = (
        next(f for f in shop.entity(e).fields if f.name == n) for e, n in (("product", "sku"), ("order", "quantity"))
    )
    assert (sku.unique, sku.indexed) == ("AC-S1", "unique (AC-S1)")
    assert (quantity.minimum, quantity.maximum) == (1, 99)
    category = next(
        f for f in records_of(PHASE["expenses"]["architecture"]).entity("expense").fields if f.name == "category"
    )
    assert category.indexed == "filter (AC-S5)"


@pytest.mark.parametrize("name", CASES)
def test_every_decision_weighs_options_and_takes_one(name: str) -> None:
    for decision in records_of(PHASE[name]["architecture"]).decisions:
        assert len(decision.options) == 3 or decision.title.endswith("beside REST")
        assert [o.taken for o in decision.options].count(True) == 1
        assert decision.source


def test_a_time_limit_in_a_request_is_below_that_of_its_caller() -> None:
    made = records_of(PHASE["shop"]["architecture"])
    assert all(r.timeout_ms < 300 for r in made.resilience if r.kind != "sms")
    assert {r.dependency for r in made.resilience} == {"database", "Stripe"}


@pytest.mark.parametrize("name", CASES)
def test_threats_are_at_operations_and_criteria_that_exist(name: str) -> None:
    design, risk = records_of(PHASE[name]["architecture"]), records_of(PHASE[name]["risk"])
    ids = {c.id for c in records_of(PHASE[name]["business"]).criteria}
    assert [t.id for t in risk.threats] == [f"TH-{n}" for n in range(1, len(risk.threats) + 1)]
    scores = [t.likelihood * t.impact for t in risk.threats]
    assert scores == sorted(scores, reverse=True)
    for threat in risk.threats:
        assert threat.entry_point in {op.id for op in design.operations}
        assert set(threat.criteria) <= ids
        assert re.fullmatch(r"CWE-\d+", threat.cwe)
        assert re.fullmatch(r"API\d+:2023|-", threat.owasp)
        assert threat.owner
        assert threat.source
    assert [r.threat for r in risk.requirements] == [t.id for t in risk.threats]
    assert all(re.match(r"V\d+ ", r.asvs) for r in risk.requirements)


def test_what_the_law_asks_follows_from_the_fields() -> None:
    rules = {name: " ".join(c.rule for c in records_of(PHASE[name]["risk"]).compliance) for name in CASES}
    assert rules["expenses"] == ""
    assert "GDPR art. 9" in rules["clinic"]
    assert "HIPAA" in rules["clinic"]
    assert "PCI DSS" not in rules["clinic"]
    assert rules["shop"].startswith("PCI DSS 4.0")


def test_retention_comes_from_the_request_or_is_open() -> None:
    kept = {item.field: item.retention for name in ("clinic", "shop") for item in records_of(PHASE[name]["risk"]).data}
    assert kept["appointment.diagnosis"] == "2 years (AC-S5)"
    assert kept["order.card_reference"] == "open: the request names none"


@pytest.mark.parametrize("step", ["business", "architecture", "risk"])
def test_no_long_sentence_stands_in_the_papers_of_every_domain(step: str) -> None:
    """Cells and lines of nine words or more that the domains share word for word; a few of them are explanations of a method."""
    lines = [
        {cell.strip() for cell in re.split(r"\||\n", PHASE[name][step].report) if len(cell.split()) >= 9}
        for name in CASES
    ]
    shared = lines[0] & lines[1] & lines[2]
    smallest = min(len(found) for found in lines)
    assert len(shared) <= max(3, smallest * 0.2), shared
