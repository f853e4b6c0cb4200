"""What a browser does with the page, with values that the rules allow; the harness of the picture check plays it.

Times are told in seconds from one moment, which is the present when it is played.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.agents.blueprint.implementation.page_plans import PagePlan
from services.agents.blueprint.rules.domain import NUMBERS, Domain
from services.agents.blueprint.rules.examples import NOW, Reference, Values, solve
from services.agents.blueprint.rules.planned_records import encoded, encoded_value, making_order
from services.agents.blueprint.rules.rule_code import reachable, sent_with
from services.agents.blueprint.rules.rule_trials import by_others, change_of, role_for
from services.features.understanding import DataField, FieldType, Resource, RuleKind

_ROWS = 3


def journey_of(page: PagePlan) -> dict[str, Any]:
    """`records` are made over HTTP, in this order; the rest happens in the browser."""
    domain, main = page.domain, page.plan.resources[0]
    records: list[dict[str, Any]] = []
    for name in making_order(domain):
        # One more of what others refer to, so that the record that the browser makes has one of its own.
        count = _ROWS if name == main.name else _ROWS + 1
        records += [r for r in _records(domain, name, count) if _leads_somewhere(r["values"], records)]
    typed = _values(domain, main, others=[r["values"] for r in _records(domain, main.name, _ROWS)])
    role = role_for(domain, main.name, "create")
    return {
        "entity": main.name,
        "records": [{**r, "values": encoded(r["values"])} for r in records],
        "create": {"role": role, "user": "ana", "values": _typed(main, typed)} if typed is not None else None,
        "filter": _filter(page, main, typed or {}),
        "change": _change(domain, main, [r["values"] for r in records if r["entity"] == main.name][1:]),
        "moves": _moves(domain, main, typed or {}),
    }


def _records(domain: Domain, name: str, count: int) -> list[dict[str, Any]]:
    made: list[Values] = []
    limit = min([r.maximum or count for r in domain.of(name, RuleKind.COUNT, RuleKind.RATE)] or [count + 1])
    for _ in range(min(count, limit - 1)):
        values = solve(domain, name, others=made)
        if values is None:
            break
        made.append(values)
    role = role_for(domain, name, "create")
    return [{"entity": name, "role": role, "user": "ana", "values": values} for values in made]


def _leads_somewhere(values: Values, records: list[dict[str, Any]]) -> bool:
    """Whether everything that it refers to is made before it; a limit may allow fewer of those than it wants."""
    there = Counter(record["entity"] for record in records)
    return all(value.number < there[value.resource] for value in values.values() if isinstance(value, Reference))


def _values(domain: Domain, resource: Resource, others: list[Values]) -> Values | None:
    return solve(domain, resource.name, others=others) or solve(domain, resource.name)


def _filter(page: PagePlan, resource: Resource, values: Mapping[str, Any]) -> dict[str, str] | None:
    """A filter by a choice that finds the new record."""
    asked = [p["name"] for p in page.asked(resource.name)]
    for field in resource.fields:
        if field.choices and field.name in asked and field.name in values:
            return {"name": field.name, "value": str(values[field.name])}
    return {"name": "state", "value": resource.states[0]} if resource.states and "state" in asked else None


def _change(domain: Domain, resource: Resource, others: list[Values]) -> dict[str, Any] | None:
    """Only where a new record may be changed by somebody. `others` are there already."""
    if resource.states and resource.states[0] in domain.blocked(resource.name, "update"):
        return None
    values = change_of(domain, resource.name, others)
    return (
        {
            "role": role_for(domain, resource.name, "update"),
            "user": _person(domain, resource, "update"),
            "values": _typed(resource, values),
        }
        if values
        else None
    )


def _moves(domain: Domain, resource: Resource, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The longest way that leads on from a new record without being refused."""
    ways = reachable(domain, resource.name)
    longest = max(ways.values(), key=len, default=())
    made = []
    for verb in longest:
        taken = sent_with(domain, resource.name, verb)
        target = domain.target(resource.name, verb)
        example = {**(solve(domain, resource.name, state=target, act=verb) or {}), **values}
        given = {n: example.get(n, _any(f)) for f in resource.fields if (n := f.name) in taken}
        role, user = role_for(domain, resource.name, verb), _person(domain, resource, verb)
        made.append({"verb": verb, "role": role, "user": user, "values": _typed(resource, given)})
    return made


def _person(domain: Domain, resource: Resource, act: str) -> str:
    return "cleo" if by_others(domain, resource.name, act) else "ana"


def _any(field: DataField) -> Any:
    if field.choices:
        return field.choices[0]
    return {FieldType.BOOLEAN: True, FieldType.DATE: NOW.date(), FieldType.DATETIME: NOW}.get(
        field.type, field.minimum or 1 if field.type in NUMBERS else "As agreed"
    )


def _typed(resource: Resource, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As somebody writes them into the form."""
    fields = {f.name: f for f in resource.fields}
    return [{"field": name, "value": _written(fields[name], value)} for name, value in values.items()]


def _written(field: DataField, value: Any) -> Any:
    if field.type is FieldType.MONEY and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}" if value >= 0 else f"-{-value // 100}.{-value % 100:02d}"
    return str(value) if field.type in NUMBERS else encoded_value(value)
