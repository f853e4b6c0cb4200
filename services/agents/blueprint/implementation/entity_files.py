"""The files of one entity: what is stored and sent, its rules, its routes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.agents.blueprint.imports import module
from services.agents.blueprint.rendering import camel, class_of, python_literal, render, template_module
from services.agents.blueprint.rules.callers import calls_of_expiry
from services.agents.blueprint.rules.domain import NUMBERS, TIMES, Domain, field_of, typed
from services.agents.blueprint.rules.examples import limits
from services.agents.blueprint.rules.rule_code import Code, filter_function, is_spanned, route_name, sent_with
from services.agents.blueprint.rules.rule_plan import Plan
from services.agents.blueprint.rules.system_calls import given_to, module_named
from services.deliverables.discovery import Architecture, Operation
from services.features.understanding import Condition, DataField, FieldType, Resource, Rule, RuleKind

_PYTHON = {
    FieldType.INTEGER: "int", FieldType.MONEY: "int", FieldType.NUMBER: "float", FieldType.BOOLEAN: "bool",
    FieldType.DATE: "dt.date", FieldType.DATETIME: "dt.datetime", FieldType.REFERENCE: "int",
}  # fmt: skip
_PATTERNS = {FieldType.EMAIL: r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$", FieldType.URL: r"^https?://[^\s/]+\S*$"}
_BROKEN = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
DEFAULT_PAGE = 20


@dataclass(frozen=True)
class Filter:
    """A parameter of the list, and the comparison that it makes."""

    name: str
    column: str
    operator: str
    annotation: str

    @property
    def function(self) -> str:
        return filter_function(self.name)


def entity_files(
    plan: Plan, design: Architecture, resource: Resource, modules: Mapping[str, str], *, is_ddd: bool
) -> dict[str, bytes]:
    domain, package = plan.domain, modules[resource.name]
    codes = plan.codes[resource.name]
    operations = [_for_template(op, resource) for op in design.operations if op.resource == resource.name]
    values: dict[str, Any] = {
        "entity": resource, "codes": [_with_body(plan, code) for code in codes], "operations": operations, "is_ddd": is_ddd,
        "hidden": domain.hidden(resource.name), "withheld": domain.withheld(resource.name), "stored": lambda f: stored(domain, resource, f), "sent": sent, "changed": changed, "seen": seen,
        "uniques": [r.fields for r in domain.of(resource.name, RuleKind.UNIQUE)], "indexed": indexed(domain, resource.name),
        "taken": {v: [field_of(resource, f) for f in sent_with(domain, resource.name, v)] for v in _verbs(resource) if sent_with(domain, resource.name, v)},
        "filters": filters_of(domain, resource), "searched": searched(domain, resource), "sorts": sorts_of(domain, resource),
        "transitions": [(v, domain.sources(resource.name, v), domain.target(resource.name, v)) for v in _verbs(resource)],
        "order": usual_order(domain, resource), "page_size": page_size(domain, resource.name),
        "reach": [c.function for c in codes if c.asked == "reach"], "hides": [c.function for c in codes if c.asked == "shown"],
        "finished": () if domain.of(resource.name, RuleKind.LOCKED) else domain.final(resource.name),
        "checks": _checks(plan, resource), "afters": _afters(plan, resource, is_ddd=is_ddd), "told": _told(design, resource), "module": package,
        "export": next((c.function for c in codes if c.asked == "export"), ""),
        "idempotency_user": "caller.user, ",
        "narrows": any(c.asked == "reach" and {"list", "export"} & set(c.acts) for c in codes),
        "keeps_history": any(c.asked == "history" for c in codes),
        "speaks_json": any(c.asked in ("history", "call") for c in codes),
    }  # fmt: skip
    values |= {"checked": [c["act"] for c in values["checks"]], "followed": [a["act"] for a in values["afters"]]}
    return _rendered(resource, package, modules, values)


def _rendered(
    resource: Resource, package: str, modules: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, bytes]:
    folder, label = package.replace(".", "/"), resource.label.replace('"', "")
    sources = _sources(resource, package, modules)
    said = {
        "models": "what is stored, what may be sent, what is sent back.",
        "rules": "its rules, each a function of its own; no HTTP in here.",
        "routes": "its operations over HTTP.",
    }
    files = {
        f"{folder}/{name}.py": module(
            f"{label}: {what}", render(f"backend/{name}.py.j2", **values).decode(), sources[name]
        )
        for name, what in said.items()
    }
    return {f"{folder}/__init__.py": f'"""{label}: models, rules, routes."""\n'.encode(), **files}


def _sources(resource: Resource, package: str, modules: Mapping[str, str]) -> dict[str, dict[str, str]]:
    name = class_of(resource.name)
    own = {
        f"{name}{part}": f"{package}.models"
        for part in ("", "Create", "Update", "Shown", "Page", "Filters", "List", *map(camel, _verbs(resource)))
    }
    others = {class_of(other): f"{home}.models" for other, home in modules.items()}
    shared = {
        "dt": "import datetime as dt", "Any": "typing", "Annotated": "typing", "Literal": "typing", "Iterable": "collections.abc", "Callable": "collections.abc",
        "csv": "import csv", "io": "import io", "select": "sqlmodel", "col": "sqlmodel", "Session": "sqlmodel", "Field": "sqlmodel", "SQLModel": "sqlmodel",
        "func": "sqlalchemy", "UniqueConstraint": "sqlalchemy", "BigInteger": "sqlalchemy", "ConfigDict": "pydantic", "BaseModel": "pydantic", "StringConstraints": "pydantic",
        "APIRouter": "fastapi", "Depends": "fastapi", "Header": "fastapi", "Query": "fastapi", "Response": "fastapi",
        "base64": "import base64", "json": "import json", "errands": "app.integrations", "cache": "app", "clock": "app", "history": "app", "limits": "app", "notifications": "app", "Problem": "app.problems",
        "Caller": "app.access", "allowed": "app.access", "emit": "app.analytics", "get_session": "app.database",
        "find_made": "app.idempotency", "remember_made": "app.idempotency", "page": "app.listing", "words_in": "app.listing",
        **dict.fromkeys(("Values", "cells", "check_version", "claim", "fields_of", "UtcMoment",   "masked", "missing", "refuse", "store", "this_moment", "used"), "app.records"),
        "rules": package, "domain_events": package, "repository": package,
    }  # fmt: skip
    return {
        "models": shared,
        "rules": {**shared, **others, **own, "STATES": f"{package}.models"},
        "routes": {**shared, **own},
    }


def _verbs(resource: Resource) -> tuple[str, ...]:
    return tuple(dict.fromkeys(verb for verb, _, _ in resource.transitions))


def _for_template(operation: Operation, resource: Resource) -> dict[str, Any]:
    return {
        **operation.model_dump(),
        "function": operation.id.removeprefix("OP-"),
        "name": route_name(resource.name, resource.plural, operation.verb),
        "event_name": operation.event.removeprefix("EV-"),
    }


def _told(design: Architecture, resource: Resource) -> tuple[str, ...]:
    """Fields that the events of an entity carry, beside its id and the role."""
    ids = {op.id for op in design.operations if op.resource == resource.name}
    return next(e for e in design.events if e.operation in ids).properties[2:]


def stored(domain: Domain, resource: Resource, field: DataField) -> str:
    """The column's annotation. Whole numbers may be larger than 32 bits, which is what PostgreSQL gives them otherwise."""
    kind = _PYTHON.get(field.type, "str")
    marks = [] if is_given(field) else ["default=None"]
    marks += ["index=True"] if field.name in indexed(domain, resource.name) else []
    marks += ["sa_type=BigInteger"] if field.type in (FieldType.INTEGER, FieldType.MONEY) else []
    annotation = kind if is_given(field) else f"{kind} | None"
    return f"{annotation} = Field({', '.join(marks)})" if marks else annotation


def is_given(field: DataField) -> bool:
    """Its column always holds a value."""
    return field.required or field.default is not None


def indexed(domain: Domain, resource: str) -> tuple[str, ...]:
    """Columns with an index: references, and whatever a rule filters, sorts or searches by. The state always has one."""
    rules = domain.of(resource, RuleKind.FILTER, RuleKind.SORT, RuleKind.SEARCH)
    named = [name for r in rules for name in r.fields if name != "state"]
    references = [f.name for f in domain.resource(resource).fields if f.type is FieldType.REFERENCE]
    return tuple(dict.fromkeys([*named, *references]))


def sent(field: DataField) -> str:
    """The annotation and limits of a field that a caller sends."""
    kind, given = _sendable(field), _limits(field)
    if field.default is not None:
        return f"{kind} = Field({', '.join([f'default={_literal(field)}', *given])})"
    if field.required:
        return f"{kind} = Field({', '.join(given)})" if given else kind
    return f"{kind} | None = Field({', '.join(['default=None', *given])})"


def changed(field: DataField) -> str:
    """The same for a change: not sent is not changed, and what must be there cannot be taken away."""
    kind = _sendable(field) if is_given(field) else f"{_sendable(field)} | None"
    return f"{kind} = Field({', '.join(['default=None', *_limits(field)])})"


def seen(field: DataField) -> str:
    kind = _PYTHON.get(field.type, "str")
    return kind if is_given(field) else f"{kind} | None"


def _sendable(field: DataField) -> str:
    if field.choices:
        return f"Literal[{', '.join(python_literal(choice) for choice in field.choices)}]"
    if field.type in _PATTERNS:
        return f'Annotated[str, StringConstraints(pattern=r"{_PATTERNS[field.type]}")]'
    return "UtcMoment" if field.type is FieldType.DATETIME else _PYTHON.get(field.type, "str")


def _literal(field: DataField) -> str:
    value = typed(field, field.default or "")
    if field.type in TIMES:
        return _moment(field, str(value))
    return python_literal(value)


def _moment(field: DataField, text: str) -> str:
    zone = "+00:00" if field.type is FieldType.DATETIME else ""
    return f'{_PYTHON[field.type]}.fromisoformat("{text}{zone}")'


def _limits(field: DataField) -> list[str]:
    if field.choices or field.type in (FieldType.BOOLEAN, *TIMES):
        return []
    if field.type is FieldType.REFERENCE:
        return ["ge=1", "le=2147483647"]
    low, high = limits(field)
    if field.type in NUMBERS:
        return [f"ge={low}", f"le={high}"]
    return [f"min_length={low}", f"max_length={high}"]


def filters_of(domain: Domain, resource: Resource) -> list[Filter]:
    """Every choice, yes or no, reference and state; and what rules name beside them, numbers and times by from and to."""
    named = [name for r in domain.of(resource.name, RuleKind.FILTER) for name in r.fields]
    plain = [f.name for f in resource.fields if f.choices or f.type in (FieldType.BOOLEAN, FieldType.REFERENCE)]
    hidden, found = domain.hidden(resource.name), list[Filter]()
    for name in dict.fromkeys([*(["state"] if resource.states else []), *plain, *named]):
        field = field_of(resource, name)
        if name in hidden:
            continue
        if field and is_spanned(field):
            found += [
                Filter(f"{name}_{end}", name, sign, _sendable(field)) for end, sign in (("from", ">="), ("to", "<="))
            ]
        else:
            found.append(Filter(name, name, "==", _asked(resource, field)))
    return found


def _asked(resource: Resource, field: DataField | None) -> str:
    if field is None:
        return f"Literal[{', '.join(python_literal(state) for state in resource.states)}]"
    return _sendable(field)


def searched(domain: Domain, resource: Resource) -> tuple[str, ...]:
    rules = domain.of(resource.name, RuleKind.SEARCH)
    hidden = domain.hidden(resource.name)
    every = tuple(f.name for f in resource.fields if f.type in (FieldType.STRING, FieldType.TEXT) and not f.choices)
    return rules[0].fields if rules else tuple(name for name in every if name not in hidden)


def sorts_of(domain: Domain, resource: Resource) -> list[str]:
    hidden = domain.hidden(resource.name)
    own = [
        f.name for f in resource.fields if f.name not in hidden and f.type not in (FieldType.TEXT, FieldType.BOOLEAN)
    ]
    rules = [r.fields[0] for r in domain.of(resource.name, RuleKind.SORT)]
    state = ["state"] if resource.states else []
    return list(dict.fromkeys(["id", "created_at", "changed_at", "created_by", *state, *own, *rules]))


def usual_order(domain: Domain, resource: Resource) -> str:
    rule = next(iter(domain.of(resource.name, RuleKind.SORT)), None)
    return ("-" if rule.operator == ">" else "") + rule.fields[0] if rule else "id"


def page_size(domain: Domain, resource: str) -> int:
    rule = next(iter(domain.of(resource, RuleKind.PAGE)), None)
    return rule.maximum or DEFAULT_PAGE if rule else DEFAULT_PAGE


def _with_body(plan: Plan, code: Code) -> dict[str, Any]:
    domain, rule = plan.domain, code.rule
    resource = domain.resource(rule.resource)
    history = next((c.function for c in plan.codes[rule.resource] if c.asked == "history"), "")
    x: dict[str, Any] = {
        "name": class_of(rule.resource),
        "history": history,
        "condition": "",
        "limit": "",
        "broken": _BROKEN.get(rule.operator, ""),
    }
    if rule.condition:
        x["condition"] = _expression(rule.condition, field_of(resource, rule.condition.field))
    if rule.kind is RuleKind.COMPARE:
        x["limit"] = _limit(resource, rule)
    if rule.kind is RuleKind.CALL:
        x |= {"given": given_to(domain, rule), "system": module_named(rule.channel)}
    if rule.kind is RuleKind.EXPIRY:
        x["calls"] = calls_of_expiry(plan, rule)
    if rule.kind is RuleKind.OVERLAP:
        kind = _PYTHON[field_of(resource, rule.fields[1]).type]  # type: ignore[union-attr]
        zone = ".replace(tzinfo=dt.UTC)" if kind == "dt.datetime" else ""
        x |= {"first": f"{kind}.min{zone}", "last": f"{kind}.max{zone}"}
    return {"body": str(template_module(code.template).code(code, x)).strip("\n")}


def _expression(condition: Condition, field: DataField | None) -> str:
    value = f'values["{condition.field}"]'
    if field is None or field.type not in (*NUMBERS, *TIMES):
        kind = (
            python_literal(condition.value)
            if field is None or field.type is not FieldType.BOOLEAN
            else str(condition.value.lower() in ("true", "yes"))
        )
        return f"{value} {'is' if kind in ('True', 'False') and condition.operator == '==' else 'is not' if kind in ('True', 'False') else condition.operator} {kind}"
    limit = condition.value if field.type in NUMBERS else _moment(field, str(typed(field, condition.value)))
    return f"{value} is not None and {value} {condition.operator} {limit}"


def _limit(resource: Resource, rule: Rule) -> str:
    if len(rule.fields) > 1:
        return f'values["{rule.fields[1]}"]'
    field, seconds = field_of(resource, rule.fields[0]), rule.seconds or 0
    is_date = field is not None and field.type is FieldType.DATE
    span = f"days={seconds // 86400}" if is_date and seconds % 86400 == 0 else f"seconds={seconds}"
    shifted = f"this_moment() + dt.timedelta({span})" if seconds else "this_moment()"
    return f"({shifted}).date()" if is_date else shifted


def _checks(plan: Plan, resource: Resource) -> list[dict[str, Any]]:
    """Per act, what is asked in which order: (status, [(field, call)])."""
    made = []
    for act in plan.domain.acts(resource.name):
        groups = [(status, asked) for status, asked in _groups(plan, resource, act) if asked]
        if groups:
            made.append({"act": act, "groups": groups, "takes_turn": _takes_turn(plan, resource, act)})
    return made


def _takes_turn(plan: Plan, resource: Resource, act: str) -> bool:
    """Whether it counts or compares what two requests at the same moment could both store; a unique value has its constraint."""
    codes = [c for c in plan.codes[resource.name] if act in c.acts and c.function]
    return any(c.asked == "limit" or c.rule.kind is RuleKind.OVERLAP for c in codes)


def _groups(plan: Plan, resource: Resource, act: str) -> list[tuple[int, list[tuple[str, str]]]]:
    codes = [c for c in plan.codes[resource.name] if act in c.acts and c.function]

    def asked(*kinds: str, only: Iterable[RuleKind] = tuple(RuleKind)) -> list[Code]:
        return [c for c in codes if c.asked in kinds and c.rule.kind in only]

    own_id = "None" if act == "create" else "record.id"
    guards = [(("state"), f"{c.function}(record)") for c in asked("guard")]
    if act == "update" and not plan.domain.of(resource.name, RuleKind.LOCKED) and plan.domain.final(resource.name):
        guards.append(("state", "is_finished(record)"))
    return [
        (403, [("created_by", f"{c.function}(record, caller)") for c in asked("maker")]),
        (429, [("created_by", f"{c.function}(session, caller.user)") for c in asked("limit", only=(RuleKind.RATE,))]),
        (409, [*guards, *(("created_by", _count_call(c, act)) for c in asked("limit", only=(RuleKind.COUNT,))), *_still_used(plan, resource, act)]),
        (422, [*_references(plan, resource, act), *((c.named, _value_call(c, act)) for c in asked("values", "fixed"))]),
        (409, [(c.named, f"{c.function}(session, values, {own_id})") for c in asked("conflict")]),
    ]  # fmt: skip


def _count_call(code: Code, act: str) -> str:
    """Whoever made the record is asked for; a record that is counted already does not become one more."""
    if act == "create":
        return f"{code.function}(session, caller.user)"
    return f"{code.function}(session, record.created_by) if record.state not in {python_literal(code.rule.states)} else None"


def _value_call(code: Code, act: str) -> str:
    if code.asked == "fixed":
        return f"{code.function}(record, changes)"
    call = f"{code.function}(values)"
    is_about_now = code.rule.kind is RuleKind.COMPARE and len(code.rule.fields) == 1
    return f'{call} if "{code.rule.fields[0]}" in changes else None' if is_about_now and act == "update" else call


def _references(plan: Plan, resource: Resource, act: str) -> list[tuple[str, str]]:
    known = {r.name: r.label.lower() for r in plan.resources}
    if act not in ("create", "update"):
        return []
    found = [f for f in resource.fields if f.type is FieldType.REFERENCE and f.refers_to in known]
    return [
        (f.name, f'missing(session, {class_of(f.refers_to)}, {python_literal(known[f.refers_to])}, values["{f.name}"])')
        for f in found
    ]


def _still_used(plan: Plan, resource: Resource, act: str) -> list[tuple[str, str]]:
    if act != "delete":
        return []
    found = [
        (r, f)
        for r in plan.resources
        for f in r.fields
        if f.refers_to == resource.name and f.type is FieldType.REFERENCE
    ]
    return [
        ("id", f"used(session, {class_of(r.name)}.{f.name}, {python_literal(r.label.lower())}, record.id)")
        for r, f in found
    ]


def _afters(plan: Plan, resource: Resource, *, is_ddd: bool) -> list[dict[str, Any]]:
    """Under ddd other systems hear of an act by its domain event; see `contexts/subscribers.py`."""
    direct = ("tell",) if is_ddd else ("tell", "call")
    made = []
    for act in plan.domain.acts(resource.name):
        codes: Sequence[Code] = [c for c in plan.codes[resource.name] if act in c.acts]
        lines = [f"{c.function}(session, record)" for c in codes if c.asked in direct]
        if any(c.rule.kind is RuleKind.RATE for c in codes):
            lines.append(f'limits.count(session, caller.user, "{act}", "{resource.name}")')
        history = next((c for c in plan.codes[resource.name] if c.asked == "history"), None)
        if history and act not in ("list", "get", "export", "history"):
            after = "None" if act == "delete" else "as_json(record)"
            lines.append(f'{history.function}(session, caller, "{act}", record.id or 0, before, {after})')
        if lines:
            made.append({"act": act, "lines": lines})
    return made
