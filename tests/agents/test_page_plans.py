"""What the page offers follows from the entity, its rules and its contract; what is said of it is counted."""

import gzip
import json
from typing import Any

import pytest

from services.agents.blueprint.implementation.page_checks import contrast, contrasts, served
from services.agents.blueprint.implementation.page_plans import columns_of, title_of
from services.agents.blueprint.implementation.page_texts import names_of, worded
from services.agents.blueprint.rules.rule_plan import plan_of
from services.features.understanding import FieldType, Resource, RuleKind, Sensitivity
from tests.agents.chain import files_of, records_of
from tests.agents.page_cases import CASES, clinic, expenses, named, page_of
from tests.agents.understandings import everything, field, plain, rule, understanding


def config_of(made: Any) -> dict[str, Any]:
    text = page_of(made)["frontend"].files["web/config.js"].decode()
    return dict(json.loads(text[text.index("{") : text.rindex("}") + 1]))


def entity_of(made: Any, name: str) -> dict[str, Any]:
    return next(entity for entity in config_of(made)["entities"] if entity["name"] == name)


@pytest.mark.parametrize("case", [*CASES.values(), everything, plain], ids=lambda case: case.__name__)
def test_every_operation_of_the_contract_is_offered_and_no_other(case: Any) -> None:
    contract = json.loads(page_of(case())["architecture"].files["design/openapi.json"])
    offered = {(v["method"].lower(), v["path"]) for e in config_of(case())["entities"] for v in e["verbs"].values()}
    assert offered == {(method, path) for path, item in contract["paths"].items() for method in item}


@pytest.mark.parametrize("case", [*CASES.values(), everything], ids=lambda case: case.__name__)
def test_every_query_parameter_of_the_list_is_reached_and_no_other(case: Any) -> None:
    contract = json.loads(page_of(case())["architecture"].files["design/openapi.json"])
    for entity in config_of(case())["entities"]:
        asked = {p["name"] for p in contract["paths"][entity["verbs"]["list"]["path"]]["get"]["parameters"]}
        reached = (
            {f["name"] for f in entity["filters"]} | {"after", "limit", "sort"} | ({"q"} if entity["search"] else set())
        )
        assert reached == asked


def test_the_list_begins_with_the_name_and_leaves_out_what_is_long_or_nobodys_business() -> None:
    patient = clinic().resources[1]
    domain = plan_of(clinic()).domain
    assert title_of(patient, domain) == "name"
    assert columns_of(patient, domain) == ("name", "birth_date", "email")
    expense = expenses().resources[0]
    assert columns_of(expense, plan_of(expenses()).domain) == ("title", "amount", "category", "is_urgent")


def test_what_rules_find_by_comes_into_the_list_before_what_is_only_there() -> None:
    fields = [field(name, FieldType.INTEGER, required=True) for name in ("a", "b", "c", "d", "e", "f", "g")]
    thing = Resource(name="thing", plural="things", label="Thing", fields=tuple(fields))
    made = understanding(
        (thing,), (rule(RuleKind.SORT, "thing", fields=("g",)), rule(RuleKind.FILTER, "thing", fields=("f",)))
    )
    assert columns_of(plan_of(made).resources[0], plan_of(made).domain) == ("a", "b", "c", "f", "g")


def test_a_record_without_a_name_is_called_by_its_number() -> None:
    secret = Resource(
        name="card",
        plural="cards",
        label="Card",
        fields=(
            field("number", required=True, sensitive=Sensitivity.PAYMENT),
            field("limit", FieldType.MONEY, required=True),
        ),
    )
    assert title_of(secret, plan_of(understanding((secret,), ())).domain) == ""
    assert entity_of(clinic(), "appointment")["title"] == ""


def test_verbs_carry_roles_states_and_what_they_take_along() -> None:
    verbs = entity_of(expenses(), "expense")["verbs"]
    assert verbs["approve"] == {
        "method": "POST", "path": "/expenses/{id}/approve", "roles": ["manager"], "in": ["submitted"], "to": "approved", "takes": [],
        "optimistic": False, "notOwn": True,
    }  # fmt: skip
    assert (verbs["reject"]["takes"], verbs["reject"]["asks"]) == (["comment"], ["comment"])
    assert verbs["submit"]["optimistic"] is True
    assert verbs["update"]["in"] == ["draft", "submitted"]


def test_conditions_and_pairs_are_told_to_the_form() -> None:
    assert entity_of(expenses(), "expense")["needed"] == [
        {"field": "comment", "when": "amount", "operator": ">", "value": "50000"}
    ]
    assert entity_of(clinic(), "appointment")["compared"] == [
        {"field": "ends_at", "operator": ">", "other": "starts_at"}
    ]
    fields = {f["name"]: f for f in entity_of(expenses(), "expense")["fields"]}
    assert (fields["category"]["fixed"], fields["card_number"]["hidden"], fields["is_urgent"]["default"]) == (
        True,
        "masked",
        "false",
    )


def test_only_what_no_rule_refuses_is_shown_before_the_answer() -> None:
    calls = {call.operation: call for call in records_of(page_of(expenses())["frontend"]).calls}
    assert [name for name, call in calls.items() if call.optimistic] == ["OP-submitExpense"]
    assert "Idempotency-Key" in calls["OP-createExpense"].retry
    assert calls["OP-updateExpense"].retry.startswith("never")
    assert "412 shows both values" in calls["OP-updateExpense"].on_failure


def test_names_are_words_and_no_markup_or_line_leaves_them() -> None:
    assert [worded(name) for name in ("page_url", "customer_id", "starts_at", "sku")] == [
        "Page URL",
        "Customer ID",
        "Starts at",
        "SKU",
    ]
    names = names_of(plan_of(clinic()), ("doctor",))
    assert (names["field.appointment.patient_id"], names["state.appointment.done"], names["role.doctor"]) == (
        "Patient",
        "Done",
        "Doctor",
    )
    hostile = named("</script><img src=x onerror=alert(1)>\u2028{{ 7 * 7 }}", "hostile", expenses())
    files = page_of(hostile)["frontend"].files
    assert b"<img" not in files["web/index.html"] + files["web/texts.js"] + files["web/config.js"]


@pytest.mark.parametrize("case", [*CASES.values(), everything, plain], ids=lambda case: case.__name__)
def test_budgets_are_counted_from_the_files_and_kept(case: Any) -> None:
    draft = page_of(case())["frontend"]
    sent = served(draft.files)
    budgets = {budget.metric: budget for budget in records_of(draft).budgets}
    assert not [path for path in sent if "tests" in path]
    assert budgets["bytes, as they are"].value == f"{sum(map(len, sent.values())) / 1000:.1f} kB"
    packed = sum(len(gzip.compress(data, 9, mtime=0)) for data in sent.values())
    assert budgets["bytes, compressed (gzip -9 per file)"].value == f"{packed / 1000:.1f} kB"
    assert {budget.verdict for budget in records_of(draft).budgets} == {"kept", "open"}


def test_contrast_is_counted_as_wcag_does_and_is_enough_in_both_schemes() -> None:
    assert (contrast("#000000", "#ffffff"), contrast("#777777", "#ffffff")) == pytest.approx((21.0, 4.478), abs=0.001)
    found = contrasts(files_of(page_of(expenses()).values())["web/styles.css"].decode())
    assert set(found) == {"light", "dark"}
    assert all(text >= 4.5 and edge >= 3 for text, edge in found.values())


def test_screens_name_their_stories_roles_fields_and_states() -> None:
    screens = {screen.route: screen for screen in records_of(page_of(expenses())["frontend"]).screens}
    assert list(screens) == [
        "sign-in",
        "#/expenses",
        "#/expenses/{id}",
        "#/expenses/new",
        "#/expenses/{id}/update",
        "#/expenses/{id}/reject",
    ]
    assert screens["#/expenses/{id}/update"].shows == ("title", "amount", "comment", "is_urgent", "card_number")
    assert screens["#/expenses/{id}/reject"].roles == ("manager",)
    assert {"empty", "offline", "denied", "switched off"} <= set(screens["#/expenses"].states)


def test_the_journey_has_values_for_every_step_and_times_from_its_own_moment() -> None:
    journey = json.loads(page_of(clinic())["frontend"].files["web/tests/journey.json"])
    assert [record["entity"] for record in journey["records"]] == ["patient"] * 4 + ["appointment"] * 3
    typed = {value["field"]: value["value"] for value in journey["create"]["values"]}
    assert set(typed["starts_at"]) == {"seconds"}
    assert typed["starts_at"]["seconds"] < typed["ends_at"]["seconds"]
    assert typed["patient_id"] == {"refers_to": "patient", "number": 0}
    assert [move["verb"] for move in journey["moves"]] == ["confirm", "finish"]
