"""New Relic: NRQL alert conditions with their policy, and a dashboard.

Source: New Relic's NRQL conditions and dashboard JSON as NerdGraph takes them.
"""

from typing import Any

from services.agents.blueprint.deployment.panels import Setup, newrelic_share, summary_of
from services.agents.blueprint.rendering import as_json
from services.deliverables.release import Alert

_SECONDS = {"5m": 300, "30m": 1800, "1h": 3600, "6h": 21600, "3d": 259200}
# The longest window that a condition may have.
_LONGEST = 21600


def newrelic(setup: Setup) -> dict[str, bytes]:
    conditions = [_condition(setup, alert) for alert in setup.alerts]
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


def _condition(setup: Setup, alert: Alert) -> dict[str, Any]:
    """One window per condition: the long one, at most 6 hours; so the slow alert watches its short window."""
    target = next(t for t in setup.targets if t.objective.id == alert.objective)
    long, short = alert.windows.split(" and ")
    window = _SECONDS[long] if _SECONDS[long] <= _LONGEST else _SECONDS[short]
    return {
        "name": f"{alert.id} {alert.objective} burns {alert.burn_rate:g} times", "type": "STATIC", "enabled": True, "description": summary_of(alert),
        "runbookUrl": alert.runbook,
        "nrql": {"query": f"SELECT {newrelic_share(target)} FROM Metric WHERE service = '{setup.job}'"},
        "signal": {"aggregationWindow": window, "slideBy": max(60, window // 60), "aggregationMethod": "EVENT_FLOW", "aggregationDelay": 120},
        "terms": [{"threshold": alert.threshold_percent, "thresholdOccurrences": "ALL", "thresholdDuration": window, "operator": "ABOVE", "priority": "CRITICAL" if alert.severity == "page" else "WARNING"}],
    }  # fmt: skip
