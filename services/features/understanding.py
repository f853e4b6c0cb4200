"""What is understood of a request: one typed model that every generator reads.

`understand` in `extract.py` fills it from text. Every item says where it came from: a span of the text, or None for an
assumption, which reports mark as such. Names are snake_case, singular, ASCII, and never Python keywords.
"""

import re
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from services.features import words


class FieldType(StrEnum):
    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"  # whole minor units: 12.50 EUR is 1250
    BOOLEAN = "boolean"
    REFERENCE = "reference"
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
    minimum: int | None = Field(default=None, description="smallest number, or shortest text; money in minor units")
    maximum: int | None = Field(default=None, description="largest number, or longest text; money in minor units")
    default: str | None = Field(default=None, description="what is stored where the caller sends none")
    refers_to: str = Field(default="", description="the resource whose id this field holds")
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
    """Somebody does something with a resource: "a manager approves an expense". `verb` is the text's own word.

    `state`: where the act leads, where the text says so: "mark as shipped", "check in".
    """

    actor: str
    verb: str
    resource: str
    text: str
    state: str = ""


class Integration(_Item):
    """Another system. `kind`: payment, email, sms, chat, storage, queue, search, identity, calendar, maps or service."""

    name: str
    kind: str = "service"
    purpose: str


class Quantity(_Item):
    """A number with a meaning: `kind` is latency, throughput, volume ("requests a day"), availability, retention, rate or size."""

    kind: str
    value: float
    unit: str
    percentile: int | None = None
    text: str


class CriterionKind(StrEnum):
    FUNCTIONAL = "functional"
    QUALITY = "quality"
    CONSTRAINT = "constraint"


class RuleKind(StrEnum):
    """What one test over HTTP can prove. Each has its code and its test in `agents/blueprint/templates/rules`.

    `act` is always an operation's verb: create, list, get, update, delete, or the verb of a transition; "" means every
    act that writes.
    """

    ALLOWED = "allowed"  # `actors` can do `act`, and its effect is read back
    ONLY = "only"  # nobody but `actors` may do `act`
    OWN = "own"  # `actors` reach only the records that they made
    NOT_OWN = "not_own"  # nobody does `act` to a record that they made
    REQUIRED = "required"  # `fields[0]` must be given: always, or for `act`, or when `condition` holds
    OPTIONAL = "optional"  # `fields[0]` may be left out
    RANGE = "range"  # `minimum` <= `fields[0]` <= `maximum`: a number, or the length of a text
    CHOICES = "choices"  # `fields[0]` is one of `values`
    FORMAT = "format"  # `fields[0]` is a valid e-mail address or web address, by its type
    UNIQUE = "unique"  # no two records with the same `fields` (all of them together)
    DEFAULT = "default"  # `fields[0]` is `values[0]` where the caller sends none; without fields, the first state
    COMPARE = "compare"  # `fields[0]` `operator` `fields[1]`; with one field: the present moment, shifted by `seconds`
    FIXED = "fixed"  # `fields` cannot be changed after creation
    LOCKED = "locked"  # no field changes, and nothing is deleted, while the record is in one of `states`
    TRANSITION = "transition"  # `act` leads from one of `states[:-1]` to `states[-1]`, and from no other
    BLOCKED = "blocked"  # `act` is refused while the record is in one of `states`
    NOTIFY = "notify"  # after `act`, each of `actors` is told by `channel`; "owner" is whoever made the record
    CALL = "call"  # with `act`, the function `values[0]` of the system `channel` is asked for, at the end of each `seconds` where given
    FILTER = "filter"  # the list is narrowed by each of `fields` ("state" for the state)
    SORT = "sort"  # the list is in the order of `fields[0]`, descending when `operator` is ">"
    SEARCH = "search"  # the list is narrowed by words in `fields`
    PAGE = "page"  # a page of the list holds `maximum` records
    EXPORT = "export"  # the list as CSV
    COUNT = "count"  # a person has at most `maximum` records, of those in `states` where given
    RATE = "rate"  # a person does `act` at most `maximum` times in `seconds`
    HISTORY = "history"  # every change is kept with who made it and when
    RETENTION = "retention"  # a record is removed `seconds` after it was made (of `states`, after it got there)
    EXPIRY = "expiry"  # a record in `states[0]` moves to `states[1]` by itself `seconds` after it got there
    HIDDEN = (
        "hidden"  # `fields` are never sent back; masked but for the last four characters when `channel` is "masked"
    )
    OVERLAP = "overlap"  # no two records of the same `fields[0]` whose times `fields[1]` to `fields[2]` overlap


class Condition(_Item):
    """`field` `operator` `value`, for example amount > 50000; `field` is "state" for the state of the record."""

    field: str
    operator: str = Field(description="<, <=, >, >=, == or !=")
    value: str = Field(description="money in minor units, numbers in digits, choices and states by their names")


class Rule(_Item):
    """One provable demand. Only what its kind names is filled; see `RuleKind`."""

    kind: RuleKind
    resource: str
    act: str = ""
    actors: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    minimum: int | None = Field(default=None, description="money in minor units (cents)")
    maximum: int | None = Field(default=None, description="money in minor units (cents)")
    seconds: int | None = None
    operator: str = ""
    channel: str = Field(default="", description="email, sms, slack or app; or masked; or the name of another system")
    condition: Condition | None = None


class AcceptanceCriterion(_Item):
    """`text` is word for word where it was stated. `rules` together are its whole meaning; empty: only a person can decide.

    "The title is required and has at most 120 characters" has two rules, and its one test proves both.
    """

    id: str
    story: str = Field(description="empty: for all stories")
    text: str
    kind: CriterionKind = CriterionKind.FUNCTIONAL
    rules: tuple[Rule, ...] = ()
    stated: bool = False
    source: str = Field(default="", description="name of the context document, empty for the request itself")


class Story(_Item):
    id: str
    actor: str
    goal: str
    benefit: str = Field(description="in the words of the text; empty where it gives none")
    priority: str = "must"
    resource: str

    @property
    def verb(self) -> str:
        """As use cases and transitions name it: "approve", "check_in", "mark_overdue"."""
        marked = re.fullmatch(r"mark .+ as ([a-z ]+)", self.goal)
        return f"mark_{marked[1].replace(' ', '_')}" if marked else words.joined(self.goal).split(" ", 1)[0]


class Correction(_Item):
    """A line of the corrections, or a remark at a gate, and what became of it."""

    line: str
    is_applied: bool
    answer: str


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
    interfaces: tuple[str, ...] = Field(default=(), description="asked for beside HTTP: graphql, websocket or webhook")
    out_of_scope: tuple[str, ...]
    not_built: tuple[str, ...] = Field(default=(), description="asked for, and what this engine cannot build of it")
    kept_today: tuple[str, ...] = Field(
        default=(), description="where the records are before this service, in the text's own words"
    )
    not_understood: tuple[str, ...] = Field(
        default=(), description="sentences that read like a demand, from which nothing was taken"
    )
    corrections: tuple[Correction, ...] = ()
    assumptions: tuple[str, ...]
    questions: tuple[str, ...]
