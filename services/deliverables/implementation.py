"""Phase 2: what was built, and where. Every row names an operation of the architecture."""

from pydantic import Field

from services.deliverables.base import Deliverable, Record


class Endpoint(Record):
    operation: str
    function: str
    file: str


class Rule(Record):
    criterion: str
    function: str
    file: str


class Resilience(Record):
    dependency: str
    timeout_seconds: float
    retries: str
    breaker: str
    fallback: str


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
    route: str
    stories: tuple[str, ...]
    states: tuple[str, ...]


class Call(Record):
    operation: str
    optimistic: bool
    on_failure: str


class Frontend(Deliverable):
    screens: tuple[Screen, ...]
    components: tuple[str, ...]
    calls: tuple[Call, ...]
    events: tuple[str, ...]
    accessibility: tuple[str, ...]
    budgets: tuple[str, ...]


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
