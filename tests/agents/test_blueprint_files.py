"""Steps 5, 6 and 8 to 12 of the blueprint engine: every file parses, nothing typed breaks one, same in, same out."""

import ast
import json
import re
import sqlite3
import subprocess
import tomllib
from functools import cache
from html.parser import HTMLParser

import pytest
import yaml

from services.agents.blueprint.rendering import class_of
from services.agents.engine import Draft
from services.features.request import Document, FeatureRequest
from services.workflow.options import (
    AnalyticsPlatform,
    Complexity,
    DeploymentStrategy,
    DocumentKind,
    FlagService,
    Methodology,
    MonitoringStack,
)
from services.workflow.tasks import may_write, tasks_for
from services.workspaces.paths import check_path
from tests.agents.chain import drafts_of, files_of, records_of
from tests.builders import REQUEST

OWN = ("frontend", "data", "security", "performance", "deployment", "observability", "documentation")
HOSTILE = "\"'`{{ 7*7 }} {% raw %} {# x #} </script><img src=x onerror=alert(1)> ${PWD} $(id) \\ # | \u202eabc\u202c שלום 🚀 \u2028 ---\n- a: b"


@cache
def made(**options: object) -> dict[str, Draft]:
    return drafts_of(REQUEST.model_copy(update=options))


def hostile_request() -> FeatureRequest:
    text = f"Customers create orders with an amount and a note. Managers approve an order. {HOSTILE} Orders must not {HOSTILE}."
    return REQUEST.model_copy(
        update={
            "title": HOSTILE.replace("\n", " ")[:190],
            "description": text,
            "performance_budget": HOSTILE.replace("\n", " ")[:190],
        }
    )


def every_request() -> list[FeatureRequest]:
    """One request per value of each option, and texts of other shapes."""
    changes: list[dict[str, object]] = [{"methodology": m} for m in Methodology]
    changes += [{"complexity": c} for c in Complexity]
    changes += [{"deployment_strategy": s} for s in DeploymentStrategy]
    changes += [{"feature_flag_service": f} for f in FlagService]
    changes += [{"analytics_platform": a} for a in AnalyticsPlatform]
    changes += [{"monitoring_stack": m} for m in MonitoringStack]
    changes += [
        {"rollout_percentage": 100},
        {"rollout_percentage": 60, "deployment_strategy": DeploymentStrategy.A_B_TEST},
    ]
    changes += [
        {"title": "🚀", "description": "?"},
        {"title": "Clinic", "description": "Patients book appointments with a date, a diagnosis and an email. Doctors view and cancel appointments. Appointments are kept for 2 years. 99.9 % availability. p99 below 100 ms. Reminders are sent by sms. Nurses add notes and delete notes.", "complexity": Complexity.EPIC},
        {"performance_budget": "p50 < 20 ms"},
        {"performance_budget": "p95 < 200 ms, 300 requests per second, error rate < 2 %"},
    ]  # fmt: skip
    return [REQUEST.model_copy(update=change) for change in changes] + [hostile_request()]


@pytest.mark.parametrize("request_", every_request())
def test_every_file_parses_and_belongs_to_its_task(request_: FeatureRequest) -> None:
    tasks = tasks_for(request_.methodology)
    for key, draft in drafts_of(request_).items():
        for path, data in draft.files.items():
            check_path(path)
            assert may_write(tasks, key, path)
            parse(path, data)
        assert "Made by the blueprint engine" in draft.report


def parse(path: str, data: bytes) -> None:
    text = data.decode("utf-8")
    if path.endswith(".py"):
        compile(text, path, "exec")
    elif path.endswith((".json", ".sarif")):
        json.loads(text)
    elif path.endswith((".yml", ".yaml")):
        assert all(document is not None for document in yaml.safe_load_all(text))
    elif path.endswith(".sh"):
        subprocess.run(["sh", "-n"], input=data, check=True)
    elif path.endswith(".sql"):
        assert sqlite3.complete_statement(text)
    elif path.endswith(".html"):
        HTMLParser().feed(text)


def test_what_was_typed_never_becomes_markup_or_code() -> None:
    files = files_of(drafts_of(hostile_request()).values())
    page = files["web/index.html"].decode()
    assert "<img" not in page
    assert "&lt;/script&gt;" in page
    assert "49" not in page
    for path, data in files.items():
        if path.endswith(".md"):
            assert not re.search(r"(?<!\\)<(img|/?script)", data.decode()), path
    assert files["web/config.js"].isascii()


def test_the_page_holds_a_strict_policy_and_builds_no_markup() -> None:
    files = made()["frontend"].files
    page = files["web/index.html"].decode()
    assert "default-src 'none'; script-src 'self'" in page
    assert not re.search(r"\son[a-z]+=|<style|style=|javascript:|https?://", page)
    for path, data in files.items():
        assert not re.search(rb"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", data), path


def test_the_page_offers_exactly_the_operations_of_the_architecture() -> None:
    drafts = made()
    text = drafts["frontend"].files["web/config.js"].decode()
    config = json.loads(text[text.index("{") : text.rindex("}") + 1])
    contract = json.loads(drafts["architecture"].files["design/openapi.json"])
    offered = [verb for entity in config["entities"] for verb in entity["verbs"].values()]
    assert {(o["method"].lower(), o["path"]) for o in offered} == {
        (m, p) for p, item in contract["paths"].items() for m in item
    }
    assert [call.operation for call in records_of(drafts["frontend"]).calls] == [
        op.id for op in records_of(drafts["architecture"]).operations
    ]


@pytest.mark.parametrize("methodology", Methodology)
def test_every_mark_of_the_tests_is_declared(methodology: Methodology) -> None:
    files = files_of(made(methodology=methodology).values())
    declared = tomllib.loads(files["pyproject.toml"].decode())["tool"]["pytest"]["ini_options"]["markers"]
    tags = {tag for path, data in files.items() if path.endswith(".feature") for tag in re.findall(rb"@(\S+)", data)}
    assert {mark.split(":")[0].split("(")[0] for mark in declared} == {"criterion", *(tag.decode() for tag in tags)}
    assert bool(tags) is (methodology is Methodology.BDD)


def test_every_id_that_a_page_names_is_in_it() -> None:
    files = made()["frontend"].files
    page = files["web/index.html"].decode()
    named = set(re.findall(rb'\$\("([a-z-]+)"\)', files["web/app.js"]))
    assert {name.decode() for name in named} <= set(re.findall(r'id="([a-z-]+)"', page))


def test_records_cite_only_ids_that_earlier_steps_gave() -> None:
    drafts = made()
    design, business = records_of(drafts["architecture"]), records_of(drafts["business"])
    operations, events = {op.id for op in design.operations}, {e.id for e in design.events}
    planned = {e.id for e in records_of(drafts["data"]).events}
    assert events < planned
    assert planned - events == set(records_of(drafts["frontend"]).events)
    assert {q.event for q in records_of(drafts["data"]).quality} <= planned
    assert {a.operation for a in records_of(drafts["security"]).authorization} == operations
    assert set(records_of(drafts["documentation"]).operations_documented) == operations
    watched = records_of(drafts["observability"])
    assert {a.objective for a in watched.alerts} == {o.id for o in watched.objectives}
    assert all(any(line.startswith(m.id) for line in watched.business) for m in business.metrics)


def test_every_link_of_the_documents_leads_to_a_file() -> None:
    for strategy in DeploymentStrategy:
        files = files_of(made(deployment_strategy=strategy).values())
        for path in [p for p in files if p.startswith("docs/") or p in ("README.md", "CHANGELOG.md")]:
            folder = path.rsplit("/", 1)[0].split("/") if "/" in path else []
            for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", files[path].decode()):
                parts = list(folder)
                for part in link.split("/"):
                    parts = parts[:-1] if part == ".." else [*parts, part]
                assert "/".join(parts) in files, f"{path} -> {link}"


def test_example_calls_of_the_reference_fit_their_schemas() -> None:
    from openapi_spec_validator import validate

    drafts = made()
    contract = json.loads(drafts["architecture"].files["design/openapi.json"])
    validate(contract)
    text = drafts["documentation"].files["docs/api.md"].decode()
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            assert f"`{method.upper()} {path}` · `{operation['operationId']}`" in text
    body = json.loads(re.search(r"-d '(.+)'", text)[1])  # type: ignore[index]
    assert set(body) <= set(contract["components"]["schemas"]["ExpenseCreate"]["properties"])


def test_the_same_request_gives_the_same_bytes() -> None:
    for request_ in (REQUEST, hostile_request()):
        first, second = drafts_of(request_), drafts_of(request_)
        for key in OWN:
            assert first[key].files == second[key].files
            assert first[key].report == second[key].report
            assert first[key].records.model_dump_json() == second[key].records.model_dump_json()


def test_no_artefact_holds_a_date_or_an_unfilled_mark() -> None:
    for key in OWN:
        for path, data in made()[key].files.items():
            text = data.decode()
            assert not re.search(r"\b20(2[4-9]|3\d)-\d\d-\d\d\b", text.replace("2026-01-15", "")), path
            assert "{%" not in text, path
            assert "TODO" not in text, path


def test_two_requests_give_different_pages_and_plans() -> None:
    other = drafts_of(
        REQUEST.model_copy(
            update={"title": "Library", "description": "Readers reserve books. Librarians close a reservation."}
        )
    )
    for key, path in (
        ("frontend", "web/config.js"),
        ("data", "analytics/plan.py"),
        ("documentation", "docs/user-guide.md"),
    ):
        assert other[key].files[path] != made()[key].files[path]


def test_remarks_and_context_documents_are_answered_by_name() -> None:
    document = Document(name="style-guide.md", kind=DocumentKind.INTERFACE, text="Buttons are blue.")
    assert (
        "style\\-guide" in drafts_of(REQUEST, (document,))["frontend"].report
        or "style-guide" in drafts_of(REQUEST, (document,))["frontend"].report
    )


def test_the_reports_are_short_enough_to_be_read() -> None:
    for key in OWN:
        assert len(made()[key].report.split()) < 1250, key


@pytest.mark.parametrize(
    ("entity", "name"),
    [("purchase_order", "PurchaseOrder"), ("none", "NoneRecord"), ("true", "TrueRecord"), ("session", "SessionRecord")],
)
def test_a_class_of_records_has_a_name_that_is_free(entity: str, name: str) -> None:
    assert class_of(entity) == name


def test_generated_python_has_no_unused_import() -> None:
    for path, data in files_of(made()[key] for key in OWN).items():
        if path.endswith(".py"):
            tree = ast.parse(data)
            imported = {
                a.asname or a.name.split(".")[0]
                for n in ast.walk(tree)
                if isinstance(n, ast.Import | ast.ImportFrom)
                for a in n.names
            }
            used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
            assert imported <= used, path
