"""Alerts and dashboards in the format of the monitoring stack, over the metrics that the service emits.

Source: Prometheus rule files and Grafana's dashboard JSON; Datadog's monitor, SLO and dashboard JSON; New Relic's NRQL
conditions and dashboard JSON.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from services.agents.blueprint.objectives import Target
from services.agents.blueprint.rendering import TEMPLATES, as_json
from services.deliverables.release import Alert
from services.workflow.options import MonitoringStack

REQUESTS, DURATION = "http_requests_total", "http_request_duration_seconds"
_WINDOWS = ("5m", "30m", "1h", "6h", "3d")
_SECONDS = {"5m": 300, "30m": 1800, "1h": 3600, "6h": 21600, "3d": 259200}
# One failure in a quiet night is no emergency.
LEAST_REQUESTS = 100


@dataclass(frozen=True)
class Panel:
    """`queries`: stack family -> query. The families are prometheus, datadog and newrelic."""

    title: str
    question: str
    unit: str
    queries: dict[str, str]


@dataclass(frozen=True)
class Setup:
    """What a stack's files are made from. `job` is the service's name."""

    job: str
    title: str
    targets: tuple[Target, ...]
    alerts: tuple[Alert, ...]
    panels: tuple[Panel, ...]


def family_of(stack: MonitoringStack) -> str:
    return stack.value if stack in (MonitoringStack.DATADOG, MonitoringStack.NEWRELIC) else "prometheus"


def stack_files(stack: MonitoringStack, setup: Setup) -> dict[str, bytes]:
    return _FORMATS[stack](setup)


def panels_of(job: str, paths: Sequence[str], targets: tuple[Target, ...]) -> tuple[Panel, ...]:
    """The golden signals that the service emits, then the feature in use. Saturation comes from the platform."""
    dd = job.replace("-", "_")
    bad, every = f'{REQUESTS}{{job="{job}",status=~"5.."}}', f'{REQUESTS}{{job="{job}"}}'
    feature = "|".join(sorted({path.split("/")[1] for path in paths}))
    slow = f'histogram_quantile(0.95, sum by (le) (rate({DURATION}_bucket{{job="{job}"}}[5m]))) * 1000'
    return (
        Panel("Traffic", "How much is asked of the service?", "requests/s", {
            "prometheus": f"sum(rate({every}[5m]))",
            "datadog": f"sum:{dd}.{REQUESTS}{{*}}.as_rate()",
            "newrelic": f"SELECT rate(sum({REQUESTS}), 1 second) FROM Metric WHERE service = '{job}' TIMESERIES",
        }),
        Panel("Errors", "What share of answers failed?", "%", {
            "prometheus": f"100 * sum(rate({bad}[5m])) / sum(rate({every}[5m]))",
            "datadog": f"100 * sum:{dd}.{REQUESTS}{{status:5*}}.as_count() / sum:{dd}.{REQUESTS}{{*}}.as_count()",
            "newrelic": f"SELECT filter(sum({REQUESTS}), WHERE status LIKE '5%') / sum({REQUESTS}) * 100 FROM Metric WHERE service = '{job}' TIMESERIES",
        }),
        Panel("Latency, p95", "How long does the slowest twentieth wait?", "ms", {
            "prometheus": slow,
            "datadog": f"1000 * p95:{dd}.{DURATION}{{*}}",
            "newrelic": f"SELECT bucketPercentile({DURATION}_bucket, 95) * 1000 FROM Metric WHERE service = '{job}' TIMESERIES",
        }),
        Panel("The feature in use", "Which operations do people really use?", "requests/s", {
            "prometheus": f'sum by (method, path) (rate({REQUESTS}{{job="{job}",path=~"/({feature}).*"}}[5m]))',
            "datadog": f"sum:{dd}.{REQUESTS}{{*}} by {{method,path}}.as_rate()",
            "newrelic": f"SELECT rate(sum({REQUESTS}), 1 minute) FROM Metric WHERE service = '{job}' FACET method, path TIMESERIES",
        }),
        Panel("Refused", "Who is turned away: unknown, not allowed, out of turn?", "requests/s", {
            "prometheus": f'sum by (status) (rate({REQUESTS}{{job="{job}",status=~"401|403|409|412|422"}}[5m]))',
            "datadog": f"sum:{dd}.{REQUESTS}{{status:4*}} by {{status}}.as_rate()",
            "newrelic": f"SELECT rate(sum({REQUESTS}), 1 minute) FROM Metric WHERE service = '{job}' AND status LIKE '4%' FACET status TIMESERIES",
        }),
        *[
            Panel(f"Budget left, {t.objective.id}", f"How much of the 30 days' budget of {t.objective.id} is left?", "%", {
                "prometheus": f"100 * (1 - ({bad_share(job, t, '30d')}) / {t.budget_percent / 100:g})",
                "datadog": f"100 * (1 - {_datadog_share(dd, t)} / {t.budget_percent / 100:g})",
                "newrelic": f"SELECT 100 * (1 - ({_newrelic_share(t)}) / {t.budget_percent:g}) FROM Metric WHERE service = '{job}' SINCE 30 days ago",
            })
            for t in targets
        ],
    )  # fmt: skip


def bad_share(job: str, target: Target, window: str) -> str:
    """PromQL: share of bad requests in a window."""
    every = f'sum(rate({REQUESTS}{{job="{job}"}}[{window}]))'
    if target.kind == "availability":
        return f'sum(rate({REQUESTS}{{job="{job}",status=~"5.."}}[{window}])) / {every}'
    good = f'sum(rate({DURATION}_bucket{{job="{job}",le="{target.bucket}"}}[{window}]))'
    return f'1 - {good} / sum(rate({DURATION}_count{{job="{job}"}}[{window}]))'


def _datadog_share(dd: str, target: Target) -> str:
    if target.kind == "availability":
        return f"(sum:{dd}.{REQUESTS}{{status:5*}}.as_count() / sum:{dd}.{REQUESTS}{{*}}.as_count())"
    return f"(1 - sum:{dd}.{DURATION}.bucket{{upper_bound:{target.bucket}}}.as_count() / sum:{dd}.{DURATION}.count{{*}}.as_count())"


def _newrelic_share(target: Target) -> str:
    """NRQL: percent of bad requests."""
    if target.kind == "availability":
        return f"filter(sum({REQUESTS}), WHERE status LIKE '5%') / sum({REQUESTS}) * 100"
    return f"100 - filter(sum({DURATION}_bucket), WHERE le = '{target.bucket}') / sum({DURATION}_count) * 100"


def _as_yaml(data: object) -> bytes:
    return (
        b"# Made by the blueprint engine; no model was called.\n"
        + yaml.safe_dump(data, sort_keys=False, width=1000, allow_unicode=True).encode()
    )


def _record(target: Target) -> str:
    return f"slo:{target.objective.id.lower().replace('-', '')}:bad_share"


def _rules(setup: Setup) -> dict[str, Any]:
    recorded = [
        {"record": f"{_record(t)}:{w}", "expr": bad_share(setup.job, t, w)} for t in setup.targets for w in _WINDOWS
    ]
    return {
        "groups": [
            {"name": f"{setup.job}-shares", "rules": recorded},
            {"name": f"{setup.job}-burn", "rules": [_rule(setup, a) for a in setup.alerts]},
        ]
    }


def _rule(setup: Setup, alert: Alert) -> dict[str, Any]:
    target = next(t for t in setup.targets if t.objective.id == alert.objective)
    long, short = alert.windows.split(" and ")
    limit = f"{alert.threshold_percent / 100:.6g}"
    enough = f'sum(increase({REQUESTS}{{job="{setup.job}"}}[{long}])) > {LEAST_REQUESTS}'
    return {
        "alert": f"{alert.id} {alert.objective} burns {alert.burn_rate:g} times".replace(" ", "_")
        .replace(".", "_")
        .replace("-", "_"),
        "expr": f"{_record(target)}:{long} > {limit} and {_record(target)}:{short} > {limit} and on() {enough}",
        "labels": {"severity": alert.severity, "alert": alert.id, "slo": alert.objective, "service": setup.job},
        "annotations": {"summary": _summary(alert), "runbook": alert.runbook},
    }


def _summary(alert: Alert) -> str:
    return f"{alert.id}: {alert.objective} loses its budget {alert.burn_rate:g} times too fast ({alert.threshold_percent:g} % of requests are bad over {alert.windows})"


def _prometheus(setup: Setup) -> dict[str, bytes]:
    scrape = {
        "scrape_configs": [
            {"job_name": setup.job, "metrics_path": "/metrics", "static_configs": [{"targets": ["127.0.0.1:8000"]}]}
        ]
    }
    return {
        "observability/prometheus/rules.yaml": _as_yaml(_rules(setup)),
        "observability/prometheus/scrape.yaml": _as_yaml(scrape),
    }


def _grafana(setup: Setup) -> dict[str, bytes]:
    source = {"type": "prometheus", "uid": "${source}"}
    panels = [
        {
            "id": number + 1, "type": "timeseries", "title": panel.title, "description": panel.question, "datasource": source,
            "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
            "targets": [{"refId": "A", "expr": panel.queries["prometheus"], "datasource": source}],
            "fieldConfig": {"defaults": {"unit": {"%": "percent", "ms": "ms"}.get(panel.unit, "reqps")}, "overrides": []},
        }
        for number, panel in enumerate(setup.panels)
    ]  # fmt: skip
    dashboard = {
        "uid": setup.job[:40], "title": setup.title, "schemaVersion": 39, "version": 1, "editable": True, "refresh": "30s",
        "tags": ["greenlight", setup.job[:40]], "time": {"from": "now-6h", "to": "now"}, "annotations": {"list": []},
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus", "label": "Data source"}]},
        "panels": panels,
    }  # fmt: skip
    return {**_prometheus(setup), "observability/grafana/dashboard.json": as_json(dashboard)}


def _custom(setup: Setup) -> dict[str, bytes]:
    panels = [
        {"title": p.title, "question": p.question, "unit": p.unit, "promql": p.queries["prometheus"]}
        for p in setup.panels
    ]
    return {**_prometheus(setup), "observability/dashboard.json": as_json({"title": setup.title, "panels": panels})}


def _datadog(setup: Setup) -> dict[str, bytes]:
    dd = setup.job.replace("-", "_")
    openmetrics = {
        "init_config": {},
        "instances": [{"openmetrics_endpoint": "http://%%host%%:8000/metrics", "namespace": dd, "metrics": [{"http_requests": {"name": REQUESTS, "type": "counter"}}, DURATION], "histogram_buckets_as_distributions": True, "collect_counters_with_distributions": True}],
    }  # fmt: skip
    slos = [
        {
            "name": f"{t.objective.id} {setup.title}", "type": "metric", "description": t.objective.indicator, "tags": [f"service:{setup.job}", f"slo:{t.objective.id}"],
            "query": {"numerator": _datadog_good(dd, t), "denominator": f"sum:{dd}.{REQUESTS}{{*}}.as_count()"},
            "thresholds": [{"timeframe": "30d", "target": t.objective.target_percent}],
        }
        for t in setup.targets
    ]  # fmt: skip
    monitors = [_datadog_monitor(setup, dd, alert) for alert in setup.alerts]
    widgets = [
        {
            "definition": {
                "type": "timeseries",
                "title": f"{p.title}: {p.question}",
                "requests": [{"q": p.queries["datadog"], "display_type": "line"}],
            }
        }
        for p in setup.panels
    ]
    dashboard = {
        "title": setup.title,
        "layout_type": "ordered",
        "description": "Made by the blueprint engine; no model was called.",
        "widgets": widgets,
    }
    return {
        "observability/datadog/openmetrics.yaml": _as_yaml(openmetrics),
        "observability/datadog/slos.json": as_json(slos),
        "observability/datadog/monitors.json": as_json(monitors),
        "observability/datadog/dashboard.json": as_json(dashboard),
        "observability/datadog/apply.py": (TEMPLATES / "observability" / "datadog_apply.py").read_bytes(),
    }


def _datadog_good(dd: str, target: Target) -> str:
    if target.kind == "availability":
        return f"sum:{dd}.{REQUESTS}{{!status:5*}}.as_count()"
    return f"sum:{dd}.{DURATION}.bucket{{upper_bound:{target.bucket}}}.as_count()"


def _datadog_monitor(setup: Setup, dd: str, alert: Alert) -> dict[str, Any]:
    """A composite over both windows would be three monitors; the burn-rate monitor of an SLO holds both in one."""
    long, short = alert.windows.split(" and ")
    hours = {"1h": "1h", "6h": "6h", "3d": "72h"}[long]
    return {
        "name": f"{alert.id} {setup.title}", "type": "slo alert", "priority": 1 if alert.severity == "page" else 4,
        "query": f'burn_rate("{alert.objective}").over("30d").long_window("{hours}").short_window("{short}") > {alert.burn_rate:g}',
        "message": f"{_summary(alert)}. Runbook: {alert.runbook}", "tags": [f"service:{setup.job}", f"alert:{alert.id}", f"severity:{alert.severity}", f"metric:{dd}.{REQUESTS}"],
        "options": {"thresholds": {"critical": alert.burn_rate}, "include_tags": True},
    }  # fmt: skip


def _newrelic(setup: Setup) -> dict[str, bytes]:
    conditions = [_newrelic_condition(setup, alert) for alert in setup.alerts]
    widgets = [
        {
            "title": p.title, "visualization": {"id": "viz.line"}, "layout": {"column": 1 + 6 * (n % 2), "row": 1 + 3 * (n // 2), "width": 6, "height": 3},
            "rawConfiguration": {"nrqlQueries": [{"accountIds": [], "query": p.queries["newrelic"]}]},
        }
        for n, p in enumerate(setup.panels)
    ]  # fmt: skip
    dashboard = {
        "name": setup.title,
        "permissions": "PUBLIC_READ_WRITE",
        "pages": [{"name": "Service", "widgets": widgets}],
    }
    policy = {"name": f"{setup.title}: burn rate", "incidentPreference": "PER_CONDITION"}
    return {
        "observability/newrelic/alerts.json": as_json({"policy": policy, "conditions": conditions}),
        "observability/newrelic/dashboard.json": as_json(dashboard),
    }


def _newrelic_condition(setup: Setup, alert: Alert) -> dict[str, Any]:
    """One window per condition: the long one, at most 6 hours; so the slow alert watches its short window."""
    target = next(t for t in setup.targets if t.objective.id == alert.objective)
    long, short = alert.windows.split(" and ")
    window = _SECONDS[long] if _SECONDS[long] <= 21600 else _SECONDS[short]
    return {
        "name": f"{alert.id} {alert.objective} burns {alert.burn_rate:g} times", "type": "STATIC", "enabled": True, "description": _summary(alert),
        "runbookUrl": alert.runbook,
        "nrql": {"query": f"SELECT {_newrelic_share(target)} FROM Metric WHERE service = '{setup.job}'"},
        "signal": {"aggregationWindow": window, "slideBy": max(60, window // 60), "aggregationMethod": "EVENT_FLOW", "aggregationDelay": 120},
        "terms": [{"threshold": alert.threshold_percent, "thresholdOccurrences": "ALL", "thresholdDuration": window, "operator": "ABOVE", "priority": "CRITICAL" if alert.severity == "page" else "WARNING"}],
    }  # fmt: skip


_FORMATS: dict[MonitoringStack, Callable[[Setup], dict[str, bytes]]] = {
    MonitoringStack.GRAFANA: _grafana,
    MonitoringStack.CUSTOM: _custom,
    MonitoringStack.DATADOG: _datadog,
    MonitoringStack.NEWRELIC: _newrelic,
}
