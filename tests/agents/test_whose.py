"""Whose records an act reaches, who may do what nobody spoke of, and what is never given back."""

import json

import pytest

from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.rule_plan import plan_of
from services.features.extract import understand
from tests.agents.chain import drafts_of, files_of
from tests.builders import REQUEST

TEXT = (
    "Employees submit expenses with an amount and a note. Managers approve or reject an expense. "
    "Employees cancel an expense.\n\n- {rule}\n"
)


def domain_of(rule: str) -> Domain:
    return plan_of(understand(REQUEST.model_copy(update={"description": TEXT.format(rule=rule)}), ())).domain


@pytest.mark.parametrize(
    "rule",
    [
        "Employees see only their own expenses.",
        "Employees can only view their own expenses.",
        "An employee cannot see expenses of others.",
    ],
)
def test_whoever_sees_only_own_records_reaches_no_other_by_any_act(rule: str) -> None:
    domain = domain_of(rule)
    restricted = {act for act in domain.acts("expense") if "employee" in domain.restricted("expense", act)}
    assert restricted == set(domain.acts("expense")) - {"create"}
    assert not any("manager" in domain.restricted("expense", act) for act in domain.acts("expense"))


def test_the_test_of_such_a_rule_tries_what_the_role_may_do() -> None:
    text = TEXT.format(rule="Employees see only their own expenses.")
    files = files_of(drafts_of(REQUEST.model_copy(update={"description": text}), until="tests").values())
    test = files["tests/acceptance/test_criteria.py"].decode().split("def test_ac_s1")[1].split("\n\n\n")[0]
    for act in ("get", "update", "cancel"):
        assert f'attempt(client, "expense", "{act}", record, role="employee", user="a stranger")' in test
    assert 'listed(client, "expense", role="employee"' in test


def test_a_rule_about_another_act_restricts_that_act_alone() -> None:
    domain = domain_of("Employees can only change their own expenses.")
    assert domain.restricted("expense", "update")
    assert not domain.restricted("expense", "list")


def test_who_may_create_also_changes_where_nobody_is_named() -> None:
    domain = domain_of("Amounts above 500 EUR need a note.")
    assert domain.roles("expense", "update") == domain.roles("expense", "create") == ("employee",)
    assert set(domain.roles("expense", "list")) == {"employee", "manager"}


def test_a_secret_is_taken_and_never_given_back() -> None:
    text = "Admins create accounts with an email and a password. Admins see accounts."
    drafts = drafts_of(REQUEST.model_copy(update={"description": text}), until="frontend")
    files = files_of(drafts.values())
    assert b'exclude={"password"}' in files["app/accounts/rules.py"]
    schemas = json.loads(files["design/openapi.json"])["components"]["schemas"]
    assert "password" in schemas["AccountCreate"]["properties"]
    assert "password" not in schemas["AccountShown"]["properties"]
