"""One line from requirement to rollback: derived from what each step recorded and what was measured, never from one agent's word.

Story -> criterion -> operation -> place in the code -> test -> verdict -> event -> metric -> alert -> runbook -> rollback.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.actors import Actor
from services.criteria.subjects import subject_of
from services.criteria.views import AcceptanceView, get_own_run, list_acceptance
from services.deps import Deps
from services.evidence.subjects import Subject

Records = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """`outcome`: of the acceptance criterion, as measured over these files. `gaps`: links that should be there and are not."""

    story: str
    criterion: str
    text: str
    operations: tuple[str, ...]
    code: tuple[str, ...]
    tests: tuple[str, ...]
    outcome: str
    events: tuple[str, ...]
    metrics: tuple[str, ...]
    alerts: tuple[str, ...]
    runbooks: tuple[str, ...]
    rollback: tuple[str, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class Threat:
    """A risk of step 1 or a threat of step 3. Likelihood and impact 1 to 5."""

    id: str
    what: str
    likelihood: int
    impact: int
    mitigation: str
    owner: str


@dataclass(frozen=True)
class Traceability:
    """`orphans`: what is there and serves nothing that was asked for: (kind, id, why)."""

    lines: tuple[Line, ...]
    orphans: tuple[tuple[str, str, str], ...]
    threats: tuple[Threat, ...]


def trace_run(deps: Deps, actor: Actor, *, run_id: UUID) -> Traceability:
    """Raises: NotFound, also for another team's run."""
    with deps.reading() as session:
        subject = subject_of(session, deps.settings, get_own_run(session, actor, run_id))
    return trace(subject, list_acceptance(deps, actor, run_id=run_id))


def trace(subject: Subject, acceptance: Sequence[AcceptanceView]) -> Traceability:
    """Pure. Steps that have not worked yet leave no gap: their links are simply not there."""
    lines = tuple(_line(subject, one) for one in acceptance)
    return Traceability(lines, tuple(_orphans(subject, lines)), tuple(_threats(subject)))


def _rows(subject: Subject, task: str, key: str) -> list[Records]:
    return list(subject.records.get(task, {}).get(key, ()))


def _line(subject: Subject, one: AcceptanceView) -> Line:
    asked = next((row for row in _rows(subject, "business", "criteria") if row["id"] == one.id), {})
    touched = {tuple(pair) for pair in asked.get("touches", ())}
    operations = [op for op in _rows(subject, "architecture", "operations") if (op["resource"], op["verb"]) in touched]
    events = tuple(dict.fromkeys(op["event"] for op in operations if op["event"]))
    alerts = _rows(subject, "observability", "alerts") if operations else []
    found = Line(
        story=one.story,
        criterion=one.id,
        text=one.text,
        operations=tuple(op["id"] for op in operations),
        code=tuple(
            dict.fromkeys(
                f"{row['file']}::{row['function']}"
                for row in _rows(subject, "backend", "rules")
                if row["criterion"] == one.id
            )
        ),
        tests=one.tests or _planned(subject, one.id),
        outcome=one.outcome,
        events=events,
        metrics=tuple(m["id"] for m in _rows(subject, "business", "metrics") if m["instrument"] in events),
        alerts=tuple(alert["id"] for alert in alerts),
        runbooks=tuple(dict.fromkeys(a["runbook"] for a in alerts if a["runbook"] in subject.files)),
        rollback=tuple(
            f"rung {r['rung']}: {r['action']}" for r in _rows(subject, "deployment", "rollback") if operations
        ),
        gaps=(),
    )
    return Line(**{**vars(found), "gaps": tuple(_gaps(subject, one, found, alerts))})


def _planned(subject: Subject, criterion: str) -> tuple[str, ...]:
    """Files that step 7 says test it, where no test run has told which tests do."""
    cases = [*_rows(subject, "tests", "cases"), *_rows(subject, "tests-red", "cases")]
    return tuple(sorted({case["file"] for case in cases if criterion in case["criteria"]}))


def _gaps(subject: Subject, one: AcceptanceView, line: Line, alerts: Sequence[Records]) -> Iterator[str]:
    """Reads send no event, and a criterion that a person decides needs no code: these are no gaps."""
    has = subject.records.keys()
    if not one.is_for_people:
        if "architecture" in has and not line.operations:
            yield "no operation"
        if "backend" in has and not line.code:
            yield "no place in the code"
        if "tests" in has and not line.tests:
            yield "no test"
        if one.outcome in ("failing", "not_covered"):
            yield "its tests prove nothing"
    planned = {event["id"] for event in _rows(subject, "data", "events")}
    yield from (f"{event} is in no tracking plan" for event in line.events if "data" in has and event not in planned)
    missing = [alert["id"] for alert in alerts if alert["runbook"] not in subject.files]
    if missing:
        yield f"no runbook for {', '.join(missing)}"
    if line.operations and "deployment" in has and not line.rollback:
        yield "no rollback"


def _orphans(subject: Subject, lines: Sequence[Line]) -> Iterator[tuple[str, str, str]]:
    used = {id_ for line in lines for id_ in line.operations}
    told, asked = {line.story for line in lines}, {line.criterion for line in lines}
    for op in _rows(subject, "architecture", "operations"):
        if op["id"] not in used:
            yield "operation", op["id"], "no acceptance criterion asks for it"
    for story in _rows(subject, "business", "stories"):
        if story["id"] not in told:
            yield "story", story["id"], "it has no acceptance criterion"
    for case in _rows(subject, "tests", "cases"):
        for id_ in sorted(set(case["criteria"]) - asked):
            yield "test", case["file"], f"it tests {id_}, which nobody asked for"
    yield from _loose_ends(subject)


def _loose_ends(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Metrics and alerts that hang on something that is not there."""
    events = {event["id"] for event in _rows(subject, "data", "events")}
    for metric in _rows(subject, "business", "metrics"):
        if events and metric["instrument"].startswith("EV-") and metric["instrument"] not in events:
            yield "metric", metric["id"], f"it counts {metric['instrument']}, which is in no tracking plan"
    objectives = {row["id"] for row in _rows(subject, "observability", "objectives")}
    for alert in _rows(subject, "observability", "alerts"):
        if alert["objective"] not in objectives:
            yield "alert", alert["id"], f"its objective {alert['objective']} does not exist"


def _threats(subject: Subject) -> Iterator[Threat]:
    for row in _rows(subject, "business", "risks"):
        yield Threat(row["id"], row["risk"], row["likelihood"], row["impact"], row["mitigation"], row["owner"])
    for row in _rows(subject, "risk", "threats"):
        yield Threat(row["id"], row["threat"], row["likelihood"], row["impact"], row["mitigation"], row["owner"])
