"""One chain of ids: story, criterion, operation, code, test, event, metric, alert, runbook. A missing link is shown, never guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.agents.blueprint import markdown
from services.agents.blueprint.testing.criterion_marks import marked_tests
from services.deliverables.discovery import Architecture, Business, Criterion, Operation
from services.deliverables.implementation import Backend, Data
from services.deliverables.quality import Tests
from services.deliverables.release import Observability, Trace
from services.features.speech import counted


@dataclass(frozen=True)
class Steps:
    """What the earlier steps recorded, and the files of the workspace."""

    business: Business
    design: Architecture
    built: Backend
    data: Data
    tested: Tests
    watched: Observability
    files: Mapping[str, bytes]


def traces_of(steps: Steps) -> tuple[Trace, ...]:
    """One per criterion, in the order of step 1."""
    marked = marked_tests(steps.files)
    return tuple(_trace(steps, criterion, marked) for criterion in steps.business.criteria)


def _trace(steps: Steps, criterion: Criterion, marked: Mapping[str, tuple[str, ...]]) -> Trace:
    operations = _operations(steps, criterion)
    events = tuple(dict.fromkeys(op.event for op in operations if op.event))
    metrics = tuple(m.id for m in steps.business.metrics if m.instrument in events)
    code = tuple(
        dict.fromkeys(f"{rule.file}::{rule.function}" for rule in steps.built.rules if rule.criterion == criterion.id)
    )
    planned = {case.file for case in steps.tested.cases if criterion.id in case.criteria}
    tests = marked.get(criterion.id, ()) or tuple(sorted(planned))
    alerts = tuple(alert.id for alert in steps.watched.alerts) if operations else ()
    runbooks = tuple(alert.runbook for alert in steps.watched.alerts if operations and alert.runbook in steps.files)
    found = Trace(
        story=criterion.story, criterion=criterion.id, operations=tuple(op.id for op in operations), code=code, tests=tests, events=events,
        metrics=metrics, alerts=alerts, runbooks=runbooks,
    )  # fmt: skip
    return found.model_copy(update={"gaps": tuple(_gaps(steps, criterion, found))})


def _operations(steps: Steps, criterion: Criterion) -> list[Operation]:
    """By the acts of its rules; nothing is said to implement what has none."""
    return [op for op in steps.design.operations if (op.resource, op.verb) in criterion.touches]


def _gaps(steps: Steps, criterion: Criterion, trace: Trace) -> list[str]:
    """Reads send no event and a criterion without an event has no metric of its own: that is no gap."""
    planned = {event.id for event in steps.data.events}
    found = []
    if criterion.story and criterion.story not in {story.id for story in steps.business.stories}:
        found.append(f"story {criterion.story} does not exist")
    if criterion.decided_by == "person":
        found.append(f"nothing implements this; a person decides: {criterion.decided_because}")
    else:
        found += [] if trace.operations else ["no operation"]
        found += [] if trace.code else ["no code names it"]
        found += [] if trace.tests else ["no test carries its mark"]
    found += [f"{event} is in no tracking plan" for event in trace.events if event not in planned]
    missing = [alert.id for alert in steps.watched.alerts if alert.runbook not in steps.files]
    return [*found, *([f"no runbook for {', '.join(missing)}"] if missing and trace.operations else [])]


def traceability_page(title: str, steps: Steps, traces: Sequence[Trace]) -> str:
    """`docs/traceability.md`: the table, what it lacks, and the alerts, which watch all requests."""
    gaps = [(t.criterion, gap) for t in traces for gap in t.gaps]
    whole = sum(not t.gaps for t in traces)
    unused = [
        f"{op.id} ({op.method} {op.path})"
        for op in steps.design.operations
        if op.id not in {id_ for t in traces for id_ in t.operations}
    ]
    alerts = "\n".join(
        f"- {markdown.text(_watches(steps, o))}: {_alerts(steps, o)}"
        for o in dict.fromkeys(a.objective for a in steps.watched.alerts)
    )
    parts = [
        f"# From story to runbook: {markdown.text(title)}",
        f"Reference, for whoever asks why something is there. {whole} of {counted(len(traces), 'criterion', 'criteria')} can be followed without a gap; {counted(len(gaps), 'gap')} below.",
        _table(steps, traces),
        "A dash under event is a read: reads send none. A dash under metric means that step 1 counts nothing from that event.",
        "## Gaps\n\n" + (markdown.table(("Criterion", "Missing"), gaps) or "None."),
        "## Operations that no criterion asks for\n\n" + (markdown.bullets(unused) or "None."),
        f"## Alerts\n\nAlerts watch all requests, not one rule. A rule that is broken without an answer of 500 raises none of them: its test and its metric tell.\n\n{alerts or 'None.'}",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _watches(steps: Steps, objective: str) -> str:
    return next(
        (
            f"{o.id}, {o.indicator}, {o.target_percent:g} % over {o.window_days} days"
            for o in steps.watched.objectives
            if o.id == objective
        ),
        objective,
    )


def _alerts(steps: Steps, objective: str) -> str:
    own = [a for a in steps.watched.alerts if a.objective == objective]
    return ", ".join(f"[{a.id}](../{a.runbook})" if a.runbook in steps.files else f"{a.id} (no runbook)" for a in own)


def _table(steps: Steps, traces: Sequence[Trace]) -> str:
    head = "| Story | Criterion | Operations | Code | Test | Event | Metric |\n|---|---|---|---|---|---|---|\n"
    rows = []
    for t in traces:
        operations = ", ".join(f"[{op}](api.md#{op.removeprefix('OP-').lower()})" for op in t.operations) or "-"
        cells = (
            t.story or "all",
            t.criterion,
            operations,
            _places(steps, t.code),
            _places(steps, t.tests),
            ", ".join(t.events) or "-",
            ", ".join(t.metrics) or "-",
        )
        rows.append("| " + " | ".join(cells) + " |")
    return head + "\n".join(rows)


def _places(steps: Steps, names: Sequence[str]) -> str:
    """Links to the files that exist; the name of the function stands after its file."""
    found = []
    for name in names:
        path, _, function = name.partition("::")
        shown = markdown.text(function or path)
        found.append(f"[{shown}](../{path})" if path in steps.files else f"{shown} (no file {markdown.text(path)})")
    return ", ".join(found) or "-"
