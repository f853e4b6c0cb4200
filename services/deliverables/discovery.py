"""Phase 1: what is wanted, how it is built, what could go wrong. Later steps cite the ids that are given here."""

from pydantic import Field

from services.deliverables.base import Deliverable, Record


class Stakeholder(Record):
    role: str
    interest: str
    influence: str = Field(description="high, medium or low")


class UserStory(Record):
    id: str = Field(description="US-n")
    actor: str
    goal: str
    benefit: str
    priority: str = Field(description="MoSCoW: must, should, could")
    source: str = Field(description="words of the request, or 'assumption'")


class Criterion(Record):
    id: str = Field(description="AC-n.m, or AC-Sn where it was stated")
    story: str
    text: str = Field(description="word for word where it was stated")
    kind: str = Field(description="functional, quality or constraint")
    decided_by: str = Field(description="'test' or 'person'")
    stated: bool


class SuccessMetric(Record):
    id: str = Field(description="SM-n")
    name: str
    formula: str
    baseline: str
    target: str
    instrument: str = Field(description="the event that measures it")


class BusinessRisk(Record):
    id: str = Field(description="BR-n")
    risk: str
    likelihood: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    mitigation: str


class Business(Deliverable):
    value: str = Field(description="why it is worth building, from the request")
    stakeholders: tuple[Stakeholder, ...]
    stories: tuple[UserStory, ...]
    criteria: tuple[Criterion, ...]
    metrics: tuple[SuccessMetric, ...]
    scope_in: tuple[str, ...]
    scope_out: tuple[str, ...]
    dependencies: tuple[str, ...]
    risks: tuple[BusinessRisk, ...]
    estimate: str = Field(description="a range of days, and what drives it")
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
    maximum: int | None = None
    sensitive: str = Field(default="", description="personal, payment, health or credentials; empty: not sensitive")


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


class Event(Record):
    id: str = Field(description="EV-name")
    name: str = Field(description="object_action, as it is sent")
    operation: str
    properties: tuple[str, ...]


class QualityScenario(Record):
    id: str = Field(description="QS-n")
    stimulus: str
    response: str
    measure: str
    source: str = Field(description="the request, a standard, or 'assumption'")


class ArchitectureDecision(Record):
    id: str = Field(description="ADR-n")
    title: str
    context: str
    decision: str
    alternatives: str
    consequences: str


class Architecture(Deliverable):
    services: tuple[Service, ...]
    operations: tuple[Operation, ...]
    entities: tuple[Entity, ...]
    events: tuple[Event, ...]
    quality: tuple[QualityScenario, ...]
    decisions: tuple[ArchitectureDecision, ...]
    capacity: tuple[str, ...] = Field(description="estimates with their arithmetic")
    assumptions: tuple[str, ...]

    def entity(self, name: str) -> Entity:
        return next(entity for entity in self.entities if entity.name == name)


class Threat(Record):
    id: str = Field(description="TH-n")
    category: str = Field(description="STRIDE")
    asset: str
    entry_point: str
    threat: str
    likelihood: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    mitigation: str
    test: str = Field(description="how it is verified")


class DataItem(Record):
    field: str
    classification: str
    purpose: str
    legal_basis: str
    retention: str
    protection: str


class Compliance(Record):
    rule: str
    applies_because: str
    demands: str
    evidence: str


class Risk(Deliverable):
    verdict: str = Field(description="feasible, feasible with conditions, or not feasible")
    threats: tuple[Threat, ...]
    data: tuple[DataItem, ...]
    compliance: tuple[Compliance, ...]
    requirements: tuple[str, ...]
    unknowns: tuple[str, ...]
