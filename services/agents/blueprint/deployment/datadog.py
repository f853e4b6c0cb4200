"""Datadog: how the agent reads the metrics, SLOs, a burn-rate monitor per alert, a dashboard, and a script that creates them.

Source: Datadog's OpenMetrics check (version 2), SLO, monitor and dashboard JSON of its API version 1. Percentiles and
thresholds need percentiles to be enabled for the distribution.
"""

from typing import Any

from services.agents.blueprint.deployment.objectives import Target
from services.agents.blueprint.deployment.panels import DURATION, REQUESTS, Setup, summary_of
from services.agents.blueprint.rendering import TEMPLATES, as_json
from services.agents.blueprint.yaml_files import as_yaml
from services.deliverables.release import Alert


def datadog(setup: Setup) -> dict[str, bytes]:
    dd = setup.job.replace("-", "_")
    openmetrics = {
        "init_config": {},
        "instances": [{"openmetrics_endpoint": "http://%%host%%:8000/metrics", "namespace": dd, "metrics": [{"http_requests": {"name": REQUESTS, "type": "counter"}}, DURATION], "histogram_buckets_as_distributions": True, "collect_counters_with_distributions": True}],
    }  # fmt: skip
    slos = [
        {
            "name": f"{t.objective.id} {setup.title}", "type": "metric", "description": t.objective.indicator, "tags": [f"service:{setup.job}", f"slo:{t.objective.id}"],
            "query": {"numerator": _good(dd, t), "denominator": _valid(dd, t)},
            "thresholds": [{"timeframe": "30d", "target": t.objective.target_percent}],
        }
        for t in setup.targets
    ]  # fmt: skip
    monitors = [_monitor(setup, dd, alert) for alert in setup.alerts]
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
        "observability/datadog/openmetrics.yaml": as_yaml(openmetrics),
        "observability/datadog/slos.json": as_json(slos),
        "observability/datadog/monitors.json": as_json(monitors),
        "observability/datadog/dashboard.json": as_json(dashboard),
        "observability/datadog/apply.py": (TEMPLATES / "observability" / "datadog_apply.py").read_bytes(),
    }


def _good(dd: str, target: Target) -> str:
    if target.kind == "availability":
        return f"sum:{dd}.{REQUESTS}.count{{!status:5*}}.as_count()"
    return f"count(v: v<={target.bucket}):{dd}.{DURATION}{{*}}.as_count()"


def _monitor(setup: Setup, dd: str, alert: Alert) -> dict[str, Any]:
    """A composite over both windows would be three monitors; the burn-rate monitor of an SLO holds both in one."""
    long, short = alert.windows.split(" and ")
    hours = {"1h": "1h", "6h": "6h", "3d": "72h"}[long]
    return {
        "name": f"{alert.id} {setup.title}", "type": "slo alert", "priority": 1 if alert.severity == "page" else 4,
        "query": f'burn_rate("{alert.objective}").over("30d").long_window("{hours}").short_window("{short}") > {alert.burn_rate:g}',
        "message": f"{summary_of(alert)}. Runbook: {alert.runbook}", "tags": [f"service:{setup.job}", f"alert:{alert.id}", f"severity:{alert.severity}", f"metric:{dd}.{REQUESTS}"],
        "options": {"thresholds": {"critical": alert.burn_rate}, "include_tags": True},
    }  # fmt: skip


def _valid(dd: str, target: Target) -> str:
    return (
        f"sum:{dd}.{REQUESTS}.count{{*}}.as_count()"
        if target.kind == "availability"
        else f"count:{dd}.{DURATION}{{*}}.as_count()"
    )
