"""What is asked for beside HTTP: webhooks, a WebSocket with changes as they happen, reading by GraphQL."""

from collections.abc import Mapping
from typing import Any

from services.agents.blueprint.implementation.entity_files import filters_of, is_given, searched
from services.agents.blueprint.rendering import class_of
from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.rule_code import route_name
from services.agents.blueprint.rules.rule_plan import Plan
from services.deliverables.discovery import Architecture, Operation
from services.features.understanding import DataField, FieldType, Resource

# Interface -> (module with its router, package that it needs, how a caller uses it).
INTERFACES = {
    "webhook": ("webhooks", "", "`POST /webhooks` with where to and of what; changes are posted there, signed (app/webhooks.py)"),
    "websocket": ("live", "websockets", "`/live`; the first message is the token, then come changes as they happen (app/live.py)"),
    "graphql": ("graph", "graphql-core", "`POST /graphql`, reading only; the types are in app/schema.graphql"),
}  # fmt: skip
_GRAPH_TYPES = {
    FieldType.INTEGER: "Long", FieldType.MONEY: "Long", FieldType.REFERENCE: "Long", FieldType.NUMBER: "Float", FieldType.BOOLEAN: "Boolean",
    FieldType.DATE: "Moment", FieldType.DATETIME: "Moment",
}  # fmt: skip
_ARGUMENT_TYPES = {"int": "Long", "float": "Float", "bool": "Boolean"}


def asked_of(plan: Plan) -> tuple[str, ...]:
    """Those that are asked for and built."""
    return tuple(name for name in INTERFACES if name in plan.domain.understanding.interfaces)


def packages_of(plan: Plan) -> tuple[str, ...]:
    packages = [INTERFACES[name][1] for name in asked_of(plan)]
    return (*(p for p in packages if p),)


def values_of(plan: Plan, design: Architecture) -> Mapping[str, Any]:
    asked = asked_of(plan)
    readers = {op.resource: op.id for op in design.operations if op.verb == "get"}
    is_told = bool({"webhook", "websocket"} & set(asked))
    return {
        "extras": [INTERFACES[name][0] for name in asked],
        "interfaces": [(name, INTERFACES[name][2]) for name in asked],
        "is_told": is_told, "has_webhooks": "webhook" in asked, "has_live": "websocket" in asked, "has_graph": "graphql" in asked,
        "readers": readers,
        "reaches": [r.name for r in plan.resources if any(c.asked == "reach" for c in plan.codes[r.name])],
        "types": tuple(f"{name}.{what}" for name in readers for what in ("created", "changed", "deleted")),
        "shown": [_shown(plan.domain, design, resource) for resource in plan.resources],
    }  # fmt: skip


def _shown(domain: Domain, design: Architecture, resource: Resource) -> dict[str, Any]:
    operations = {op.verb: op for op in design.operations if op.resource == resource.name}
    hidden = domain.hidden(resource.name)
    own = [
        ("id", "Long!"),
        ("version", "Long!"),
        ("created_at", "Moment!"),
        ("created_by", "String!"),
        ("changed_at", "Moment!"),
    ]
    own += [("state", "String!"), ("state_at", "Moment!")] if resource.states else []
    own += [
        (f.name, _graph_type(f, is_hidden=f.name in hidden))
        for f in resource.fields
        if hidden.get(f.name) != "left out"
    ]
    arguments = [("limit", "Long"), ("after", "String"), ("sort", "String")]
    arguments += [(f.name, _ARGUMENT_TYPES.get(f.annotation, "String")) for f in filters_of(domain, resource)]
    arguments += [("q", "String")] if searched(domain, resource) else []
    return {
        "name": resource.name, "plural": resource.plural, "label": resource.label.replace('"', ""), "type": class_of(resource.name),
        "fields": own, "arguments": arguments, "reads": _called(operations.get("get"), resource), "lists": _called(operations.get("list"), resource),
    }  # fmt: skip


def _called(operation: Operation | None, resource: Resource) -> dict[str, str] | None:
    if operation is None:
        return None
    return {"id": operation.id, "name": route_name(resource.name, resource.plural, operation.verb)}


def _graph_type(field: DataField, *, is_hidden: bool) -> str:
    kind = "String" if is_hidden else _GRAPH_TYPES.get(field.type, "String")
    return f"{kind}!" if is_given(field) and not is_hidden else kind
