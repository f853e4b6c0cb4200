"""What the page offers for each entity, from the design, its contract and its rules: nothing of it is typed twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.agents.blueprint.implementation.entity_files import usual_order
from services.agents.blueprint.rules.domain import NUMBERS, TEXTS, TIMES, Domain
from services.agents.blueprint.rules.examples import limits
from services.agents.blueprint.rules.rule_code import sent_with
from services.agents.blueprint.rules.rule_plan import Plan
from services.deliverables.discovery import Architecture, Operation
from services.features.understanding import DataField, FieldType, Resource, Rule, RuleKind, Sensitivity

COLUMNS = 5
_LEADING = ("title", "name", "subject", "label", "summary", "reference", "number", "code", "email")
# Many records share one of these, so none of them says which record it is.
_SHARED = {
    "category",
    "type",
    "kind",
    "currency",
    "status",
    "department",
    "country",
    "city",
    "role",
    "language",
    "unit",
}
_KEPT_BACK = (Sensitivity.PAYMENT, Sensitivity.HEALTH, Sensitivity.CREDENTIALS)
_PAGING = ("sort", "after", "limit", "q")
# Rules that can refuse an act although the page had every reason to offer it.
_REFUSING = (RuleKind.NOT_OWN, RuleKind.COUNT, RuleKind.RATE, RuleKind.REQUIRED, RuleKind.UNIQUE, RuleKind.OVERLAP)


@dataclass(frozen=True)
class PagePlan:
    plan: Plan
    design: Architecture
    contract: Mapping[str, Any]

    @property
    def domain(self) -> Domain:
        return self.plan.domain

    def operations(self, resource: str) -> list[Operation]:
        return [op for op in self.design.operations if op.resource == resource]

    def asked(self, resource: str, verb: str = "list") -> list[dict[str, Any]]:
        """The query parameters of an operation of the contract."""
        for op in self.operations(resource):
            if op.verb == verb:
                found: list[dict[str, Any]] = self.contract["paths"][op.path][op.method.lower()].get("parameters", [])
                return [p for p in found if p["in"] == "query"]
        return []

    def entity(self, resource: Resource) -> dict[str, Any]:
        asked = {p["name"]: p["schema"] for p in self.asked(resource.name)}
        title = title_of(resource, self.domain)
        return {
            "name": resource.name,
            "route": resource.plural.replace("_", "-"),
            "title": title,
            "fields": [self._field(resource, f) for f in resource.fields],
            "columns": list(columns_of(resource, self.domain)),
            "states": list(resource.states),
            "verbs": {op.verb: self._verb(resource, op) for op in self.operations(resource.name)},
            "filters": [_filter(resource, name) for name in asked if name not in _PAGING],
            "search": "q" in asked,
            "sorts": [s for s in asked.get("sort", {}).get("enum", []) if not s.startswith("-")],
            "order": usual_order(self.domain, resource),
            "needed": [_needed(r) for r in self.domain.of(resource.name, RuleKind.REQUIRED) if r.condition],
            "compared": [
                {"field": r.fields[0], "operator": r.operator, "other": r.fields[1]}
                for r in self.domain.of(resource.name, RuleKind.COMPARE) if len(r.fields) == 2
            ],
        }  # fmt: skip

    def _field(self, resource: Resource, field: DataField) -> dict[str, Any]:
        known = {r.name for r in self.plan.resources}
        rules = self.domain.of(resource.name)
        made: dict[str, Any] = {"name": field.name, "type": field.type.value}
        if field.required:
            made["required"] = True
        if field.choices:
            made["choices"] = list(field.choices)
        elif field.type in (*NUMBERS, *TEXTS):
            made["minimum"], made["maximum"] = limits(field)
        if field.default is not None:
            made["default"] = field.default
        if field.type is FieldType.REFERENCE and field.refers_to in known:
            made["refersTo"] = field.refers_to
        if field.name in self.domain.hidden(resource.name):
            made["hidden"] = self.domain.hidden(resource.name)[field.name]
        if any(r.kind is RuleKind.FIXED and field.name in r.fields for r in rules):
            made["fixed"] = True
        return made

    def _verb(self, resource: Resource, op: Operation) -> dict[str, Any]:
        """`in`: the states in which it is offered, absent where that makes no difference."""
        made: dict[str, Any] = {"method": op.method, "path": op.path, "roles": list(op.roles)}
        moves = [(source, target) for verb, source, target in resource.transitions if verb == op.verb]
        blocked = self.domain.blocked(resource.name, op.verb)
        asks = [
            r.fields[0]
            for r in self.domain.of(resource.name, RuleKind.REQUIRED)
            if r.act == op.verb and r.condition is None
        ]
        if asks:
            made["asks"] = asks
        if moves:
            made |= {
                "in": [s for s, _ in moves if s not in blocked],
                "to": moves[0][1],
                "takes": list(sent_with(self.domain, resource.name, op.verb)),
            }
            made["optimistic"] = is_optimistic(self, resource, op)
        elif op.verb in ("update", "delete") and blocked:
            made["in"] = [s for s in resource.states if s not in blocked]
        if (
            any(r.act in ("", op.verb) for r in self.domain.of(resource.name, RuleKind.NOT_OWN))
            and "{id}" in op.path
            and op.method != "GET"
        ):
            made["notOwn"] = True
        return made


def is_optimistic(plan: PagePlan, resource: Resource, op: Operation) -> bool:
    """Only a change whose result is known beforehand and that no rule refuses once it is offered is shown before the answer."""
    if not any(verb == op.verb for verb, _, _ in resource.transitions):
        return False
    codes = [c for c in plan.plan.codes[resource.name] if op.verb in c.acts]
    return not any(c.rule.kind in _REFUSING for c in codes) and not sent_with(plan.domain, resource.name, op.verb)


def title_of(resource: Resource, domain: Domain) -> str:
    """The field that a person would call a record by; empty: its number."""
    hidden = domain.hidden(resource.name)
    texts = [
        f.name for f in resource.fields
        if f.type in (FieldType.STRING, FieldType.EMAIL) and f.required and not f.choices and f.name not in hidden and f.sensitive not in _KEPT_BACK
    ]  # fmt: skip
    named = [n for word in _LEADING for n in texts if n == word or n.endswith(f"_{word}")]
    return next(iter([*named, *(n for n in texts if n not in _SHARED)]), "")


def columns_of(resource: Resource, domain: Domain) -> tuple[str, ...]:
    """Fields of the list, in the order of the entity: what it is called by, what it is found by, then what is always there."""
    hidden, title = domain.hidden(resource.name), title_of(resource, domain)
    asked = {name for r in domain.of(resource.name, RuleKind.FILTER, RuleKind.SORT) for name in r.fields}
    fit = [
        f for f in resource.fields
        if f.type not in (FieldType.TEXT, FieldType.URL) and f.name not in hidden and f.sensitive not in _KEPT_BACK
    ]  # fmt: skip
    order = {f.name: n for n, f in enumerate(fit)}
    ranked = sorted(
        fit,
        key=lambda f: (
            f.name != title,
            f.name not in asked,
            not f.required,
            not (f.choices or f.type in (*NUMBERS, *TIMES)),
            order[f.name],
        ),
    )
    chosen = sorted((f.name for f in ranked[:COLUMNS]), key=lambda name: (name != title, order[name]))
    return tuple(chosen)


def _filter(resource: Resource, name: str) -> dict[str, str]:
    known = {f.name for f in resource.fields}
    for end in ("from", "to"):
        field = name.removesuffix(f"_{end}")
        if name not in known and field in known and field != name:
            return {"name": name, "field": field, "end": end}
    return {"name": name, "field": name}


def _needed(rule: Rule) -> dict[str, Any]:
    condition = rule.condition
    assert condition is not None
    return {"field": rule.fields[0], "when": condition.field, "operator": condition.operator, "value": condition.value}


def roles_of(operations: Iterable[Operation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for operation in operations for role in operation.roles))
