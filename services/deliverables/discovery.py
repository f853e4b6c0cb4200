"""Phase 1: what is wanted, how it is built, what could go wrong. Later steps cite the ids that are given here.

`source` always says where a row came from: words of the request in quotation marks, the name of a context document,
the id of another row, a standard, or "assumption".
"""

from pydantic import Field

from services.deliverables.base import Deliverable, Record


class Stakeholder(Record):
    role: str
    interest: str
    influence: str = Field(description="high, medium or low")
    source: str = ""


class UserStory(Record):
    id: str = Field(description="US-n")
    actor: str
    goal: str
    benefit: str
    priority: str = Field(description="MoSCoW: must, should, could")
    size: str = Field(default="", description="S, M or L: can it be shown in one sitting (the S of INVEST)")
    size_because: str = Field(default="", description="what was counted: criteria, states, other systems")
    source: str = Field(description="words of the request, or 'assumption'")


class Criterion(Record):
    id: str = Field(description="AC-n.m, or AC-Sn where it was stated")
    story: str
    text: str = Field(description="word for word where it was stated")
    kind: str = Field(description="functional, quality or constraint")
    decided_by: str = Field(description="'test' or 'person'")
    decided_because: str = ""
    stated: bool
    ears: tuple[str, ...] = Field(
        default=(), description="one sentence per rule, in a form of EARS; none without a rule"
    )
    scenarios: tuple[str, ...] = Field(default=(), description="Given, When, Then per rule; none without a rule")
    touches: tuple[tuple[str, str], ...] = Field(
        default=(), description="(resource, act) that its rules speak of; step 2 gives each act an operation"
    )
    source: str = ""


class SuccessMetric(Record):
    id: str = Field(description="SM-n")
    name: str
    formula: str
    baseline: str
    target: str
    instrument: str = Field(description="the event that measures it")
    by_when: str = ""
    source: str = ""


class Dependency(Record):
    id: str = Field(description="DEP-n")
    name: str
    kind: str
    purpose: str
    needed_from: str = Field(description="what somebody else has to give before it can be used")
    source: str


class BusinessRisk(Record):
    id: str = Field(description="BR-n")
    risk: str
    likelihood: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    mitigation: str
    owner: str = ""
    source: str = Field(default="", description="what of this request it follows from")


class EffortDriver(Record):
    what: str
    count: int
    days_each: str
    days_low: float
    days_high: float


class Business(Deliverable):
    value: str = Field(description="why it is worth building, from the request")
    stakeholders: tuple[Stakeholder, ...]
    stories: tuple[UserStory, ...]
    criteria: tuple[Criterion, ...]
    metrics: tuple[SuccessMetric, ...]
    scope_in: tuple[str, ...]
    scope_out: tuple[str, ...]
    dependencies: tuple[Dependency, ...]
    risks: tuple[BusinessRisk, ...]
    estimate: str = Field(description="a range of days, and what drives it")
    effort: tuple[EffortDriver, ...] = ()
    not_understood: tuple[str, ...] = Field(default=(), description="sentences from which nothing was taken")
    not_built: tuple[str, ...] = Field(default=(), description="asked for, and not built by this run")
    assumptions: tuple[str, ...]
    questions: tuple[str, ...]


class Operation(Record):
    id: str = Field(description="OP-name; cited by code, tests, events and documents")
    method: str
    path: str
    verb: str = Field(description="the verb of the request: create, list, get, update, delete, or a transition")
    resource: str
    roles: tuple[str, ...] = Field(description="who may call it; the actors of the stories")
    summary: str
    event: str = Field(description="EV-name, or empty for reads")
    errors: tuple[int, ...] = Field(description="HTTP codes of its problem documents")
    stories: tuple[str, ...]


class EntityField(Record):
    name: str
    type: str
    required: bool
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: str | None = None
    refers_to: str = Field(default="", description="the entity whose id it holds")
    sensitive: str = Field(default="", description="personal, payment, health or credentials; empty: not sensitive")
    unique: str = Field(default="", description="the criterion that makes it unique, alone or with others; empty: not")
    indexed: str = Field(default="", description="why it has an index: filter, sort, search, reference; empty: none")
    source: str = ""


class Entity(Record):
    name: str
    plural: str
    label: str
    fields: tuple[EntityField, ...]
    states: tuple[str, ...] = ()
    transitions: tuple[tuple[str, str, str], ...] = Field(default=(), description="(verb, from, to)")


class Service(Record):
    name: str
    responsibility: str
    owns: tuple[str, ...]
    depends_on: tuple[str, ...]
    communication: str
    team: str = ""
    is_built: bool = Field(default=True, description="by this run; the others are a contract and a plan")


class Flow(Record):
    """One line between two services or to another system."""

    source: str
    target: str
    carries: str = Field(description="operations or events")
    style: str = Field(description="synchronous or asynchronous; none where nothing is sent so far")
    on_failure: str


class Event(Record):
    id: str = Field(description="EV-name")
    name: str = Field(description="object_action, as it is sent")
    operation: str
    properties: tuple[str, ...]


class ExampleCall(Record):
    """Bodies are JSON as text, valid by the OpenAPI document; empty where there is none."""

    operation: str
    headers: tuple[str, ...]
    request: str
    status: int
    response: str
    error_status: int
    error: str


class ResiliencePlan(Record):
    dependency: str
    kind: str
    timeout_ms: int
    retries: str
    breaker: str
    fallback: str
    source: str


class CachePlan(Record):
    key: str
    holds: str
    ttl_seconds: int
    invalidated_by: str
    because: str


class Strategy(Record):
    area: str = Field(
        description="authentication, authorization, communication, observability, testing, rollout, technology"
    )
    choice: str
    because: str = Field(description="of this request or its options")


class QualityScenario(Record):
    id: str = Field(description="QS-n")
    stimulus: str
    response: str
    measure: str
    source: str = Field(description="the request, a standard, or 'assumption'")
    verified_by: str = ""


class Option(Record):
    name: str
    for_it: str
    against_it: str
    taken: bool


class ArchitectureDecision(Record):
    id: str = Field(description="ADR-n")
    title: str
    context: str
    decision: str
    options: tuple[Option, ...] = ()
    consequences: str
    source: str = ""


class TradeOff(Record):
    gained: str
    paid: str
    revisit_when: str


class Workstream(Record):
    team: str
    service: str
    delivers: str
    needs_first: str
    can_run_beside: str


class Architecture(Deliverable):
    services: tuple[Service, ...]
    operations: tuple[Operation, ...]
    entities: tuple[Entity, ...]
    events: tuple[Event, ...]
    flows: tuple[Flow, ...] = ()
    examples: tuple[ExampleCall, ...] = ()
    resilience: tuple[ResiliencePlan, ...] = ()
    caches: tuple[CachePlan, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    quality: tuple[QualityScenario, ...]
    decisions: tuple[ArchitectureDecision, ...]
    capacity: tuple[str, ...] = Field(description="estimates with their arithmetic")
    trade_offs: tuple[TradeOff, ...] = ()
    plan: tuple[Workstream, ...] = Field(default=(), description="who builds what; for several services only")
    assumptions: tuple[str, ...]

    def entity(self, name: str) -> Entity:
        return next(entity for entity in self.entities if entity.name == name)


class Threat(Record):
    id: str = Field(description="TH-n")
    category: str = Field(description="STRIDE")
    asset: str
    entry_point: str
    threat: str
    cwe: str = ""
    owasp: str = Field(default="", description="API Security Top 10, 2023")
    likelihood: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    mitigation: str
    owner: str = ""
    test: str = Field(description="how it is verified")
    criteria: tuple[str, ...] = Field(default=(), description="acceptance criteria whose tests try it")
    source: str = ""


class DataItem(Record):
    field: str
    classification: str
    purpose: str
    legal_basis: str
    retention: str
    protection: str
    source: str = ""


class Compliance(Record):
    rule: str
    applies_because: str
    demands: str
    evidence: str
    state: str = Field(default="", description="built here, or open and whose it is")


class SecurityRequirement(Record):
    id: str = Field(description="SR-n")
    demand: str
    asvs: str = Field(description="chapter of OWASP ASVS 5")
    threat: str
    proven_by: str


class Spike(Record):
    id: str = Field(description="SP-n")
    question: str
    do: str
    days: float
    decides: str


class Risk(Deliverable):
    verdict: str = Field(description="feasible, feasible with conditions, or not feasible")
    conditions: tuple[str, ...] = ()
    threats: tuple[Threat, ...]
    data: tuple[DataItem, ...]
    compliance: tuple[Compliance, ...]
    requirements: tuple[SecurityRequirement, ...]
    unknowns: tuple[str, ...]
    spikes: tuple[Spike, ...] = ()
