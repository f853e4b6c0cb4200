"""Which criteria the engine can prove, decided once: code, tests, contract and papers all read this plan.

A criterion is dropped, with a reason for people, when one of its rules names what is not there, contradicts an earlier
criterion, or leaves no example that satisfies all rules at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from services.agents.blueprint.rules.domain import KEPT, NUMBERS, READS, TEXTS, TIMES, WRITES, Domain, field_of, typed
from services.agents.blueprint.rules.examples import OPERATORS, solve
from services.agents.blueprint.rules.rule_code import KINDS, Code, codes_of
from services.agents.blueprint.rules.rule_trials import trial_of
from services.agents.blueprint.rules.system_calls import module_named
from services.agents.blueprint.rules.trial_basics import CannotProve, Trial
from services.features.understanding import (
    AcceptanceCriterion,
    DataField,
    FieldType,
    Resource,
    Rule,
    RuleKind,
    Understanding,
)

_NO_RULE = "a person decides"
_OF_LISTS = (
    RuleKind.FILTER,
    RuleKind.SORT,
    RuleKind.SEARCH,
    RuleKind.PAGE,
    RuleKind.EXPORT,
    RuleKind.HISTORY,
    RuleKind.HIDDEN,
)
_READ = ("actors", "resources", "use_cases", "integrations", "stories", "criteria", "interfaces")
_LARGEST_COUNT = 1000
_LARGEST_PAGE = 100
_LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Plan:
    """`provable`: criteria with a test. `left`: criterion id -> why a person decides."""

    domain: Domain
    provable: tuple[AcceptanceCriterion, ...]
    left: Mapping[str, str]

    @property
    def resources(self) -> tuple[Resource, ...]:
        return self.domain.resources

    @cached_property
    def codes(self) -> Mapping[str, tuple[Code, ...]]:
        return {r.name: codes_of(self.domain, r.name) for r in self.resources}

    def code_of(self, rule: Rule) -> Code:
        return next(code for code in self.codes[rule.resource] if code.rule == _bare(rule))


def plan_of(understanding: Understanding) -> Plan:
    """Reads only what rules are about, so that another question or assumption changes no code."""
    read = {name: getattr(understanding, name) for name in _READ}
    return _plan_of(
        Understanding(**read, name="", title="", quantities=(), out_of_scope=(), assumptions=(), questions=())
    )


@lru_cache(maxsize=16)
def _plan_of(understanding: Understanding) -> Plan:
    left = {c.id: _NO_RULE for c in understanding.criteria if not c.rules}
    asked = [c for c in understanding.criteria if c.rules]
    well_formed = []
    for criterion in asked:
        reason = next((r for r in (_malformed(understanding, _bare(rule)) for rule in criterion.rules) if r), "")
        if reason:
            left[criterion.id] = reason
        else:
            well_formed.append(criterion)
    if _refusal(_domain(understanding, well_formed)) is None:
        return Plan(_domain(understanding, well_formed), tuple(well_formed), left)
    kept: list[AcceptanceCriterion] = []
    for criterion in well_formed:
        reason = _refusal(_domain(understanding, [*kept, criterion]), {r.resource for r in criterion.rules}) or ""
        if reason:
            left[criterion.id] = reason
        else:
            kept.append(criterion)
    return Plan(_domain(understanding, kept), tuple(kept), left)


def provable(understanding: Understanding) -> tuple[AcceptanceCriterion, ...]:
    return plan_of(understanding).provable


def trials(domain: Domain, resource: str) -> list[tuple[Code, Trial]]:
    """Raises: CannotProve."""
    return [(code, trial_of(domain, code)) for code in codes_of(domain, resource)]


def _domain(understanding: Understanding, criteria: list[AcceptanceCriterion]) -> Domain:
    return Domain(understanding, tuple(dict.fromkeys(_bare(rule) for c in criteria for rule in c.rules)))


def _bare(rule: Rule) -> Rule:
    """Two rules are equal wherever in the text they stand; what is about reading needs no act to say so."""
    act = "" if rule.kind in _OF_LISTS and rule.act in READS else rule.act
    condition = rule.condition.model_copy(update={"span": None}) if rule.condition else None
    return rule.model_copy(update={"span": None, "condition": condition, "act": act})


def _refusal(domain: Domain, resources: set[str] | None = None) -> str | None:
    """Why these rules cannot stand together, or None. Rules of other resources are not affected by a new one."""
    for resource in domain.resources:
        if resources is not None and resource.name not in resources:
            continue
        clash = _clash(domain, resource)
        if clash:
            return clash
        if domain.of(resource.name) and solve(domain, resource.name) is None:
            return f"no values of {resource.name} satisfy all rules at once"
        try:
            trials(domain, resource.name)
        except CannotProve as error:
            return str(error)
    return None


def _clash(domain: Domain, resource: Resource) -> str:
    """Two rules that say different things of the same."""
    said: dict[tuple[str, ...], object] = {}
    for rule in domain.of(resource.name):
        for about, what in _claims(rule):
            if said.setdefault(about, what) != what:
                return f"another rule says otherwise about {' '.join(about[1:]) or resource.name}"
    return ""


def _claims(rule: Rule) -> list[tuple[tuple[str, ...], object]]:
    first = rule.fields[0] if rule.fields else ""
    found: dict[RuleKind, list[tuple[tuple[str, ...], object]]] = {
        RuleKind.RANGE: [(("range", first, side), v) for side, v in (("least", rule.minimum), ("most", rule.maximum)) if v is not None],
        RuleKind.CHOICES: [(("choices", first), set(rule.values))],
        RuleKind.DEFAULT: [(("default", first), rule.values)] if first else [],
        RuleKind.ONLY: [(("roles", rule.act), set(rule.actors))],
        RuleKind.OPTIONAL: [(("given", first), False)],
        RuleKind.REQUIRED: [(("given", first), True)] if rule.condition is None and rule.act in ("", "create") else [],
        RuleKind.HISTORY: [(("history",), rule.actors)],
        RuleKind.EXPORT: [(("export",), rule.actors)],
        RuleKind.SEARCH: [(("search",), rule.fields)],
        RuleKind.PAGE: [(("page",), rule.maximum)],
        RuleKind.COUNT: [(("count", *rule.states), rule.maximum)],
        RuleKind.CALL: [(("call", rule.channel, *rule.values[:1], rule.act), (rule.values, rule.seconds))],
        RuleKind.RATE: [(("rate", rule.act), (rule.maximum, rule.seconds))],
    }  # fmt: skip
    return found.get(rule.kind, [])


def _malformed(understanding: Understanding, rule: Rule) -> str:
    """Why a rule cannot be read, or nothing."""
    resource = next((r for r in understanding.resources if r.name == rule.resource), None)
    if resource is None:
        return f"nothing is called {rule.resource or 'so'}"
    extra = [name for name in type(rule).model_fields if name not in KINDS[rule.kind].reads and getattr(rule, name)]
    if extra:
        return f"its {extra[0]} says more than a test of this kind proves"
    if rule.kind is RuleKind.CALL and module_named(rule.channel) not in {
        module_named(i.name) for i in understanding.integrations
    }:
        return f"no other system is called {rule.channel}"
    rule_acts = _acts(understanding, resource)
    if rule.act and rule.act not in rule_acts:
        return f"nothing is done that is called {rule.act}"
    state = next((s for s in rule.states if s not in resource.states), "")
    if state:
        return f"{resource.name} has no state {state}"
    if not set(rule.actors) <= {*understanding.actors, *(["owner"] if rule.kind is RuleKind.NOTIFY else [])}:
        return "it names somebody who is no actor"
    check = _SHAPES.get(rule.kind)
    return (check(resource, rule) if check else "") or _malformed_condition(resource, rule)


def _acts(understanding: Understanding, resource: Resource) -> set[str]:
    verbs = {verb for verb, _, _ in resource.transitions}
    added = {
        r.act
        for c in understanding.criteria
        for r in c.rules
        if r.kind is RuleKind.TRANSITION and r.resource == resource.name
    }
    return {*WRITES, "list", "get", *verbs, *added}


def _malformed_condition(resource: Resource, rule: Rule) -> str:
    condition = rule.condition
    if condition is None:
        return ""
    if condition.operator not in OPERATORS:
        return f"nothing is compared by {condition.operator}"
    if condition.field == "state" and rule.act:
        return "it asks for a state at an act"
    if condition.field == "state" and resource.states:
        return (
            ""
            if condition.value in resource.states and condition.operator in ("==", "!=")
            else f"there is no state {condition.value}"
        )
    field = field_of(resource, condition.field)
    if field is None or rule.fields[0] == condition.field:
        return f"{resource.name} has no field {condition.field}"
    if field.type not in (*NUMBERS, *TIMES) and condition.operator not in ("==", "!="):
        return f"{condition.field} has no order"
    if field.choices and condition.value not in field.choices:
        return f"{condition.field} is never {condition.value}"
    return _not_typed(field, condition.value)


def _not_typed(field: DataField, text: str) -> str:
    try:
        typed(field, text)
    except ValueError:
        return f"{text} is no value of {field.name}"
    return ""


def _fields(
    resource: Resource, rule: Rule, *, count: int = 0, types: tuple[FieldType, ...] = (), also: tuple[str, ...] = ()
) -> str:
    """`count`: how many fields it must name; 0: at least one."""
    if not rule.fields or (count and len(rule.fields) != count) or len(set(rule.fields)) != len(rule.fields):
        return "it does not name the fields that it speaks of"
    for name in rule.fields:
        field = field_of(resource, name)
        if field is None and not (name in also and (name != "state" or resource.states)):
            return f"{resource.name} has no field {name}"
        if field and types and field.type not in types:
            return f"{name} is a {field.type.value}"
    return ""


def _actors(_: Resource, rule: Rule) -> str:
    return "" if rule.actors else "it names nobody"


def _range(resource: Resource, rule: Rule) -> str:
    if rule.minimum is None and rule.maximum is None:
        return "it names no limit"
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        return "its limits leave nothing"
    found = _fields(resource, rule, count=1, types=(*NUMBERS, FieldType.STRING, FieldType.TEXT))
    field = field_of(resource, rule.fields[0]) if not found else None
    if field and field.choices:
        return f"{field.name} has a list of values"
    is_text = field is not None and field.type in TEXTS
    if is_text and max(rule.minimum or 0, rule.maximum or 0) > _LONGEST_TEXT:
        return "no test can send so long a text"
    return "no text is so short" if is_text and (rule.maximum == 0 or (rule.minimum or 0) < 0) else found


def _choices(resource: Resource, rule: Rule) -> str:
    if not rule.values or len(set(rule.values)) != len(rule.values):
        return "it names no values"
    return _fields(resource, rule, count=1, types=(FieldType.STRING, FieldType.TEXT))


def _default(resource: Resource, rule: Rule) -> str:
    if not rule.fields:
        return "" if resource.states and rule.states in ((), resource.states[:1]) else "there is no such first state"
    found = _fields(resource, rule, count=1) or ("" if len(rule.values) == 1 else "it names no value")
    return found or _not_typed(field_of(resource, rule.fields[0]), rule.values[0])  # type: ignore[arg-type]


def _compare(resource: Resource, rule: Rule) -> str:
    if rule.operator not in OPERATORS:
        return f"nothing is compared by {rule.operator or 'nothing'}"
    if len(rule.fields) == 1:
        return _fields(resource, rule, types=TIMES)
    found = _fields(resource, rule, count=2, types=(*NUMBERS, *TIMES))
    types = {f.type for f in resource.fields if f.name in rule.fields}
    alike = len(types) == 1 or types <= set(NUMBERS)
    return found or ("" if alike and not rule.seconds else "its fields cannot be compared")


def _states(_: Resource, rule: Rule) -> str:
    return "" if rule.states else "it names no state"


def _transition(resource: Resource, rule: Rule) -> str:
    if len(rule.states) < 2 or rule.act in ("", *WRITES, *READS):
        return "it does not say from where to where"
    return "it leads to where it starts" if rule.states[-1] in rule.states[:-1] else ""


def _not_reading(_: Resource, rule: Rule) -> str:
    return "reading changes nothing" if rule.act in READS else ""


def _expiry(_: Resource, rule: Rule) -> str:
    return (
        ""
        if len(rule.states) == 2 and len(set(rule.states)) == 2 and (rule.seconds or 0) > 0
        else "it does not say when what becomes of it"
    )


def _maximum(_: Resource, rule: Rule) -> str:
    return "" if 0 < (rule.maximum or 0) <= _LARGEST_COUNT else "its number cannot be tried"


def _overlap(resource: Resource, rule: Rule) -> str:
    found = _fields(resource, rule, count=3)
    if found:
        return found
    types = [field_of(resource, name).type for name in rule.fields[1:]]  # type: ignore[union-attr]
    return "" if types[0] == types[1] and types[0] in TIMES else "its times are no times"


def _sort(resource: Resource, rule: Rule) -> str:
    if rule.operator not in ("", "<", ">"):
        return f"nothing is in the order of {rule.operator}"
    field = field_of(resource, rule.fields[0]) if rule.fields else None
    if field and field.type is FieldType.BOOLEAN:
        return "yes and no have no order"
    return _fields(resource, rule, count=1, also=KEPT)


_SHAPES: Mapping[RuleKind, Callable[[Resource, Rule], str]] = {
    RuleKind.ALLOWED: _actors,
    RuleKind.ONLY: _actors,
    RuleKind.OWN: lambda r, rule: _actors(r, rule) or ("everybody makes only own records" if rule.act == "create" else ""),
    RuleKind.NOT_OWN: lambda _, rule: "there is no record yet" if rule.act in ("create", *READS) else "",
    RuleKind.REQUIRED: lambda r, rule: _fields(r, rule, count=1) or _not_reading(r, rule),
    RuleKind.RANGE: _range,
    RuleKind.CHOICES: _choices,
    RuleKind.FORMAT: lambda r, rule: _fields(r, rule, count=1, types=(FieldType.EMAIL, FieldType.URL)),
    RuleKind.UNIQUE: partial(_fields, also=("created_by",)), RuleKind.OPTIONAL: partial(_fields, count=1),
    RuleKind.DEFAULT: _default,
    RuleKind.COMPARE: _compare,
    RuleKind.FIXED: _fields,
    RuleKind.LOCKED: _states,
    RuleKind.TRANSITION: _transition,
    RuleKind.BLOCKED: lambda r, rule: _states(r, rule) or ("there is no record yet" if rule.act in ("create", *READS) else ""),
    RuleKind.NOTIFY: lambda r, rule: _actors(r, rule) or _not_reading(r, rule),
    RuleKind.CALL: _not_reading,
    RuleKind.FILTER: lambda r, rule: _fields(r, rule, also=("state",)),
    RuleKind.SORT: _sort,
    RuleKind.SEARCH: lambda r, rule: _fields(r, rule, types=(FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.URL)),
    RuleKind.PAGE: lambda _, rule: "" if 0 < (rule.maximum or 0) <= _LARGEST_PAGE else f"a page holds 1 to {_LARGEST_PAGE} records",
    RuleKind.COUNT: _maximum,
    RuleKind.RATE: lambda r, rule: _maximum(r, rule) or ("" if rule.act and (rule.seconds or 0) > 0 and rule.act not in READS else "it does not say what how often"),
    RuleKind.RETENTION: lambda _, rule: "" if (rule.seconds or 0) > 0 else "it does not say after how long",
    RuleKind.EXPIRY: _expiry,
    RuleKind.HIDDEN: lambda r, rule: _fields(r, rule) if rule.channel != "masked" else _fields(r, rule, types=TEXTS),
    RuleKind.OVERLAP: _overlap,
}  # fmt: skip
