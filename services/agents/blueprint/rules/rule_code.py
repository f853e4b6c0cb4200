"""Per kind of rule: which of its fields are read, how its function is called, and where the service asks it.

The code itself, its test and its scenarios are the macros `code`, `test` and `scenarios` of `templates/rules/<kind>.j2`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.agents.blueprint.rendering import camel, class_of
from services.agents.blueprint.rules.domain import NUMBERS, READS, TIMES, Domain, acts_of, field_of, restricts, ways
from services.agents.blueprint.rules.examples import OPERATORS
from services.agents.blueprint.rules.phrases import told
from services.features import words
from services.features.speech import be, called, moment, spaced
from services.features.understanding import DataField, Resource, Rule, RuleKind

# How a rule is asked: `values` and `conflict` look at what would be stored, `guard` and `maker` at the record and the
# caller, `limit` counts, `reach` narrows whom a caller sees; the others are no questions.
_SHIFTS = {"<": "before", "<=": "not_after", ">": "after", ">=": "not_before", "==": "equal_to", "!=": "other_than"}
_THAN = {"<": "below", "<=": "at_most", ">": "above", ">=": "at_least", "==": "is", "!=": "is_not"}
SPANS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True)
class Kind:
    """`reads`: the fields of a rule that its code and test understand; others filled mean more than is proven."""

    reads: frozenset[str]
    asked: str
    name: Callable[[Rule], str] = lambda _: ""


@dataclass(frozen=True)
class Code:
    """One rule in the generated service. `places`: (what sabotage breaks, module it is in)."""

    rule: Rule
    asked: str
    function: str
    acts: tuple[str, ...]
    message: str
    places: tuple[tuple[str, str], ...] = field(default=())

    @property
    def template(self) -> str:
        return f"rules/{self.rule.kind.value}.j2"

    @property
    def named(self) -> str:
        """The field of a problem document that says what is wrong."""
        return self.rule.fields[0] if self.rule.fields else "state"


def _kind(asked: str, reads: str, name: Callable[[Rule], str] = lambda _: "") -> Kind:
    return Kind(frozenset({"kind", "resource", "span", *reads.split()}), asked, name)


KINDS: Mapping[RuleKind, Kind] = {
    RuleKind.ALLOWED: _kind("route", "act actors"),
    RuleKind.ONLY: _kind("table", "act actors"),
    RuleKind.OWN: _kind("reach", "act actors", lambda r: f"{'_or_'.join(r.actors)}_reaches_own_{r.resource}_only{_of(r.act)}"),
    RuleKind.NOT_OWN: _kind("maker", "act", lambda r: f"nobody_does_{r.act or 'anything'}_to_own_{r.resource}"),
    RuleKind.REQUIRED: _kind("values", "act fields condition", lambda r: f"{r.fields[0]}_is_given{_when(r)}{_of(r.act)}"),
    RuleKind.OPTIONAL: _kind("annotation", "fields"),
    RuleKind.RANGE: _kind("annotation", "fields minimum maximum"),
    RuleKind.CHOICES: _kind("annotation", "fields values"),
    RuleKind.FORMAT: _kind("annotation", "fields"),
    RuleKind.UNIQUE: _kind("conflict", "fields", lambda r: f"{'_and_'.join(r.fields)}_is_not_taken"),
    RuleKind.DEFAULT: _kind("annotation", "fields values states"),
    RuleKind.COMPARE: _kind("values", "fields operator seconds", lambda r: f"{r.fields[0]}_is_{_SHIFTS.get(r.operator, 'compared_to')}_{_other(r)}"),
    RuleKind.FIXED: _kind("fixed", "fields", lambda r: f"{'_and_'.join(r.fields)}_stays_as_created"),
    RuleKind.LOCKED: _kind("guard", "states", lambda r: f"{r.resource}_is_not_changed_when_{'_or_'.join(r.states)}"),
    RuleKind.TRANSITION: _kind("table", "act states"),
    RuleKind.BLOCKED: _kind("guard", "act states", lambda r: f"{r.act or 'nothing'}_is_refused_when_{'_or_'.join(r.states)}"),
    RuleKind.NOTIFY: _kind("tell", "act actors channel", lambda r: f"{'_and_'.join(r.actors)}_is_told_after_{r.act or 'every_change'}_by_{r.channel or 'email'}"),
    RuleKind.CALL: _kind("call", "act channel values seconds", lambda r: f"{r.channel}_{r.values[0]}_after_{r.act}".replace(" ", "_")),
    RuleKind.FILTER: _kind("query", "fields actors", lambda r: f"narrowed_by_{r.fields[0]}"),
    RuleKind.SORT: _kind("query", "fields operator actors", lambda _: "usual_order"),
    RuleKind.SEARCH: _kind("query", "fields actors", lambda _: "narrowed_by_words"),
    RuleKind.PAGE: _kind("query", "maximum actors", lambda _: "page_size"),
    RuleKind.EXPORT: _kind("export", "actors", lambda r: f"{r.resource}_rows"),
    RuleKind.COUNT: _kind("limit", "maximum states", lambda r: f"person_has_at_most_{r.maximum}_{'_or_'.join((*r.states, r.resource))}"),
    RuleKind.RATE: _kind("limit", "act maximum seconds", lambda r: f"{r.act}_at_most_{r.maximum}_times_in_{span_name(r.seconds or 1)}"),
    RuleKind.HISTORY: _kind("history", "actors", lambda r: f"{r.resource}_change_is_kept"),
    RuleKind.RETENTION: _kind("sweep", "states seconds", lambda r: f"remove{_of('_or_'.join(r.states))}_{r.resource}_after_{span_name(r.seconds or 1)}"),
    RuleKind.EXPIRY: _kind("sweep", "states seconds", lambda r: f"move_{'_to_'.join(r.states)}_after_{span_name(r.seconds or 1)}"),
    RuleKind.HIDDEN: _kind("shown", "fields channel", lambda r: f"{'_and_'.join(r.fields)}_is_{'masked' if r.channel == 'masked' else 'left_out'}"),
    RuleKind.OVERLAP: _kind("conflict", "fields", lambda r: f"{r.fields[0]}_is_free_from_{r.fields[1]}_to_{r.fields[2]}"),
}  # fmt: skip


def codes_of(domain: Domain, resource: str) -> tuple[Code, ...]:
    """The rules of a resource in code, each function with a name of its own."""
    taken: dict[str, int] = {}
    made = []
    for rule in domain.of(resource):
        code = _code(domain, rule)
        if code.function:
            taken[code.function] = taken.get(code.function, 0) + 1
            number = taken[code.function]
            is_shared = rule.kind in (RuleKind.SEARCH, RuleKind.FILTER)
            if number > 1 and not is_shared:
                name = f"{code.function}_{number}"
                places = tuple((name if p == code.function else p, m) for p, m in code.places)
                code = Code(rule, code.asked, name, code.acts, code.message, places)
        made.append(code)
    return tuple(made)


def filter_function(parameter: str) -> str:
    return f"narrowed_by_{parameter}"


def is_spanned(field: DataField) -> bool:
    """Filtered by from and to, instead of by one value."""
    return field.type in (*NUMBERS, *TIMES)


def filter_functions(resource: Resource, name: str) -> tuple[str, ...]:
    found = field_of(resource, name)
    parameters = (f"{name}_from", f"{name}_to") if found and is_spanned(found) else (name,)
    return tuple(filter_function(parameter) for parameter in parameters)


def span_name(seconds: int) -> str:
    size, unit = next((n, u) for n, u in SPANS if seconds % n == 0)
    return f"{seconds // size}_{unit}{'s' if seconds != size else ''}"


def route_name(resource: str, plural: str, act: str) -> str:
    """The function of a route."""
    return f"{act}_{plural if act in ('list', 'export') else resource}"


def operation_id(resource: str, plural: str, act: str) -> str:
    head, *tail = act.split("_")
    return f"OP-{head}{camel('_'.join(tail))}{camel(plural if act in ('list', 'export') else resource)}"


def _code(domain: Domain, rule: Rule) -> Code:
    kind, resource = KINDS[rule.kind], domain.resource(rule.resource)
    asked, function = kind.asked, _shortened(kind.name(rule))
    acts = _acts(domain, rule)
    if rule.kind is RuleKind.REQUIRED and rule.condition is None and rule.act in ("", "create"):
        asked, function = "annotation", ""
    elif rule.kind is RuleKind.DEFAULT and not rule.fields:
        asked, function = "first", "first_state"
    elif rule.kind is RuleKind.SORT and rule != next(iter(domain.of(rule.resource, RuleKind.SORT))):
        asked, function = "table", ""
    elif rule.kind is RuleKind.BLOCKED and not set(acts) - {v for v, _, _ in resource.transitions}:
        starts = {s for a in acts for s in domain.sources(rule.resource, a)}
        if not starts & set(rule.states):
            asked, function = "table", ""
    places = ((function, "rules"),) if function else _places(domain, rule)
    if rule.kind is RuleKind.FILTER:
        function, places = "", tuple((name, "rules") for f in rule.fields for name in filter_functions(resource, f))
    return Code(rule, asked, function, acts, _message(rule, resource), places)


def _places(domain: Domain, rule: Rule) -> tuple[tuple[str, str], ...]:
    resource = domain.resource(rule.resource)
    acts = acts_of(rule, resource, domain.deletes(rule.resource))
    if rule.kind is RuleKind.ALLOWED:
        return tuple((route_name(resource.name, resource.plural, act), "routes") for act in acts)
    if rule.kind is RuleKind.ONLY:
        return tuple((f"ROLES[{operation_id(resource.name, resource.plural, act)}]", "access") for act in acts)
    if rule.kind in (RuleKind.TRANSITION, RuleKind.BLOCKED):
        return tuple((f"TRANSITIONS[{act}]", "rules") for act in acts)
    if rule.kind is RuleKind.SORT:
        return ((f"SORTS[{rule.fields[0]}]", "rules"),)
    return ((f"{class_of(rule.resource)}Create.{rule.fields[0]}", "models"),)


def _acts(domain: Domain, rule: Rule) -> tuple[str, ...]:
    """The acts at which the service asks this rule."""
    resource, kind = domain.resource(rule.resource), rule.kind
    verbs = tuple(dict.fromkeys(v for v, _, _ in resource.transitions))
    own = acts_of(rule, resource, domain.deletes(rule.resource))
    if kind in (RuleKind.UNIQUE, RuleKind.OVERLAP, RuleKind.COMPARE):
        return ("create", "update")
    if kind is RuleKind.LOCKED:
        return ("update", *(["delete"] if domain.deletes(rule.resource) else []))
    if kind is RuleKind.FIXED:
        return ("update",)
    if kind is RuleKind.REQUIRED:
        return required_at(domain, rule)
    if kind is RuleKind.COUNT:
        first = resource.states[:1]
        at = ["create"] if not rule.states or set(first) & set(rule.states) else []
        enters = [v for v in verbs if domain.target(rule.resource, v) in rule.states]
        return (*at, *(v for v in enters if not set(domain.sources(rule.resource, v)) <= set(rule.states)))
    if kind is RuleKind.OWN:
        possible = [a for a in domain.acts(rule.resource) if a != "create"]
        return tuple(a for a in possible if restricts(rule, a))
    if kind in (RuleKind.NOT_OWN, RuleKind.BLOCKED):
        return tuple(a for a in own if a not in ("create", *READS))
    return own


def required_at(domain: Domain, rule: Rule) -> tuple[str, ...]:
    """Where a required value is asked for: its act, or where its condition can come true."""
    resource = domain.resource(rule.resource)
    if rule.act or rule.condition is None:
        return (rule.act or "create",)
    if rule.condition.field != "state":
        return ("create", "update")
    fits = OPERATORS[rule.condition.operator]
    into = [v for v, _, t in resource.transitions if fits(t, rule.condition.value)]
    at_start = ["create"] if fits(resource.states[0], rule.condition.value) else []
    return tuple(dict.fromkeys([*at_start, "update", *into]))


def sent_with(domain: Domain, resource: str, verb: str) -> tuple[str, ...]:
    """Fields that a transition takes along, because a rule asks for them there."""
    rules = domain.of(resource, RuleKind.REQUIRED)
    found = [r.fields[0] for r in rules if verb in required_at(domain, r)]
    return tuple(dict.fromkeys(f for f in found if field_of(domain.resource(resource), f)))


def reachable(domain: Domain, resource: str) -> dict[str, tuple[str, ...]]:
    """State -> verbs from a new record, where no step of the way is refused."""
    found = domain.resource(resource)
    free = tuple(t for t in found.transitions if t[1] not in domain.blocked(resource, t[0]))
    return ways(found.model_copy(update={"transitions": free}))


def _message(rule: Rule, resource: Resource) -> str:
    what, states = rule.resource.replace("_", " "), " or ".join(s.replace("_", " ") for s in rule.states)
    names = [called(name) for name in rule.fields]
    act = rule.act.replace("_", " ")
    made: dict[RuleKind, Callable[[], str]] = {
        RuleKind.NOT_OWN: lambda: f"Whoever made the {what} may not {act or 'do this to'} it.",
        RuleKind.REQUIRED: lambda: f"Give the {names[0]}{_condition(rule, resource)}{f' to {act} it' if act else ''}.",
        RuleKind.UNIQUE: lambda: f"Another {what} has the same {' and '.join(names)}.",
        RuleKind.COMPARE: lambda: f"The {names[0]} must {be(f'{spaced(_SHIFTS[rule.operator])} {names[1]}' if rule.fields[1:] else moment(rule.operator, rule.seconds or 0))}.",
        RuleKind.FIXED: lambda: f"The {' and '.join(names)} cannot be changed after creation.",
        RuleKind.LOCKED: lambda: f"{words.article(what).capitalize()} that is {states} is not changed any more.",
        RuleKind.BLOCKED: lambda: f"{words.article(what).capitalize()} that is {states} does not allow to {act or 'write'}.",
        RuleKind.COUNT: lambda: f"A person has at most {rule.maximum} of them{f' that are {states}' if states else ''}.",
        RuleKind.RATE: lambda: f"At most {rule.maximum} times in {span_name(rule.seconds or 1).replace('_', ' ')}.",
        RuleKind.OVERLAP: lambda: f"The {names[0]} is taken between this {names[1]} and {names[2]}.",
        RuleKind.NOTIFY: lambda: f"{what.capitalize()}: {act or 'change'}",
    }  # fmt: skip
    return made.get(rule.kind, str)()


def _condition(rule: Rule, resource: Resource) -> str:
    return f" when the {told(rule.condition, {f.name: f for f in resource.fields})}" if rule.condition else ""


def _of(word: str) -> str:
    return f"_{word}" if word else ""


def _when(rule: Rule) -> str:
    if rule.condition is None:
        return ""
    found = rule.condition
    return f"_when_{found.field}_{_THAN.get(found.operator, 'is')}_{found.value}"


def _other(rule: Rule) -> str:
    if len(rule.fields) > 1:
        return rule.fields[1]
    if not rule.seconds:
        return "now"
    return f"{span_name(abs(rule.seconds))}_{'from' if rule.seconds > 0 else 'before'}_now"


def _shortened(name: str) -> str:
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]", "_", name.lower())).strip("_")[:90].rstrip("_")
