"""What the load script sends: values that keep every rule, made anew for each request where two may not be alike."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from services.agents.blueprint.rules.domain import NUMBERS, TEXTS, TIMES, Domain, field_of
from services.agents.blueprint.rules.examples import Reference, Values, limits, solve
from services.agents.blueprint.rules.planned_records import encoded_value, making_order
from services.agents.blueprint.rules.trial_basics import fits, role_for
from services.deliverables.discovery import Architecture, Operation
from services.features.understanding import DataField, FieldType, Rule, RuleKind

MIX = {"create": 10, "list": 60, "get": 30}
# Eight signs tell the requests of all runs apart; fewer repeat too soon.
_LEAST_ROOM = 8
_MOST_NUMBERS = 10**9
_TRIED = (1, 1000)


def load_plan(domain: Domain, design: Architecture) -> dict[str, Any]:
    """`makes`: resource -> how one is made; `order`: what others refer to first; `mix`: the requests."""
    main = domain.resources[0].name
    makers: dict[str, dict[str, Any]] = {}
    for name in making_order(domain):
        maker = _maker(domain, design, name, makers)
        if maker:
            makers[name] = maker
    if main not in makers:
        return {"makes": {}, "order": [], "mix": [_step(domain, design, main, "list", makers)]}
    verbs = [verb for verb in MIX if verb != "create" or makers[main]["repeats"]]
    wanted = _needed(makers, main)
    return {
        "makes": {name: maker for name, maker in makers.items() if name in wanted},
        "order": [name for name in makers if name in wanted],
        "mix": [step for verb in verbs if (step := _step(domain, design, main, verb, makers))],
    }


def _needed(makers: Mapping[str, Mapping[str, Any]], name: str) -> set[str]:
    """The resource and what its body refers to, near and far."""
    told = [v["refers_to"] for v in makers[name]["body"].values() if isinstance(v, dict) and "refers_to" in v]
    return {name}.union(*(_needed(makers, other) for other in told))


def _maker(
    domain: Domain, design: Architecture, name: str, makers: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """None where no values keep every rule, or what they refer to cannot be made."""
    values = solve(domain, name)
    if values is None or any(isinstance(v, Reference) and v.resource not in makers for v in values.values()):
        return None
    values = _steady(domain, name, values)
    apart = _told_apart(domain, name, values, makers)
    body = {n: _sent(v) for n, v in values.items()} | (apart or {})
    operation = _operation(design, name, "create")
    return {
        "path": operation.path,
        "role": role_for(domain, name, "create"),
        "body": body,
        "repeats": apart is not None,
        "own_person": _is_per_person(domain, name, "create"),
    }


def _operation(design: Architecture, name: str, verb: str) -> Operation:
    return next(op for op in design.operations if (op.resource, op.verb) == (name, verb))


def _step(
    domain: Domain, design: Architecture, name: str, verb: str, makers: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    operation, role = _operation(design, name, verb), role_for(domain, name, verb)
    is_own = verb == "get" and role in domain.restricted(name, verb)
    if is_own and makers[name]["role"] not in domain.roles(name, verb):
        return None
    step: dict[str, Any] = {"operation": operation.id, "method": operation.method, "path": operation.path, "role": role}
    step |= {"share": MIX[verb], "own_person": _is_per_person(domain, name, verb)}
    return step | ({"makes": name} if verb == "create" else {"as_maker": True} if is_own else {})


def _is_per_person(domain: Domain, name: str, verb: str) -> bool:
    """Whether a rule counts what one person does, so that each request needs a person of its own."""
    counted = [r for r in domain.of(name, RuleKind.RATE) if r.act in ("", verb)]
    if verb == "create":
        counted += domain.of(name, RuleKind.COUNT)
        counted += [r for r in domain.of(name, RuleKind.UNIQUE) if "created_by" in r.fields]
    return bool(counted)


def _sent(value: Any) -> Any:
    return {"refers_to": value.resource} if isinstance(value, Reference) else encoded_value(value)


def _steady(domain: Domain, name: str, values: Values) -> Values:
    """Values that still fit a minute later, where moving all their times by an hour gets there."""
    for hours in (0, 1, -1):
        moved = _moved(values, dt.timedelta(hours=hours))
        if fits(domain, name, moved) and fits(domain, name, _moved(moved, dt.timedelta(minutes=-1))):
            return moved
    return values


def _moved(values: Values, by: dt.timedelta) -> Values:
    return {n: v + by if isinstance(v, dt.datetime) else v for n, v in values.items()}


def _told_apart(
    domain: Domain, name: str, values: Values, makers: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Field -> what is sent instead of its value; None where one rule leaves no way."""
    found: dict[str, Any] = {}
    for rule in domain.of(name, RuleKind.UNIQUE, RuleKind.OVERLAP):
        keys = rule.fields[:1] if rule.kind is RuleKind.OVERLAP else rule.fields
        if "created_by" in keys or any(key in found for key in keys):
            continue
        way = next(_ways(domain, rule, keys, values, makers), None)
        if way is None:
            return None
        found |= way
    return found


def _ways(
    domain: Domain, rule: Rule, keys: tuple[str, ...], values: Values, makers: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    fields = [f for key in keys if (f := field_of(domain.resource(rule.resource), key)) and key in values]
    for field in fields:
        new = _new_text(field, values[field.name]) or _new_number(domain, rule.resource, field, values)
        if new:
            yield {field.name: new}
    times = list(rule.fields[1:]) if rule.kind is RuleKind.OVERLAP else [f.name for f in fields if f.type in TIMES][:1]
    if times:
        step = values[times[-1]] - values[times[0]] if len(times) > 1 else dt.timedelta(days=1)
        if all(fits(domain, rule.resource, _turned(values, times, step, turn)) for turn in _TRIED):
            yield {n: _sent(values[n]) | {"step": _length(values[n], step)} for n in times}
    for field in fields:
        value = values[field.name]
        if isinstance(value, Reference) and makers[value.resource]["repeats"]:
            yield {field.name: {"refers_to": value.resource, "is_new": True}}


def _new_text(field: DataField, value: Any) -> dict[str, Any] | None:
    least, most = (int(n) for n in limits(field))
    if field.type not in TEXTS or field.choices or most < _LEAST_ROOM:
        return None
    kind = field.type.value if field.type in (FieldType.EMAIL, FieldType.URL) else "text"
    return {"new": kind, "like": str(value), "least": least, "most": most}


def _new_number(domain: Domain, name: str, field: DataField, values: Values) -> dict[str, Any] | None:
    if field.type not in NUMBERS or field.choices:
        return None
    low = int(values[field.name])
    high = min(int(limits(field)[1]), _MOST_NUMBERS)
    # Numbers that come round again within one run tell nothing apart.
    fit = high - low >= _TRIED[-1] * 10 and all(
        fits(domain, name, {**values, field.name: n}) for n in (low + _TRIED[-1], high)
    )
    return {"new": "number", "from": low, "to": high} if fit else None


def _turned(values: Values, names: list[str], step: dt.timedelta, turn: int) -> Values:
    return {n: v + step * turn if n in names else v for n, v in values.items()}


def _length(value: Any, step: dt.timedelta) -> int:
    return int(step.total_seconds()) if isinstance(value, dt.datetime) else step.days
