"""Objectives, error budgets and burn-rate alerts, computed from what was asked for.

Source: Google SRE workbook, "Alerting on SLOs", multiwindow and multi-burn-rate alerts for a window of 30 days.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.agents.engine import Brief
from services.agents.parts import paths
from services.deliverables.release import Alert, Objective

WINDOW_DAYS = 30
# (burn rate, long window, short window, severity): 2, 5 and 10 % of the budget are gone by then.
_BURNS = ((14.4, "1h", "5m", "page"), (6.0, "6h", "30m", "page"), (1.0, "3d", "6h", "ticket"))
# A percentile leaves a budget so large that 14.4 times it is nearly every request: more than this, and the percentile
# itself is alerted on, in a window of an hour and over days.
_LARGE_BUDGET = 2.0
_PERCENTILE_BURNS = ((2.0, "1h", "5m", "page"), (1.0, "3d", "6h", "ticket"))
# One failure in a quiet night is no emergency.
LEAST_REQUESTS = 100
_ASSUMED_AVAILABILITY, _ASSUMED_LATENCY_MS, _ASSUMED_PERCENTILE = 99.5, 300.0, 95
_BUCKETS = (0.05, 0.1, 0.3, 1.0, 3.0)
_TYPE = re.compile(r"# TYPE ([a-z_:]+) (counter|histogram|gauge)")


@dataclass(frozen=True)
class Target:
    """An objective with what its queries need. `bucket` is the histogram border in seconds, 0 for availability."""

    objective: Objective
    kind: str
    bucket: float
    source: str

    @property
    def budget_percent(self) -> float:
        return round(100 - self.objective.target_percent, 6)


def emitted_metrics(files: Mapping[str, bytes]) -> dict[str, str]:
    """Name -> type of each metric that the code of the service writes."""
    text = "\n".join(files[path].decode("utf-8", "replace") for path in paths(files, "app/"))
    return dict(_TYPE.findall(text))


def buckets_of(files: Mapping[str, bytes]) -> tuple[float, ...]:
    """The borders of the latency histogram, read from the code; the usual ones when they are not found there."""
    try:
        tree = ast.parse(files.get("app/observability.py", b""))
    except (SyntaxError, ValueError):
        return _BUCKETS
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Tuple)
            and getattr(node.targets[0], "id", "") == "_BUCKETS"
        ):
            return tuple(
                float(e.value)
                for e in node.value.elts
                if isinstance(e, ast.Constant) and isinstance(e.value, int | float)
            )
    return _BUCKETS


def available_percent(asked: float) -> float:
    """100 % has no budget, and no alert could ever be late enough."""
    return min(asked, 99.99)


def targets_of(brief: Brief) -> tuple[Target, ...]:
    asked = {q.kind: q for q in reversed(brief.understanding.quantities)}
    availability, latency = asked.get("availability"), asked.get("latency")
    percent = available_percent(availability.value) if availability else _ASSUMED_AVAILABILITY
    limit = latency.value if latency else _ASSUMED_LATENCY_MS
    share = float((latency.percentile if latency else None) or _ASSUMED_PERCENTILE)
    bucket = _bucket(limit / 1000, buckets_of(brief.files))
    return (
        Target(
            _objective(1, "answers below 500 / all answers", percent),
            "availability",
            0.0,
            "request" if availability else "assumption",
        ),
        Target(
            _objective(2, f"requests answered within {bucket * 1000:g} ms / all requests", share),
            "latency",
            bucket,
            ("request" if latency else "assumption")
            + (f", {limit:g} ms judged at the border {bucket * 1000:g} ms" if bucket * 1000 != limit else ""),
        ),
    )


def _bucket(seconds: float, buckets: tuple[float, ...]) -> float:
    """The largest border within the limit, so that the alert is never laxer than the promise; else the smallest."""
    return max((b for b in buckets if b <= seconds), default=min(buckets))


def _objective(number: int, indicator: str, percent: float) -> Objective:
    minutes = round((100 - percent) / 100 * WINDOW_DAYS * 24 * 60, 2)
    return Objective(
        id=f"SLO-{number}", indicator=indicator, target_percent=percent, window_days=WINDOW_DAYS, budget_minutes=minutes
    )


def alerts_of(targets: tuple[Target, ...]) -> tuple[Alert, ...]:
    """Thresholds are burn rate times budget; each can be passed well before every request is bad."""
    pairs = [
        (target, burn)
        for target in targets
        for burn in (_PERCENTILE_BURNS if target.budget_percent > _LARGE_BUDGET else _BURNS)
    ]
    return tuple(_alert(number, target, burn) for number, (target, burn) in enumerate(pairs, start=1))


def _alert(number: int, target: Target, burn: tuple[float, str, str, str]) -> Alert:
    rate, long, short, severity = burn
    budget = target.budget_percent
    threshold = min(rate * budget, (budget + 100) / 2) if rate > 1 else budget
    return Alert(
        id=f"AL-{number}",
        objective=target.objective.id,
        windows=f"{long} and {short}",
        burn_rate=round(threshold / budget, 4),
        threshold_percent=round(threshold, 6),
        severity=severity,
        runbook=f"observability/runbooks/AL-{number}.md",
    )
