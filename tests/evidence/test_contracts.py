"""A document that promises what the application does not serve is found out, field by field."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.evidence.contracts import measure_contract
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, of_the_corpus, with_files

pytestmark = pytest.mark.usefixtures("environments")
FILE = "design/openapi.json"


@pytest.mark.parametrize("id_", ["07-rental-applications", "39-example-graphql-collaboration"])
def test_the_contract_of_the_blueprint_is_what_it_serves(id_: str) -> None:
    measured = measure_contract(of_the_corpus(id_))
    assert (measured.outcome, measured.findings) == ("passed", ()), (measured.reason, measured.log)
    assert measured.figures["operations"] > 3


def changed(change: Callable[[Any], Any]) -> Subject:
    document = json.loads(generated().files[FILE])
    change(document)
    return with_files(generated(), {FILE: json.dumps(document).encode()})


def schema(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


def renamed(document: Any) -> None:
    document["paths"]["/expenditures"] = document["paths"].pop("/expenses")


FAULTS: list[tuple[Callable[[Any], Any], str, str]] = [
    (renamed, "operation-unserved", "POST /expenditures"),
    (lambda d: d["paths"]["/expenses"]["post"].update(operationId="makeExpense"), "operation-renamed", "makeExpense"),
    (lambda d: d["paths"]["/expenses"]["post"]["responses"].update({"202": {"description": "x"}}), "status-differs", "POST /expenses promises 201, 202"),
    (lambda d: schema(d, "ExpenseCreate")["properties"].update(colour={"type": "string"}), "field-unserved", "colour"),
    (lambda d: schema(d, "ExpenseCreate")["properties"].pop("category"), "field-unpromised", "category"),
    (lambda d: d["paths"]["/expenses"]["get"]["parameters"].append({"name": "colour", "in": "query", "schema": {"type": "string"}}), "parameter-unserved", "colour"),
    (lambda d: schema(d, "ExpenseCreate")["properties"].update(x={"$ref": "#/components/schemas/Gone"}), "contract-invalid", ""),
    (lambda d: d.pop("info"), "contract-invalid", "info"),
    (lambda d: d["paths"]["/expenses"]["get"].update(responses=[]), "contract-invalid", ""),
]  # fmt: skip


@pytest.mark.parametrize(("change", "rule", "said"), FAULTS, ids=[f"{f[1]} {f[2]}" for f in FAULTS])
def test_a_difference_is_found(change: Callable[[Any], Any], rule: str, said: str) -> None:
    measured = measure_contract(changed(change))
    assert measured.outcome == "failed", measured.log
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, (measured.reason, [(f.rule, f.message) for f in measured.findings])
    assert {(f.place, f.task) for f in mine} == {(FILE, "architecture")}


def test_an_application_that_cannot_be_loaded_keeps_no_contract() -> None:
    measured = measure_contract(with_files(generated(), {"app/main.py": b"import nothing_of_that_name\n"}))
    assert measured.outcome == "failed"
    assert "nothing_of_that_name" in measured.reason
