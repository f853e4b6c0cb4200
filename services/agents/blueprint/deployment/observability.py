"""Step 11: objectives with budgets, alerts on their burn rate, a dashboard, and a runbook for each alert."""

from services.agents.blueprint import markdown
from services.agents.blueprint.brands import brand_of
from services.agents.blueprint.deployment.monitoring_stacks import family_of, stack_files
from services.agents.blueprint.deployment.objectives import (
    LEAST_REQUESTS,
    Target,
    alerts_of,
    emitted_metrics,
    targets_of,
)
from services.agents.blueprint.deployment.panels import Setup, panels_of
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.blueprint.yaml_files import as_yaml
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Business
from services.deliverables.implementation import Backend
from services.deliverables.release import Alert, Observability, Panel
from services.features.speech import counted
from services.features.understanding import RuleKind

_LABELS = {
    "http_requests_total": "method, path (route), status", "http_request_duration_seconds": "method, path (route), le", "feature_events_total": "event",
    "integration_calls_total": "system, outcome", "circuit_breaker_state": "system",
}  # fmt: skip
_UNITS = {
    "http_requests_total": "requests", "http_request_duration_seconds": "seconds", "feature_events_total": "events", "integration_calls_total": "calls",
    "circuit_breaker_state": "0 closed, 1 probing, 2 open",
}  # fmt: skip
# Never counted where the service calls nothing.
_OF_OTHERS = ("integration_calls_total", "circuit_breaker_state")


def generate(brief: Brief) -> Draft:
    design = brief.read("architecture", Architecture)
    built = brief.read("backend", Backend)
    business = brief.read("business", Business)
    stack = brief.request.monitoring_stack
    targets = targets_of(brief)
    alerts = alerts_of(targets)
    job = brief.understanding.name.replace("_", "-")
    panels = panels_of(job, [op.path for op in design.operations], targets)
    emitted = {
        name: kind
        for name, kind in emitted_metrics(brief.files).items()
        if name not in _OF_OTHERS or _asks_others(brief)
    }
    records = Observability(
        summary=f"{len(targets)} objectives, {len(alerts)} alerts with a runbook each and {len(panels)} panels for {brand_of(stack)}, "
        f"over {len(emitted)} metrics that the service emits. Nothing is connected yet.",
        stack=stack.value,
        signals=tuple(
            f"{name}: {kind}, {_UNITS.get(name, '1')}, by {_LABELS.get(name, 'nothing')}"
            for name, kind in emitted.items()
        ),
        objectives=tuple(t.objective for t in targets),
        alerts=alerts,
        panels=tuple(Panel(title=p.title, query=p.queries[family_of(stack)], question=p.question) for p in panels),
        traces=_traces(brief, design),
        business=tuple(
            f"{m.id} {m.name}: {m.formula}, from {m.instrument}, view {m.id.lower().replace('-', '_')} in analytics/metrics.sql"
            for m in business.metrics
        ),
    )
    title = " ".join(brief.request.title.split())
    files = stack_files(stack, Setup(job, title, targets, alerts, panels))
    files["observability/slo.yaml"] = _open_slo(job, title, targets)
    files["observability/tracing.md"] = _tracing(job, records).encode()
    for alert in alerts:
        files[alert.runbook] = _runbook(brief, built, alert, targets).encode()
    return Draft(report=_report(brief, records, targets), records=records, files=files, cost_usd=0.0)


def _traces(brief: Brief, design: Architecture) -> tuple[str, ...]:
    """One line for what is the same in each span."""
    found = [
        f"{counted(len(design.operations), 'operation')}, a span each, named by method and route: http.request.method, http.route, http.response.status_code"
    ]
    if _asks_others(brief):
        found.append("each call of another system: peer.service")
    return (*found, "every log line and answer carries the ids of request and trace: the way from one to the other")


def _asks_others(brief: Brief) -> bool:
    """Whether the service calls anything: a system, or a channel of messages."""
    told = any(rule.kind is RuleKind.NOTIFY for rule in plan_of(brief.understanding).domain.rules)
    return told or bool(brief.understanding.integrations) or "webhook" in brief.understanding.interfaces


def _open_slo(job: str, title: str, targets: tuple[Target, ...]) -> bytes:
    documents = [
        {
            "apiVersion": "openslo/v1",
            "kind": "SLO",
            "metadata": {"name": f"{job}-{t.objective.id.lower()}", "displayName": f"{t.objective.id} {title}"},
            "spec": {
                "description": t.objective.indicator,
                "service": job,
                "budgetingMethod": "Occurrences",
                "timeWindow": [{"duration": f"{t.objective.window_days}d", "isRolling": True}],
                "objectives": [
                    {"displayName": t.objective.indicator, "target": round(t.objective.target_percent / 100, 6)}
                ],
            },
        }
        for t in targets
    ]
    return as_yaml(*documents)


def _tracing(job: str, made: Observability) -> str:
    spans = "\n".join(f"- {markdown.text(trace)}" for trace in made.traces)
    return (
        "# Tracing\n\nThe service makes a span for each request, a child of the caller's where a `traceparent` comes along.\n"
        "`OTEL_TRACES_EXPORTER=console` prints them. To send them to a collector:\n\n"
        "```sh\npython -m pip install opentelemetry-exporter-otlp-proto-http\n"
        "OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 \\\n"
        f"  python -m uvicorn app.main:app --port 8000\n```\n\nThe service calls itself {job.replace('-', '_')}. Spans and attributes to expect:\n\n{spans}\n"
    )


def _runbook(brief: Brief, built: Backend, alert: Alert, targets: tuple[Target, ...]) -> str:
    target = next(t for t in targets if t.objective.id == alert.objective)
    main = brief.understanding.resources[0]
    felt = (
        f"{_plural(main.plural)} cannot be read or changed"
        if target.kind == "availability"
        else f"{_plural(main.plural)} answer slowly"
    )
    causes = {
        "availability": ("the database does not answer: `/ready` fails", "the last release: compare its time with the start", "the disk of the event log is full"),
        "latency": ("a list without its index: look at the slowest path", "the database is busy: look at its connections", "too few pods for the traffic"),
    }[target.kind]  # fmt: skip
    act = "Wake up, look within 5 minutes." if alert.severity == "page" else "No hurry: look on the next working day."
    rows = [
        ("What it means", f"{felt}. {alert.threshold_percent:g} % of requests were bad over {alert.windows}; the budget of {alert.objective} goes {alert.burn_rate:g} times too fast."),
        ("How urgent", act),
        ("First look", "the panels Errors, Latency and The feature in use: one path, or all?"),
        ("Likely causes", "; ".join(causes)),
        ("Mend", "if it began with this feature: `sh deploy/rollback/1-flag-off.sh`; if it goes on: rungs 2 and 3 of deploy/RUNBOOK.md"),
        ("Kill switch", f"{built.flag.kill_switch} (flag {built.flag.key})"),
        ("It is over when", f"the share of bad requests over {alert.windows.split(' and ')[1]} is below {target.budget_percent:g} %"),
        ("Whom to call", "after 30 minutes without an improvement: the team of this feature, then the data team for the database"),
    ]  # fmt: skip
    return f"# {alert.id}: {alert.objective} burns its budget\n\n{_table(rows)}\n"


def _plural(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _table(rows: list[tuple[str, str]]) -> str:
    """Commands stay as they are, so that they can be copied; everything in these rows is ours or an identifier."""
    body = "\n".join(f"| {name} | {value.replace('|', '/')} |" for name, value in rows)
    return f"| | |\n|---|---|\n{body}"


def _report(brief: Brief, made: Observability, targets: tuple[Target, ...]) -> str:
    sections = (
        ("Objectives", markdown.table(("Id", "Good / valid", "Target", "Window", "Budget", "From"), [(t.objective.id, t.objective.indicator, f"{t.objective.target_percent:g} %", f"{t.objective.window_days} days", f"{t.objective.budget_minutes:g} min", t.source) for t in targets])),
        ("Alerts", "The long and the short window must both be above the share; it is the objective's budget times the factor (Google SRE workbook; where a percentile leaves more than 2 %, the percentile itself is alerted on).\n\n" + markdown.table(("Id", "Objective", "Windows", "Bad requests above", "Budget times", "Severity"), [(a.id, a.objective, a.windows, f"{a.threshold_percent:g} %", f"{a.burn_rate:g}", a.severity) for a in made.alerts])),
        ("Dashboard", "The queries stand in the files below observability/.\n\n" + markdown.table(("Panel", "Answers"), [(p.title, p.question) for p in made.panels])),
        ("Signals that the code emits", markdown.bullets(made.signals)),
        ("Business", markdown.bullets(made.business)),
        ("Traces", markdown.bullets(made.traces)),
        ("Assumed", markdown.bullets((*(f"{t.objective.id}: the target is assumed; product and operations have to agree" for t in targets if t.source.startswith("assumption")), "Saturation (processor, memory) is read from the platform; the service emits no metric for it.", f"Alerts need more than {LEAST_REQUESTS} requests in their long window, since one failure in a quiet night is no emergency."))),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Observability: {brief.request.title}", made.summary, sections, answered(brief))
