"""Trials of rules about the list: pairs of values that a filter or an order tells apart."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from services.agents.blueprint.rules.domain import LONGEST, NUMBERS, TEXTS, Domain, field_of
from services.agents.blueprint.rules.examples import NOW, Reference, candidates
from services.agents.blueprint.rules.rule_code import Code, is_spanned
from services.agents.blueprint.rules.trial_basics import CannotProve, Trial, field_named
from services.features.understanding import FieldType, RuleKind


def _two_values(domain: Domain, resource: str, name: str) -> tuple[Any, Any]:
    field = field_of(domain.resource(resource), name)
    states = domain.resource(resource).states
    options: list[Any] = list(states) if field is None else candidates(field, domain.of(resource), 1)
    options = [*options, Reference(field.refers_to, 1)] if field and field.type is FieldType.REFERENCE else options
    if field and field.type in TEXTS and not field.choices:
        options = [value for number in (1, 2) for value in candidates(field, domain.of(resource), number)]
    options = list(dict.fromkeys(options))
    if len(options) < 2:
        raise CannotProve(f"{name} has one value only")
    if field and field.type in (*NUMBERS, FieldType.DATE, FieldType.DATETIME):
        return tuple(sorted(options)[:2])
    return options[0], options[1]


def _filter(domain: Domain, code: Code) -> Trial:
    hidden = domain.hidden(code.rule.resource)
    for name in code.rule.fields:
        if name in hidden:
            raise CannotProve(f"{name} is never sent back, so nothing may be found by it")
    found = [
        (n, *_two_values(domain, code.rule.resource, n), _is_span(domain, code.rule.resource, n))
        for n in code.rule.fields
    ]
    return {"pairs": found}


def _is_span(domain: Domain, resource: str, name: str) -> bool:
    field = field_of(domain.resource(resource), name)
    return field is not None and is_spanned(field)


def _sort(domain: Domain, code: Code) -> Trial:
    name = code.rule.fields[0]
    if name in domain.hidden(code.rule.resource):
        raise CannotProve(f"{name} is never sent back, so its order would tell it")
    if name in ("created_at", "changed_at"):
        low, high = NOW, NOW + dt.timedelta(hours=1)
    elif name == "created_by":
        low, high = "ann", "bea"  # type: ignore[assignment]
    else:
        low, high = sorted(
            _two_values(domain, code.rule.resource, name), key=lambda v: v.number if isinstance(v, Reference) else v
        )
    return {
        "name": name,
        "low": low,
        "high": high,
        "once": any(r.fields == (name,) for r in domain.of(code.rule.resource, RuleKind.UNIQUE)),
        "usual": code.asked != "table",
        "falling": code.rule.operator == ">",
    }


def _search(domain: Domain, code: Code) -> Trial:
    for name in code.rule.fields:
        if name in domain.hidden(code.rule.resource):
            raise CannotProve(f"{name} is never sent back, so nothing may be found by it")
    return {"pairs": [(n, LONGEST[field_named(domain, code.rule, i).type]) for i, n in enumerate(code.rule.fields)]}


def _page(domain: Domain, code: Code) -> Trial:
    if code.rule != domain.of(code.rule.resource, RuleKind.PAGE)[0]:
        raise CannotProve("another rule gives the page another size")
    return {"size": code.rule.maximum}


LIST_TRIALS: Mapping[RuleKind, Callable[[Domain, Code], Trial]] = {
    RuleKind.FILTER: _filter,
    RuleKind.SORT: _sort,
    RuleKind.SEARCH: _search,
    RuleKind.PAGE: _page,
}
