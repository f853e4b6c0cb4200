"""The check of monitoring: queries by their parser, alerts, objectives and runbooks against each other and against the code."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from services.evidence.findings import Finding, found_in
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.monitoring_files import Asked, Query, emitted, is_nrql, read_stack, targets_of_slo_file
from services.evidence.papers.pages import read_page
from services.evidence.subjects import Subject
from services.evidence.tool_runs import read_found, run_tool

CHECK, TOOL = "monitoring", "promql-parser"
VERSION = 1
# Series and labels that the platform adds to everything that it scrapes.
_PLATFORM = {"up", "scrape_duration_seconds"}
_TARGET_LABELS = {"job", "instance", "namespace", "pod"}
_SERIES = re.compile(r"[a-z][a-z0-9_]*_(?:total|seconds|state|bucket|count|sum)\b(?!\()")
_RUNBOOK_WORDS = 30


def measure_monitoring(subject: Subject) -> Measurement:
    """Figures: how many `objectives`, `alerts` and `queries` there are."""
    stack = subject.request.monitoring_stack
    asked = read_stack(stack, subject.files)
    promql = [query for query in asked.queries if query.language == "promql"]
    result = run_tool(
        "promql_queries.py",
        {"queries.json": json.dumps([query.text for query in promql]).encode()},
        subject.environments,
        allow_unsandboxed=subject.allow_unsandboxed,
    )
    if isinstance(result, str):
        return not_measured(CHECK, TOOL, result)
    about: dict[str, Any] = {"check": CHECK, "tool": TOOL}
    try:
        answers = list(read_found(result)["answers"])
        findings = [
            *asked.findings,
            *_promql(promql, answers, asked, emitted(subject.files)),
            *_others(asked, emitted(subject.files)),
            *_objectives(subject),
            *_alerts(subject, asked),
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return measured(
            result, outcome="not_measured", reason=f"The queries could not be read: {error}.", figures={}, **about
        )
    records = subject.records.get("observability", {})
    figures = {
        "objectives": len(records.get("objectives", ())),
        "alerts": len(asked.alerts),
        "queries": len(asked.queries),
    }
    shape = " NRQL by its shape only." if any(query.language == "nrql" for query in asked.queries) else ""
    praise = (
        f"{figures['objectives']} objectives have {figures['alerts']} alerts with a runbook each; {figures['queries']} queries for "
        f"{stack.value} can be read and ask for what the code emits.{shape}"
    )
    outcome, reason = judged(findings, praise)
    return measured(result, outcome=outcome, reason=reason, figures=figures, findings=findings, **about)


def _promql(
    queries: Sequence[Query], answers: Sequence[Mapping[str, Any]], asked: Asked, series: Mapping[str, frozenset[str]]
) -> Iterator[Finding]:
    if len(queries) != len(answers):
        raise ValueError("the parser answered for other queries")
    for query, answer in zip(queries, answers, strict=True):
        if "error" in answer:
            yield found_in(
                query.path, "query-invalid", f"{query.where}: {answer['error']}", "Write PromQL that can be parsed."
            )
            continue
        for name, labels in answer["selectors"]:
            if name in asked.recorded or name in _PLATFORM:
                continue
            if name not in series:
                yield _unknown(query, name or "a series without a name")
            elif extra := sorted(set(labels) - series[name] - _TARGET_LABELS):
                what = f"{query.where} asks {name} for the label {extra[0]}, which it does not have."
                yield found_in(query.path, "label-unknown", what, "Ask for a label that the code sets.")


def _unknown(query: Query, name: str) -> Finding:
    what = f"{query.where} asks for {name}, which the code does not emit."
    return found_in(query.path, "metric-unknown", what, "Emit it, or ask for what is emitted.")


def _others(asked: Asked, series: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    for query in asked.queries:
        if query.language == "promql":
            continue
        if query.language == "nrql" and not is_nrql(query.text):
            yield found_in(query.path, "query-invalid", f"{query.where}: it is no SELECT ... FROM.", "Write NRQL.")
        names = set(_SERIES.findall(query.text))
        for name in sorted(name for name in names if name not in series):
            yield _unknown(query, name)
        if not names:
            yield found_in(
                query.path, "metric-unknown", f"{query.where} asks for no metric.", "Ask for what is emitted."
            )


def _objectives(subject: Subject) -> Iterator[Finding]:
    """Budgets and limits are computed again from the targets. Source: multi-window burn rates of Google's SRE workbook."""
    records, path = subject.records.get("observability", {}), "observability/slo.yaml"
    objectives = {row["id"]: row for row in records.get("objectives", ())}
    for id_, row in objectives.items():
        minutes = (100 - row["target_percent"]) / 100 * row["window_days"] * 24 * 60
        if abs(minutes - row["budget_minutes"]) > 0.01 * minutes + 0.05:
            yield found_in(path, "budget-minutes", f"{id_} says {row['budget_minutes']:g} minutes; {row['target_percent']:g} % of {row['window_days']} days leave {minutes:g}.", f"Write {minutes:g}.")  # fmt: skip
        if not any(alert["objective"] == id_ for alert in records.get("alerts", ())):
            yield found_in(
                path, "slo-without-alert", f"{id_} has no alert, so nobody hears of it.", "Add an alert by burn rate."
            )
    for alert in records.get("alerts", ()):
        objective = objectives.get(alert["objective"])
        if objective is None:
            yield found_in(path, "alert-without-slo", f"{alert['id']} is about {alert['objective']}, which does not exist.", "Name an objective.")  # fmt: skip
            continue
        limit = alert["burn_rate"] * (100 - objective["target_percent"])
        if abs(limit - alert["threshold_percent"]) > 0.01 * limit + 0.001:
            yield found_in(path, "threshold", f"{alert['id']} fires at {alert['threshold_percent']:g} %; {alert['burn_rate']:g} times the budget are {limit:g} %.", f"Write {limit:g}.")  # fmt: skip
    yield from _slo_file(subject, objectives, path)


def _slo_file(subject: Subject, objectives: Mapping[str, Mapping[str, Any]], path: str) -> Iterator[Finding]:
    if path not in subject.files:
        yield found_in(path, "file-missing", "The objectives are in no file.", "Write them as OpenSLO.")
        return
    try:
        targets = targets_of_slo_file(subject.files)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, yaml.YAMLError) as error:
        yield found_in(path, "shape", f"It cannot be read: {type(error).__name__}.", "Write it as OpenSLO.")
        return
    for id_, row in objectives.items():
        if id_ not in targets or abs(targets[id_] - row["target_percent"]) > 0.001:
            told = f"{targets[id_]:g} %" if id_ in targets else "nothing"
            yield found_in(path, "target-clash", f"{id_} is {row['target_percent']:g} % in step 11, and {told} here.", "Say the same in both.")  # fmt: skip


def _alerts(subject: Subject, asked: Asked) -> Iterator[Finding]:
    told = {row["id"]: row for row in subject.records.get("observability", {}).get("alerts", ())}
    for id_ in sorted(told.keys() - asked.alerts.keys()):
        yield found_in(
            "observability/slo.yaml",
            "alert-missing",
            f"{id_} of step 11 is in no file of the monitoring.",
            "Write the alert.",
        )
    for id_ in sorted(asked.alerts.keys() - told.keys()):
        yield found_in(
            asked.alerts[id_],
            "alert-untold",
            f"{id_} is in the file, and step 11 does not tell of it.",
            "Let both name the same.",
        )
    for id_, row in told.items():
        runbook = subject.files.get(row["runbook"])
        if runbook is None:
            yield found_in(
                row["runbook"], "runbook-missing", f"{id_} has no runbook.", "Say what is seen, checked and done."
            )
        elif (page := read_page(row["runbook"], runbook)).words < _RUNBOOK_WORDS or not page.headings:
            yield found_in(row["runbook"], "runbook-empty", f"The runbook of {id_} has {page.words} words.", "Say what is seen, checked and done.")  # fmt: skip
