"""Phase 2: what was built, and where. Every row names an operation of the architecture."""

from pydantic import Field

from services.deliverables.base import Deliverable, Record


class Endpoint(Record):
    operation: str
    function: str
    file: str


class Rule(Record):
    """A place that keeps a criterion; sabotage breaks it and nothing else. Several rows: each keeps a part."""

    criterion: str
    function: str = Field(
        description='A function, a class, "Class.field", "Class.method", or one entry of a table at the top of the file as "TABLE[key]"',
        pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*|\[[^\[\]]+\])?$",
    )
    file: str


class Resilience(Record):
    dependency: str
    timeout_seconds: float
    retries: str
    breaker: str
    fallback: str
    asked_after: str = Field(default="", description="the acts that leave an errand for it in the outbox")
    not_asked_because: str = Field(default="", description="why its port has no caller; empty where it has one")


class CacheEntry(Record):
    key: str
    ttl_seconds: int
    invalidated_by: str


class Flag(Record):
    key: str
    default: bool
    rollout_percentage: int
    kill_switch: str
    provider: str
    file: str
    remove_when: str


class Backend(Deliverable):
    modules: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    rules: tuple[Rule, ...]
    resilience: tuple[Resilience, ...]
    caches: tuple[CacheEntry, ...]
    flag: Flag
    migrations: tuple[str, ...]
    configuration: tuple[str, ...]


class Screen(Record):
    """One place of the page. `states`: everything that a person can find there."""

    route: str
    purpose: str
    stories: tuple[str, ...]
    roles: tuple[str, ...] = Field(description="who is offered the way there")
    shows: tuple[str, ...] = Field(description="fields, in the order on the screen")
    operations: tuple[str, ...]
    states: tuple[str, ...]


class Call(Record):
    operation: str
    optimistic: bool = Field(description="shown before the service has answered, and taken back when it refuses")
    retry: str
    on_failure: str


class AccessibilityCheck(Record):
    criterion: str = Field(description="number of the success criterion of WCAG 2.2")
    how: str
    checked_by: str = Field(
        description="what looks at it: a figure of this step, the browser of the picture check, or a person"
    )


class PageBudget(Record):
    metric: str
    limit: str
    value: str = Field(description="counted from the files, or not measured")
    verdict: str = Field(description="kept, broken or open")


class Frontend(Deliverable):
    screens: tuple[Screen, ...]
    components: tuple[str, ...] = Field(description="module: what it is for")
    calls: tuple[Call, ...]
    events: tuple[str, ...]
    accessibility: tuple[AccessibilityCheck, ...]
    budgets: tuple[PageBudget, ...]


class PlannedEvent(Record):
    id: str
    name: str
    trigger: str
    properties: tuple[str, ...]
    owner: str
    personal_data: bool
    retention_days: int


class Pipeline(Record):
    name: str
    source: str
    transform: str
    sink: str
    schedule: str
    idempotent_by: str
    backfill: str


class QualityRule(Record):
    id: str = Field(description="DQ-n")
    event: str
    kind: str = Field(description="completeness, uniqueness, freshness, range or referential")
    threshold: str
    action: str


class Data(Deliverable):
    platform: str
    events: tuple[PlannedEvent, ...]
    pipelines: tuple[Pipeline, ...]
    quality: tuple[QualityRule, ...]
    lineage: tuple[str, ...]
