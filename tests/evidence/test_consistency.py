"""Twelve results that contradict each other, the form or the request are found out; those of the blueprint agree."""

from dataclasses import replace
from typing import Any

import pytest

from services.evidence.papers.consistency import measure_consistency
from services.evidence.subjects import Subject
from services.workflow.options import Complexity
from services.workflow.tasks import TASKS, owner_of
from tests.evidence.subjects import generated, of_the_corpus, with_files, with_records

HONEST = ("07-rental-applications", "16-subscription-plans", "31-audit-trail", "28-meeting-rooms")


@pytest.fixture(scope="module")
def subject() -> Subject:
    return generated()


@pytest.mark.parametrize("id_", HONEST)
@pytest.mark.parametrize("phase", [1, 2, 3, 4])
def test_results_of_the_blueprint_agree_at_every_gate(id_: str, phase: int) -> None:
    whole = of_the_corpus(id_)
    keys = {task.key for task in TASKS if task.phase <= phase} | ({"tests-red"} if phase > 1 else set())
    early = replace(
        whole,
        records={key: r for key, r in whole.records.items() if key in keys},
        files={path: data for path, data in whole.files.items() if owner_of(TASKS, path) in keys},
    )
    measured = measure_consistency(early)
    assert (measured.outcome, measured.findings) == ("passed", ()), measured.reason


def changed(records: Any, path: str, value: Any) -> dict[str, Any]:
    """The part of records below the first word of a path, with another value at its end."""
    first, *rest = path.split(".")
    return {first: _set(records[first], rest, value)}


def _set(node: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    if isinstance(node, dict):
        return {**node, path[0]: _set(node[path[0]], path[1:], value)}
    return [_set(item, path[1:], value) if str(n) == path[0] else item for n, item in enumerate(node)]


CLASHES = [
    ("tests", "methodology", "bdd", "form-value-ignored", "methodology traditional"),
    ("tests", "coverage_minimum", 50, "form-value-ignored", "coverage minimum 80"),
    ("deployment", "strategy", "direct", "form-value-ignored", "deployment strategy canary"),
    ("deployment", "stages.0.share_percent", "some", "form-value-ignored", "rollout percentage 5"),
    ("deployment", "stages", [], "form-value-ignored", "says nothing of it"),
    ("backend", "flag.rollout_percentage", 5, "form-value-ignored", "rollout percentage 100"),
    ("backend", "flag.provider", "split", "form-value-ignored", "feature flag service custom"),
    ("data", "platform", "segment", "form-value-ignored", "analytics platform custom"),
    ("observability", "stack", "datadog", "form-value-ignored", "monitoring stack grafana"),
    ("backend", "endpoints.0.operation", "OP-makeExpense", "name-clash", "OP-makeExpense"),
    ("documentation", "operations_documented", ["OP-createExpense"], "name-missing", "OP-listExpenses"),
    ("frontend", "calls.0.operation", "OP-makeExpense", "name-clash", "OP-makeExpense"),
    ("data", "events.0.name", "expense_made", "name-clash", "expense_made"),
    ("security", "authorization.0.operation", "OP-makeExpense", "name-clash", "OP-makeExpense"),
    ("documentation", "runbooks", ["observability/runbooks/AL-1.md"], "name-missing", "AL-2.md"),
    ("tests", "cases.0.criteria", ["AC-S1"], "criterion-untested", "AC-1.2"),
    ("tests", "cases.1.criteria", ["AC-9.9"], "criterion-unknown", "AC-9.9"),
    ("backend", "rules.0.criterion", "AC-9.9", "criterion-unknown", "AC-9.9"),
    ("business", "criteria.0.text", "It is nice.", "criterion-reworded", "AC-S1"),
    ("business", "criteria", [], "criterion-lost", "AC-S1"),
    ("backend", "rules.0.file", "app/gone.py", "file-missing", "app/gone.py"),
    ("backend", "endpoints.0.function", "gone", "function-missing", "no function gone"),
    ("observability", "alerts.0.runbook", "observability/runbooks/AL-9.md", "file-missing", "AL-9.md"),
    ("tests", "cases.0.file", "tests/test_gone.py", "file-missing", "test_gone.py"),
    ("documentation", "pages.0.path", "docs/gone.md", "file-missing", "docs/gone.md"),
    ("risk", "threats.0.mitigation", "See TH-99 and AC-9.9.", "id-unknown", "TH-99"),
    ("observability", "alerts.0.objective", "SLO-9", "id-unknown", "SLO-9"),
]


@pytest.mark.parametrize(("task", "path", "value", "rule", "said"), CLASHES, ids=[f"{c[0]} {c[1]}" for c in CLASHES])
def test_a_clash_is_found_with_its_step_and_what_to_do(
    subject: Subject, task: str, path: str, value: Any, rule: str, said: str
) -> None:
    measured = measure_consistency(with_records(subject, task, **changed(subject.records[task], path, value)))
    assert measured.outcome == "failed"
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, [(f.rule, f.message) for f in measured.findings]
    assert all(f.advice.endswith(".") and f.place and f.task for f in mine)
    assert task in {f.task for f in mine}


def test_an_id_that_a_document_invents_is_found_with_its_line(subject: Subject) -> None:
    text = subject.files["docs/architecture.md"] + b"\nAs ADR-77 says.\n"
    (finding,) = measure_consistency(with_files(subject, {"docs/architecture.md": text})).findings
    assert finding.place == f"docs/architecture.md:{len(text.splitlines())}"
    assert "ADR-77" in finding.message


def test_a_budget_that_no_step_judges_by_is_found(subject: Subject) -> None:
    asked = subject.request.model_copy(update={"performance_budget": "p95 < 123 ms"})
    (finding,) = measure_consistency(replace(subject, request=asked)).findings
    assert (finding.task, finding.rule) == ("performance", "form-value-ignored")
    assert "123 ms" in finding.message


def test_an_epic_without_a_plan_is_found(subject: Subject) -> None:
    asked = subject.request.model_copy(update={"complexity": Complexity.EPIC})
    (finding,) = measure_consistency(replace(subject, request=asked)).findings
    assert (finding.task, "no plan" in finding.message) == ("architecture", True)


def test_a_sensitive_field_that_the_inventory_forgets_is_found() -> None:
    clinic = of_the_corpus("05-clinic-appointments")
    kept = [row for row in clinic.records["risk"]["data"] if row["field"] != "appointment.reason"]
    found = measure_consistency(with_records(clinic, "risk", data=kept)).findings
    assert [(f.rule, f.place) for f in found] == [("sensitive-unlisted", "records/risk.json, appointment.reason")]


def test_a_law_that_is_said_to_be_kept_without_a_proof_is_found() -> None:
    clinic = of_the_corpus("05-clinic-appointments")
    first, *rest = clinic.records["risk"]["compliance"]
    claimed = [{**first, "state": "built", "evidence": ""}, *rest]
    (finding,) = measure_consistency(with_records(clinic, "risk", compliance=claimed)).findings
    assert (finding.rule, finding.task, first["rule"] in finding.message) == ("compliance-unproven", "risk", True)


def test_without_results_there_is_nothing_to_compare(subject: Subject) -> None:
    assert measure_consistency(replace(subject, records={})).outcome == "not_measured"
