"""Monitoring that would stay silent, or wake somebody for nothing, is found out; the blueprint's is sound for every stack."""

from typing import Any

import pytest

from services.evidence.monitoring import measure_monitoring
from services.evidence.subjects import Subject
from services.workflow.options import MonitoringStack
from tests.builders import REQUEST
from tests.evidence.subjects import generated, with_files, with_records

pytestmark = pytest.mark.usefixtures("environments")
DATADOG, NEWRELIC, GRAFANA, CUSTOM = MonitoringStack
RULES, PANELS = "observability/prometheus/rules.yaml", "observability/grafana/dashboard.json"
MONITORS, CONDITIONS = "observability/datadog/monitors.json", "observability/newrelic/alerts.json"


def made(stack: MonitoringStack = GRAFANA) -> Subject:
    return generated(REQUEST.model_copy(update={"monitoring_stack": stack}))


@pytest.mark.parametrize("stack", MonitoringStack)
def test_the_monitoring_of_the_blueprint_is_sound_for_each_stack(stack: MonitoringStack) -> None:
    measured = measure_monitoring(made(stack))
    assert (measured.outcome, measured.findings) == ("passed", ()), (measured.reason, measured.log)
    assert measured.figures["alerts"] > 3
    assert measured.figures["queries"] > 6
    assert ("NRQL by its shape only" in measured.reason) is (stack is NEWRELIC)


EDITS: list[tuple[MonitoringStack, str, str, str, str, str]] = [
    (GRAFANA, RULES, "sum(rate(http_requests_total", "sum(rate(http_requests_count", "metric-unknown", "http_requests_count"),
    (GRAFANA, RULES, "[5m])) / sum(", "[5m]) / sum(", "query-invalid", "slo:slo1:bad_share:5m"),
    (GRAFANA, RULES, 'status=~"5.."', 'code=~"5.."', "label-unknown", "code"),
    (GRAFANA, RULES, "severity: page", "severity: loud", "severity", "page or ticket"),
    (GRAFANA, RULES, "runbook: observability/runbooks/AL-1.md", "more: nothing", "alert-runbook", "names no runbook"),
    (GRAFANA, RULES, "alert: AL-2", "alert: AL-9", "alert-untold", "AL-9"),
    (GRAFANA, RULES, "alert: AL_2_SLO_1_burns_6_times", "alert: AL_1_SLO_1_burns_14_4_times", "alert-twice", "AL_1"),
    (GRAFANA, RULES, "groups:", "groups: [", "shape", "cannot be read"),
    (GRAFANA, PANELS, '"expr"', '"query"', "shape", "expr"),
    (DATADOG, MONITORS, '"slo alert"', '"slow alert"', "shape", "slow alert"),
    (DATADOG, MONITORS, "> 14.4", "", "query-invalid", "compares with nothing"),
    (DATADOG, "observability/datadog/slos.json", "http_requests_total", "http_answers_total", "metric-unknown", "http_answers_total"),
    (NEWRELIC, CONDITIONS, "SELECT filter", "filter", "query-invalid", "SELECT"),
    (NEWRELIC, CONDITIONS, '"AL-1 SLO-1', '"Errors', "alert-unknown", "names no alert"),
    (CUSTOM, "observability/slo.yaml", "target: 0.995", "target: 0.9", "target-clash", "SLO-1 is 99.5 % in step 11, and 90 % here"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("stack", "path", "old", "new", "rule", "said"), EDITS, ids=[f"{e[0]} {e[4]} {e[5]}" for e in EDITS]
)
def test_a_fault_in_a_file_is_found(
    stack: MonitoringStack, path: str, old: str, new: str, rule: str, said: str
) -> None:
    subject = made(stack)
    text = subject.files[path].decode()
    assert old in text, old
    measured = measure_monitoring(with_files(subject, {path: text.replace(old, new, 1).encode()}))
    assert measured.outcome == "failed"
    mine = [f for f in measured.findings if f.rule == rule and said in f.message]
    assert mine, [(f.rule, f.message) for f in measured.findings]
    assert {f.task for f in mine} == {"observability"}


def rows(subject: Subject, key: str, number: int, **changes: Any) -> Subject:
    records = [dict(row) for row in subject.records["observability"][key]]
    records[number] |= changes
    return with_records(subject, "observability", **{key: records})


RECORDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("objectives", {"budget_minutes": 43.2}, "budget-minutes", "leave 216"),
    ("alerts", {"threshold_percent": 5.0}, "threshold", "14.4 times the budget are 7.2 %"),
    ("alerts", {"objective": "SLO-9"}, "alert-without-slo", "SLO-9"),
    ("alerts", {"id": "AL-7"}, "alert-missing", "AL-7"),
    ("alerts", {"runbook": "observability/runbooks/AL-0.md"}, "runbook-missing", "no runbook"),
]


@pytest.mark.parametrize(("key", "changes", "rule", "said"), RECORDS, ids=[r[2] for r in RECORDS])
def test_a_figure_that_is_not_what_it_follows_from_is_found(
    key: str, changes: dict[str, Any], rule: str, said: str
) -> None:
    measured = measure_monitoring(rows(made(), key, 0, **changes))
    assert [f for f in measured.findings if f.rule == rule and said in f.message], measured.reason


def test_an_objective_that_nobody_hears_of_is_found() -> None:
    subject = made()
    alerts = [row for row in subject.records["observability"]["alerts"] if row["objective"] != "SLO-2"]
    measured = measure_monitoring(with_records(subject, "observability", alerts=alerts))
    assert any(f.rule == "slo-without-alert" and "SLO-2" in f.message for f in measured.findings)


def test_a_runbook_that_says_nothing_is_none() -> None:
    measured = measure_monitoring(with_files(made(), {"observability/runbooks/AL-1.md": b"# AL-1\n\nSoon.\n"}))
    assert [(f.rule, f.place) for f in measured.findings] == [("runbook-empty", "observability/runbooks/AL-1.md")]


@pytest.mark.parametrize("path", [RULES, PANELS, "observability/slo.yaml"])
def test_a_file_that_is_missing_is_missed(path: str) -> None:
    measured = measure_monitoring(with_files(made(), {path: None}))
    assert (path, "file-missing") in {(f.place, f.rule) for f in measured.findings}
