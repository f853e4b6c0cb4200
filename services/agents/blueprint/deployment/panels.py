"""What a dashboard asks of the service, and the same question in the query language of each monitoring stack.

Only metrics that the service emits are named here: `REQUESTS` and `DURATION`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.agents.blueprint.deployment.objectives import Target
from services.deliverables.release import Alert

REQUESTS, DURATION = "http_requests_total", "http_request_duration_seconds"


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


def panels_of(job: str, paths: Sequence[str], targets: tuple[Target, ...]) -> tuple[Panel, ...]:
    """The golden signals that the service emits, then the feature in use. Saturation comes from the platform."""
    dd = job.replace("-", "_")
    bad, every = f'{REQUESTS}{{job="{job}",status=~"5.."}}', f'{REQUESTS}{{job="{job}"}}'
    feature = "|".join(sorted({path.split("/")[1] for path in paths}))
    percentile = next(t.objective.target_percent for t in targets if t.kind == "latency")
    slow = f'histogram_quantile({percentile / 100:g}, sum by (le) (rate({DURATION}_bucket{{job="{job}"}}[5m]))) * 1000'
    return (
        Panel("Traffic", "How much is asked of the service?", "requests/s", {
            "prometheus": f"sum(rate({every}[5m]))",
            "datadog": f"sum:{dd}.{REQUESTS}.count{{*}}.as_rate()",
            "newrelic": f"SELECT rate(sum({REQUESTS}), 1 second) FROM Metric WHERE service = '{job}' TIMESERIES",
        }),
        Panel("Errors", "What share of answers failed?", "%", {
            "prometheus": f"100 * sum(rate({bad}[5m])) / sum(rate({every}[5m]))",
            "datadog": f"100 * sum:{dd}.{REQUESTS}.count{{status:5*}}.as_count() / sum:{dd}.{REQUESTS}.count{{*}}.as_count()",
            "newrelic": f"SELECT filter(sum({REQUESTS}), WHERE status LIKE '5%') / sum({REQUESTS}) * 100 FROM Metric WHERE service = '{job}' TIMESERIES",
        }),
        Panel(f"Latency, p{percentile:g}", f"How long do the slowest {100 - percentile:g} % wait?", "ms", {
            "prometheus": slow,
            "datadog": f"1000 * p{percentile:g}:{dd}.{DURATION}{{*}}",
            "newrelic": f"SELECT bucketPercentile({DURATION}_bucket, {percentile:g}) * 1000 FROM Metric WHERE service = '{job}' TIMESERIES",
        }),
        Panel("The feature in use", "Which operations do people really use?", "requests/s", {
            "prometheus": f'sum by (method, path) (rate({REQUESTS}{{job="{job}",path=~"/({feature}).*"}}[5m]))',
            "datadog": f"sum:{dd}.{REQUESTS}.count{{*}} by {{method,path}}.as_rate()",
            "newrelic": f"SELECT rate(sum({REQUESTS}), 1 minute) FROM Metric WHERE service = '{job}' FACET method, path TIMESERIES",
        }),
        Panel("Refused", "Who is turned away: unknown, not allowed, out of turn?", "requests/s", {
            "prometheus": f'sum by (status) (rate({REQUESTS}{{job="{job}",status=~"401|403|409|412|422"}}[5m]))',
            "datadog": f"sum:{dd}.{REQUESTS}.count{{status:4*}} by {{status}}.as_rate()",
            "newrelic": f"SELECT rate(sum({REQUESTS}), 1 minute) FROM Metric WHERE service = '{job}' AND status LIKE '4%' FACET status TIMESERIES",
        }),
        *[
            Panel(f"Budget left, {t.objective.id}", f"How much of the 30 days' budget of {t.objective.id} is left?", "%", {
                "prometheus": f"100 * (1 - ({bad_share(job, t, '30d')}) / {t.budget_percent / 100:g})",
                "datadog": f"100 * (1 - {datadog_share(dd, t)} / {t.budget_percent / 100:g})",
                "newrelic": f"SELECT 100 * (1 - ({newrelic_share(t)}) / {t.budget_percent:g}) FROM Metric WHERE service = '{job}' SINCE 30 days ago",
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


def datadog_share(dd: str, target: Target) -> str:
    if target.kind == "availability":
        return f"(sum:{dd}.{REQUESTS}.count{{status:5*}}.as_count() / sum:{dd}.{REQUESTS}.count{{*}}.as_count())"
    return f"(1 - count(v: v<={target.bucket}):{dd}.{DURATION}{{*}}.as_count() / count:{dd}.{DURATION}{{*}}.as_count())"


def newrelic_share(target: Target) -> str:
    """NRQL: percent of bad requests."""
    if target.kind == "availability":
        return f"filter(sum({REQUESTS}), WHERE status LIKE '5%') / sum({REQUESTS}) * 100"
    return f"100 - filter(sum({DURATION}_bucket), WHERE le = '{target.bucket}') / sum({DURATION}_count) * 100"


def summary_of(alert: Alert) -> str:
    return f"{alert.id}: {alert.objective} loses its budget {alert.burn_rate:g} times too fast ({alert.threshold_percent:g} % of requests are bad over {alert.windows})"
