"""What is understood of a request: one typed model that every generator reads.

`understand` in `extract.py` fills it from text. Every item says where it came from: a span of the text, or None for an
assumption, which reports mark as such. Names are snake_case, singular, ASCII, and never Python keywords.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class FieldType(StrEnum):
    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    EMAIL = "email"
    URL = "url"


class Sensitivity(StrEnum):
    PERSONAL = "personal"
    PAYMENT = "payment"
    HEALTH = "health"
    CREDENTIALS = "credentials"


class _Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    span: tuple[int, int] | None = Field(
        default=None, description="start and end in title + newline + description; None: assumed"
    )


class DataField(_Item):
    name: str
    type: FieldType
    required: bool = True
    choices: tuple[str, ...] = ()
    maximum: int | None = Field(default=None, description="largest number, or longest text")
    sensitive: Sensitivity | None = None


class Resource(_Item):
    """Something the feature keeps. `label` as a person writes it ("Purchase order"), `plural` for paths."""

    name: str
    plural: str
    label: str
    fields: tuple[DataField, ...]
    states: tuple[str, ...] = Field(
        default=(), description="in order, the first is the initial one; empty: no state machine"
    )
    transitions: tuple[tuple[str, str, str], ...] = Field(default=(), description="(verb, from state, to state)")


class UseCase(_Item):
    """Somebody does something with a resource: "a manager approves an expense"."""

    actor: str
    verb: str
    resource: str
    text: str


class Integration(_Item):
    name: str
    purpose: str


class Quantity(_Item):
    """A number with a meaning: `kind` is latency, throughput, availability, retention, rate or size."""

    kind: str
    value: float
    unit: str
    percentile: int | None = None
    text: str


class CriterionKind(StrEnum):
    FUNCTIONAL = "functional"
    QUALITY = "quality"
    CONSTRAINT = "constraint"


class AcceptanceCriterion(_Item):
    """`text` is word for word where it was stated. `rule` is how it was understood, empty when only a person can decide:

    ("allowed", verb, resource), ("locked", state, resource), ("required", field, resource),
    ("maximum", field, number, resource), ("choices", field, resource).
    """

    id: str
    story: str
    text: str
    kind: CriterionKind = CriterionKind.FUNCTIONAL
    rule: tuple[str, ...] = ()
    stated: bool = False


class Story(_Item):
    id: str
    actor: str
    goal: str
    benefit: str
    priority: str = "must"
    resource: str


class Understanding(BaseModel):
    """The whole. The first resource is the main one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="the feature as a Python package name")
    title: str
    actors: tuple[str, ...]
    resources: tuple[Resource, ...]
    use_cases: tuple[UseCase, ...]
    integrations: tuple[Integration, ...]
    quantities: tuple[Quantity, ...]
    stories: tuple[Story, ...]
    criteria: tuple[AcceptanceCriterion, ...]
    out_of_scope: tuple[str, ...]
    assumptions: tuple[str, ...]
    questions: tuple[str, ...]
