"""What every trial asks of a domain: states, roles, changes that are possible, examples."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.agents.blueprint.rules.domain import READS, Domain, field_of
from services.agents.blueprint.rules.examples import ABSENT, Values, candidates, solve, with_defaults
from services.agents.blueprint.rules.rule_code import reachable
from services.features.understanding import DataField, FieldType, Rule, RuleKind

Trial = dict[str, Any]


class CannotProve(Exception):
    """Says why no test can prove a rule, in words for people."""


def ready_state(domain: Domain, resource: str, act: str) -> str | None:
    """A state in which an act is possible, "" where there are no states, None where there is none."""
    found = domain.resource(resource)
    if not found.states:
        return ""
    verbs = {verb for verb, _, _ in found.transitions}
    starts = domain.sources(resource, act) if act in verbs else found.states
    free = [s for s in starts if s not in domain.blocked(resource, act)]
    ways = reachable(domain, resource)
    return next((s for s in [*(s for s in free if s in ways), *free]), None)


def change_of(domain: Domain, resource: str, others: Sequence[Values] = ()) -> Values:
    """A change of the first example that every rule allows, also beside others; empty where there is none."""
    first = solve(domain, resource) or {}
    stored = with_defaults(domain.resource(resource), first)
    fixed = {f for r in domain.of(resource, RuleKind.FIXED) for f in r.fields}
    apart = {f for r in domain.of(resource, RuleKind.UNIQUE, RuleKind.OVERLAP) for f in r.fields}
    shown = [f for f in domain.resource(resource).fields if f.name not in domain.hidden(resource)]
    for field in sorted(shown, key=lambda f: (f.name in apart, f.type is FieldType.REFERENCE)):
        if field.name in fixed or field.type is FieldType.REFERENCE:
            continue
        numbers = range(1, len(others) + 2)
        for value in [v for number in numbers for v in candidates(field, domain.of(resource), number)]:
            if value != stored[field.name] and fits(domain, resource, {**first, field.name: value}, others):
                return {field.name: value}
    return {}


def role_for(domain: Domain, resource: str, act: str) -> str:
    """A role that may do it, one that is not restricted to its own records where there is one."""
    roles, restricted = domain.roles(resource, act), domain.restricted(resource, act)
    return next((r for r in roles if r not in restricted), roles[0])


def by_others(domain: Domain, resource: str, act: str) -> bool:
    return any(r.act in ("", act) and act not in ("create", *READS) for r in domain.of(resource, RuleKind.NOT_OWN))


def fits(domain: Domain, resource: str, values: Mapping[str, Any], others: Sequence[Values] = ()) -> bool:
    return solve(domain, resource, fixed=whole(domain, resource, values), others=others) is not None


def whole(domain: Domain, resource: str, values: Mapping[str, Any]) -> Values:
    """Every field fixed: to its value, or to none."""
    return {f.name: values.get(f.name, ABSENT) for f in domain.resource(resource).fields}


def needed(value: Values | None, why: str) -> Values:
    if value is None:
        raise CannotProve(why)
    return value


def field_named(domain: Domain, rule: Rule, position: int = 0) -> DataField:
    found = field_of(domain.resource(rule.resource), rule.fields[position])
    if found is None:
        raise CannotProve(f"{rule.resource} has no field {rule.fields[position]}")
    return found


def must_be_ready(domain: Domain, resource: str, act: str) -> str:
    state = ready_state(domain, resource, act)
    if state is None:
        raise CannotProve(f"no state of {resource} allows to {act} it")
    return state
