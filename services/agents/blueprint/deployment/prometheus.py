"""Prometheus rules with a Grafana dashboard, or with a plain description of one.

Source: Prometheus recording and alerting rules; Grafana's dashboard JSON, schema version 39.
"""

from typing import Any

from services.agents.blueprint.deployment.objectives import LEAST_REQUESTS, Target
from services.agents.blueprint.deployment.panels import REQUESTS, Setup, bad_share, summary_of
from services.agents.blueprint.rendering import as_json
from services.agents.blueprint.yaml_files import as_yaml
from services.deliverables.release import Alert

_WINDOWS = ("5m", "30m", "1h", "6h", "3d")


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
        "annotations": {"summary": summary_of(alert), "runbook": alert.runbook},
    }


def _prometheus(setup: Setup) -> dict[str, bytes]:
    scrape = {
        "scrape_configs": [
            {"job_name": setup.job, "metrics_path": "/metrics", "static_configs": [{"targets": ["127.0.0.1:8000"]}]}
        ]
    }
    return {
        "observability/prometheus/rules.yaml": as_yaml(_rules(setup)),
        "observability/prometheus/scrape.yaml": as_yaml(scrape),
    }


def grafana(setup: Setup) -> dict[str, bytes]:
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


def custom(setup: Setup) -> dict[str, bytes]:
    panels = [
        {"title": p.title, "question": p.question, "unit": p.unit, "promql": p.queries["prometheus"]}
        for p in setup.panels
    ]
    return {**_prometheus(setup), "observability/dashboard.json": as_json({"title": setup.title, "panels": panels})}
