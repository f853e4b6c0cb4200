"""Phase 4: how it goes live, how it is watched, and how people learn it."""

from pydantic import Field

from services.deliverables.base import Deliverable, Record


class PipelineStage(Record):
    name: str
    checks: str
    artefact: str


class RolloutStage(Record):
    """`share_percent` is the smaller of the two shares: of those who ask, so many get the feature."""

    share_percent: int
    traffic_percent: int = Field(default=100, description="share of requests that reach the new version")
    flag_percent: int = Field(default=100, description="share of people for whom the flag is on")
    hold: str
    guards: str
    promoted_by: str


class Rollback(Record):
    rung: int
    trigger: str
    action: str
    command: str
    target: str
    verified_by: str


class Experiment(Record):
    hypothesis: str
    unit: str
    primary_metric: str
    baseline_percent: float
    minimum_detectable_effect_percent: float
    sample_size_per_arm: int
    guardrails: tuple[str, ...]


class Deployment(Deliverable):
    strategy: str
    pipeline: tuple[PipelineStage, ...]
    stages: tuple[RolloutStage, ...]
    rollback: tuple[Rollback, ...]
    experiment: Experiment | None = None
    migrations: tuple[str, ...]
    checklist: tuple[str, ...]


class Objective(Record):
    id: str = Field(description="SLO-n")
    indicator: str = Field(description="good events / valid events")
    target_percent: float
    window_days: int
    budget_minutes: float = Field(description="allowed downtime in the window")


class Alert(Record):
    id: str = Field(description="AL-n")
    objective: str
    windows: str
    burn_rate: float
    threshold_percent: float = Field(description="error share that means this burn rate")
    severity: str
    runbook: str


class Panel(Record):
    title: str
    query: str
    question: str


class Observability(Deliverable):
    stack: str
    signals: tuple[str, ...]
    objectives: tuple[Objective, ...]
    alerts: tuple[Alert, ...]
    panels: tuple[Panel, ...]
    traces: tuple[str, ...]
    business: tuple[str, ...]


class Page(Record):
    path: str
    kind: str = Field(description="tutorial, how-to, reference or explanation")
    reader: str


class Trace(Record):
    """One criterion through every step. A missing link is empty and named in `gaps`."""

    story: str
    criterion: str
    operations: tuple[str, ...]
    code: tuple[str, ...] = Field(description="file::function of its rule")
    tests: tuple[str, ...]
    events: tuple[str, ...]
    metrics: tuple[str, ...]
    alerts: tuple[str, ...]
    runbooks: tuple[str, ...]
    gaps: tuple[str, ...] = ()


class Documentation(Deliverable):
    pages: tuple[Page, ...]
    traces: tuple[Trace, ...] = ()
    operations_documented: tuple[str, ...]
    runbooks: tuple[str, ...]
    changelog: tuple[str, ...]
