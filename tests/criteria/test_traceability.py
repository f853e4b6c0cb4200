"""A criterion can be followed from its story to its rollback, and what is missing on the way is named."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.criteria.traceability import Line, Traceability, trace
from services.criteria.views import AcceptanceView
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, of_the_corpus, with_files, with_records


@pytest.fixture(scope="module")
def subject() -> Subject:
    return generated()


def acceptance(subject: Subject, **outcomes: str) -> tuple[AcceptanceView, ...]:
    """As if a test run had proven every criterion but those of other outcomes."""
    return tuple(
        AcceptanceView(
            c.id,
            c.story,
            c.text,
            c.stated,
            outcomes.get(c.id, "covered"),
            "",
            (f"tests/t.py::{c.id}",),
            not c.rules,
            "",
        )
        for c in subject.understanding.criteria
    )


def line(found: Traceability, criterion: str) -> Line:
    return next(line for line in found.lines if line.criterion == criterion)


def test_a_line_leads_from_the_story_to_the_rollback(subject: Subject) -> None:
    found = line(trace(subject, acceptance(subject)), "AC-2.1")
    assert found.story == "US-2"
    assert found.operations == ("OP-approveExpense",)
    assert found.code == ("app/expenses/routes.py::approve_expense",)
    assert found.tests == ("tests/t.py::AC-2.1",)
    assert found.events == ("EV-expense_approved",)
    assert found.metrics == ("SM-2",)
    assert len(found.alerts) == len(found.runbooks) > 0
    assert found.rollback[0] == "rung 1: Turn the feature flag off"


@pytest.mark.parametrize("id_", ["04-expense-approval", "16-subscription-plans", "31-audit-trail", "28-meeting-rooms"])
def test_what_the_blueprint_makes_has_no_gap(id_: str) -> None:
    made = of_the_corpus(id_)
    found = trace(made, acceptance(made))
    assert [(one.criterion, one.gaps) for one in found.lines if one.gaps] == []
    assert {kind for kind, _, _ in found.orphans} <= {"operation", "story"}


GAPS: list[tuple[str, Mapping[str, Any], str]] = [
    ("backend", {"rules": []}, "no place in the code"),
    ("architecture", {"operations": []}, "no operation"),
    ("data", {"events": []}, "is in no tracking plan"),
    ("deployment", {"rollback": []}, "no rollback"),
]


@pytest.mark.parametrize(("task", "change", "gap"), GAPS, ids=[gap for _, _, gap in GAPS])
def test_a_link_that_is_missing_is_a_gap(subject: Subject, task: str, change: Mapping[str, Any], gap: str) -> None:
    found = trace(with_records(subject, task, **change), acceptance(subject))
    assert any(gap in one for one in line(found, "AC-2.1").gaps)


def test_a_criterion_whose_tests_prove_nothing_has_a_gap(subject: Subject) -> None:
    found = trace(subject, acceptance(subject, **{"AC-2.1": "not_covered"}))
    assert line(found, "AC-2.1").gaps == ("its tests prove nothing",)


def test_an_alert_without_its_runbook_is_a_gap(subject: Subject) -> None:
    found = trace(with_files(subject, {"observability/runbooks/AL-2.md": None}), acceptance(subject))
    assert line(found, "AC-2.1").gaps == ("no runbook for AL-2",)


def test_what_no_step_has_made_yet_is_no_gap(subject: Subject) -> None:
    early = replace(subject, records={key: subject.records[key] for key in ("business", "architecture", "risk")})
    untested = tuple(replace(one, tests=()) for one in acceptance(subject, **{"AC-2.1": "not measured yet"}))
    assert [one.gaps for one in trace(early, untested).lines if one.gaps] == []


def test_what_serves_nothing_is_an_orphan(subject: Subject) -> None:
    cases = [dict(case) for case in subject.records["tests"]["cases"]]
    cases[1]["criteria"] = ["AC-9.9"]
    changed = with_records(with_records(subject, "tests", cases=cases), "observability", objectives=[])
    found = trace(changed, acceptance(subject))
    assert ("test", "tests/test_expenses.py", "it tests AC-9.9, which nobody asked for") in found.orphans
    assert ("alert", "AL-1", "its objective SLO-1 does not exist") in found.orphans


def test_risks_of_the_business_and_threats_of_security_stand_on_one_map(subject: Subject) -> None:
    ids = {threat.id for threat in trace(subject, acceptance(subject)).threats}
    assert {"BR-1", "TH-1"} <= ids
