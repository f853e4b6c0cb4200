"""Values that satisfy every rule of a resource at once: a small search, never a guess.

Times are told from one fixed moment, which the generated tests install as their clock.
"""

import datetime as dt
import operator
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.agents.blueprint.rules.domain import (
    LARGEST,
    LONGEST,
    NUMBERS,
    TEXTS,
    TIMES,
    Domain,
    field_of,
    typed,
)
from services.features.understanding import Condition, DataField, FieldType, Resource, Rule, RuleKind

NOW = dt.datetime(2026, 1, 15, 9, 30)  # noqa: DTZ001  (stored times are UTC without a zone)
VARIANTS = 6
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_STEPS = 20_000


@dataclass(frozen=True)
class Reference:
    """The id of the n-th record of another resource."""

    resource: str
    number: int = 0


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
Values = dict[str, Any]
Demand = tuple[tuple[str, ...], Callable[[Values], bool]]


def solve(
    domain: Domain,
    name: str,
    *,
    fixed: Mapping[str, Any] | None = None,
    others: Sequence[Values] = (),
    without: Sequence[Rule] = (),
    state: str | None = None,
    act: str = "create",
) -> Values | None:
    """Values to send, or None where there are none. `others` exist already; `without` are rules that may be broken."""
    resource = domain.resource(name)
    rules = [r for r in domain.of(name) if r not in without]
    demands = _demands(domain, resource, rules, act, are_spans=not without) + _apart(rules, others)
    start: Values = {"state": state or (resource.states[0] if resource.states else None)}
    options = {f.name: _options(f, rules, fixed or {}, len(others)) for f in resource.fields}
    used = [n for n in options if any(n in names for names, _ in demands)]
    search = _Search([(n, options[n]) for n in used], demands, {f.name: _default(f) for f in resource.fields})
    if not all(options.values()):
        return None
    found = search.run(start)
    if found is None:
        return None
    values = {n: found[n] if n in found else options[n][0] for n in options}
    return {n: v for n, v in values.items() if v is not ABSENT}


def variants(domain: Domain, name: str, count: int = VARIANTS) -> list[Values]:
    """As many examples as there are, at most `count`, that can all be kept at the same time."""
    found: list[Values] = []
    for _ in range(count):
        values = solve(domain, name, others=found)
        if values is None:
            break
        found.append(values)
    return found


def with_defaults(resource: Resource, values: Mapping[str, Any]) -> Values:
    """What is stored when `values` are sent."""
    return {f.name: values.get(f.name, _default(f)) for f in resource.fields}


def candidates(field: DataField, rules: Sequence[Rule], number: int = 0) -> list[Any]:
    """Values that the field's own type and limits allow, the plainest first."""
    if field.choices:
        return list(field.choices)
    if field.type is FieldType.BOOLEAN:
        return [False, True]
    if field.type is FieldType.REFERENCE:
        return [Reference(field.refers_to), *([Reference(field.refers_to, number)] if number else [])]
    if field.type in NUMBERS:
        return _numbers(field, rules, number)
    if field.type in TIMES:
        return _times(field, rules, number)
    return _texts(field, number, [v for v, _ in _told(field, rules)])


def limits(field: DataField) -> tuple[float, float]:
    """The smallest and largest value, or length of a text, that the service takes."""
    if field.type in TEXTS:
        return field.minimum if field.minimum is not None else 1, field.maximum or LONGEST[field.type]
    least = field.minimum if field.minimum is not None else min(0, field.maximum or 0)
    return least, field.maximum if field.maximum is not None else LARGEST


def holds(condition: Condition, field: DataField | None, values: Mapping[str, Any]) -> bool:
    """`field` is None for the state."""
    found = values.get(condition.field)
    wanted = typed(field, condition.value) if field else condition.value
    if found is None or found is ABSENT:
        return condition.operator == "!="
    return OPERATORS[condition.operator](found, wanted)


def compared(rule: Rule, values: Mapping[str, Any], types: Mapping[str, FieldType]) -> bool:
    """Whether a comparison holds; with a value missing there is nothing to compare."""
    left = values.get(rule.fields[0])
    right = values.get(rule.fields[1]) if len(rule.fields) > 1 else moment(rule, types[rule.fields[0]])
    if left in (None, ABSENT) or right in (None, ABSENT):
        return True
    return OPERATORS[rule.operator](left, right)


def moment(rule: Rule, kind: FieldType) -> dt.date:
    """The moment that a field is compared with."""
    shifted = NOW + dt.timedelta(seconds=rule.seconds or 0)
    return shifted.date() if kind is FieldType.DATE else shifted


def overlaps(rule: Rule, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    same, start, end = rule.fields
    if one.get(same) != other.get(same) or None in (one.get(start), one.get(end), other.get(start), other.get(end)):
        return False
    return bool(one[start] < other[end] and other[start] < one[end])


class _Search:
    """Depth first; a demand is asked as soon as all of its fields are known."""

    def __init__(self, options: list[tuple[str, list[Any]]], demands: list[Demand], defaults: Values) -> None:
        self.options, self.demands, self.defaults = options, demands, defaults
        self.steps = 0

    def run(self, known: Values, depth: int = 0) -> Values | None:
        if depth == len(self.options):
            return known
        name, options = self.options[depth]
        later = {n for n, _ in self.options[depth + 1 :]}
        due = [d for names, d in self.demands if name in names and not later.intersection(names)]
        for value in options:
            self.steps += 1
            if self.steps > _STEPS:
                return None
            stored = {**known, name: value}
            seen = {n: self.defaults.get(n) if v is ABSENT else v for n, v in stored.items()}
            if all(demand(seen) for demand in due):
                found = self.run(stored, depth + 1)
                if found is not None:
                    return found
        return None


def _demands(domain: Domain, resource: Resource, rules: Sequence[Rule], act: str, *, are_spans: bool) -> list[Demand]:
    types = {f.name: f.type for f in resource.fields}
    made: list[Demand] = []
    for rule in rules:
        if rule.kind is RuleKind.COMPARE:
            made.append((rule.fields, partial(_is_compared, rule, types)))
        elif rule.kind is RuleKind.OVERLAP and are_spans:
            made.append((rule.fields, partial(_is_span, rule)))
        elif rule.kind is RuleKind.REQUIRED and rule.condition and rule.act in ("", act):
            field = field_of(resource, rule.condition.field)
            names = (rule.fields[0], rule.condition.field) if field else (rule.fields[0],)
            made.append((names, partial(_is_given, rule, field)))
        elif rule.kind is RuleKind.REQUIRED and rule.act == act and act != "create":
            made.append(((rule.fields[0],), partial(_is_given, rule, None)))
    return made


def _is_compared(rule: Rule, types: Mapping[str, FieldType], values: Values) -> bool:
    return compared(rule, values, types)


def _is_given(rule: Rule, field: DataField | None, values: Values) -> bool:
    is_needed = rule.condition is None or holds(rule.condition, field, values)
    return not is_needed or values[rule.fields[0]] is not None


def _is_span(rule: Rule, values: Values) -> bool:
    start, end = values[rule.fields[1]], values[rule.fields[2]]
    return start is None or end is None or bool(start < end)


def _apart(rules: Sequence[Rule], others: Sequence[Values]) -> list[Demand]:
    asked = {RuleKind.UNIQUE: _differs, RuleKind.OVERLAP: _is_beside}
    return [
        (tuple(f for f in rule.fields if f != "created_by"), partial(asked[rule.kind], rule, other))
        for rule in rules
        if rule.kind in asked
        for other in others
    ]


def _differs(rule: Rule, other: Values, values: Values) -> bool:
    # All examples may be of one person, so what is unique per person differs in its other fields.
    return any(values[f] is None or values[f] != other.get(f) for f in rule.fields if f != "created_by")


def _is_beside(rule: Rule, other: Values, values: Values) -> bool:
    return not overlaps(rule, values, other)


def _options(field: DataField, rules: Sequence[Rule], fixed: Mapping[str, Any], number: int) -> list[Any]:
    if field.name in fixed:
        return [fixed[field.name]]
    found = candidates(field, rules, number)
    # What must be apart is given in every example; a missing value would be apart from nothing.
    is_needed = any(field.name in r.fields for r in rules if r.kind in (RuleKind.UNIQUE, RuleKind.OVERLAP))
    return found if field.required or is_needed else [ABSENT, *found]


def _default(field: DataField) -> Any:
    return typed(field, field.default) if field.default is not None else None


def _told(field: DataField, rules: Sequence[Rule]) -> list[tuple[Any, str]]:
    """Values that conditions name for the field."""
    named = [r.condition for r in rules if r.condition and r.condition.field == field.name]
    return [(typed(field, c.value), c.operator) for c in named]


def _numbers(field: DataField, rules: Sequence[Rule], number: int) -> list[Any]:
    low, high = limits(field)
    told = [v + step for v, _ in _told(field, rules) for step in (0, -1, 1)]
    plain = [1250] if field.type is FieldType.MONEY else [3]
    found = [*(v + number for v in plain), low + number, high - number, *plain, low + 1, low, high, high - 1, *told]
    found += [v + n for v in (low, *plain) for n in range(1, 8)]
    kind = float if field.type is FieldType.NUMBER else int
    return list(dict.fromkeys(kind(v) for v in found if low <= v <= high))


def _times(field: DataField, rules: Sequence[Rule], number: int) -> list[Any]:
    shifts = [r.seconds or 0 for r in rules if r.kind is RuleKind.COMPARE and r.fields == (field.name,)]
    bases = [dt.timedelta(days=1), *(dt.timedelta(seconds=s) for s in shifts), dt.timedelta(0)]
    if field.type is FieldType.DATE:
        days = [b.days + n for b in bases for n in (number, number + 1, -number, -number - 1, 1, -1, 2, -2, 0)]
        found: list[Any] = [NOW.date() + dt.timedelta(days=n) for n in days]
        return list(
            dict.fromkeys([*found, *(v + dt.timedelta(days=n) for v, _ in _told(field, rules) for n in (0, -1, 1))])
        )
    hours = [h for n in (number, -number) for h in (n * 3, n * 3 + 2, n * 3 - 2, n * 3 + 1, n * 3 - 1)]
    found = [NOW + b + dt.timedelta(hours=h) for b in bases for h in hours]
    found += [NOW + b + dt.timedelta(seconds=s) for b in bases for s in (0, 1, -1)]
    told = [v + dt.timedelta(seconds=n) for v, _ in _told(field, rules) for n in (0, -1, 1)]
    return list(dict.fromkeys([*found, *told]))


def _texts(field: DataField, number: int, told: list[Any]) -> list[Any]:
    low, high = (int(n) for n in limits(field))
    if field.type is FieldType.EMAIL:
        found = [f"{string.ascii_lowercase[number % 26]}@example.org"]
    elif field.type is FieldType.URL:
        found = [f"https://example.org/{string.ascii_lowercase[number % 26]}"]
    else:
        word = (field.name.replace("_", " ") + (f" {number}" if number else ""))[:high]
        if number and not word.endswith(str(number)):
            word = str(number)[:high]
        found = [word]
    return [str(v).ljust(low, "x") for v in [*found, *told] if len(str(v)) <= high]
