"""Events are believed when the running service sends what is planned, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.evidence.subjects import Subject
from services.evidence.tracking import measure_tracking
from services.workflow.options import AnalyticsPlatform
from tests.builders import REQUEST
from tests.evidence.subjects import generated, with_files, with_records

pytestmark = pytest.mark.usefixtures("environments")
SEGMENT, AMPLITUDE, MIXPANEL, CUSTOM = AnalyticsPlatform
ROUTES, EMITTER = "app/expenses/routes.py", "app/analytics.py"


def made(platform: AnalyticsPlatform = CUSTOM) -> Subject:
    return generated(REQUEST.model_copy(update={"analytics_platform": platform}))


def edited(subject: Subject, path: str, old: str, new: str) -> Subject:
    text = subject.files[path].decode()
    assert old in text, old
    return with_files(subject, {path: text.replace(old, new).encode()})


def plan_changed(platform: AnalyticsPlatform, change: Callable[[Any], Any]) -> Subject:
    subject = made(platform)
    path = next(path for path in subject.files if path.startswith("analytics/plan") and path.endswith(".json"))
    data = json.loads(subject.files[path])
    change(data)
    return with_files(subject, {path: json.dumps(data).encode()})


@pytest.mark.parametrize("platform", AnalyticsPlatform)
def test_the_service_sends_what_is_planned_in_each_platforms_form(platform: AnalyticsPlatform) -> None:
    measured = measure_tracking(made(platform))
    assert (measured.outcome, measured.findings) == ("passed", ()), (measured.reason, measured.log)
    assert {"expense_created", "expense_updated", "expense_approved"} <= measured.figures["emitted"].keys()


def test_whoever_looks_twice_has_seen_it_once() -> None:
    figures = measure_tracking(made()).figures
    assert (figures["emitted"]["expense_approvals_exposed"], figures["ids"]["expense_approvals_exposed"]) == (2, 1)


FAULTS: dict[str, tuple[Callable[[], Subject], str]] = {
    "event-unplanned": (lambda: edited(with_another_name(), EMITTER, '    "expense_created"', '    "expense_made"'), "expense_made"),
    "event-unsent": (lambda: plan_changed(CUSTOM, lambda d: d["events"].update(expense_lost="schemas/expense_created.json")), "expense_lost"),
    "event-differs": (lambda: edited(made(), "analytics/schemas/expense_created.json", '"integer"', '"boolean"'), "expense_created was sent with"),
    "event-schema": (lambda: edited(made(), "analytics/schemas/expense_created.json", '"integer"', '"whole"'), "expense_created is none"),
    "event-name": (lambda: plan_changed(SEGMENT, lambda d: d["rules"][0].update(key="Expense Created!")), "object_action"),
    "plan-clash": (lambda: with_records(made(), "data", events=made().records["data"]["events"][1:]), "expense_created"),
    "plan-shape": (lambda: plan_changed(MIXPANEL, lambda d: d["entries"].append({})), "cannot be read"),
}  # fmt: skip


def with_another_name() -> Subject:
    """The code sends expense_made where the plan has expense_created."""
    subject = made()
    changed = {
        path: data.replace(b'"expense_created"', b'"expense_made"')
        for path, data in subject.files.items()
        if path.startswith("app/expenses/")
    }
    return with_files(subject, changed)


@pytest.mark.parametrize("rule", FAULTS)
def test_a_fault_is_found(rule: str) -> None:
    make, said = FAULTS[rule]
    measured = measure_tracking(make())
    assert measured.outcome == "failed"
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, (measured.reason, [(f.rule, f.message) for f in measured.findings], measured.log)
    assert all(f.place and f.advice for f in mine)


def test_without_a_plan_nothing_is_measured() -> None:
    measured = measure_tracking(with_files(made(), {"analytics/plan.json": None}))
    assert (measured.outcome, "no tracking plan" in measured.reason) == ("not_measured", True)
