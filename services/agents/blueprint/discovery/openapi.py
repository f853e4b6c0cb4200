"""The OpenAPI 3.1 document of an architecture: the contract that the code is tested against."""

from typing import Any

from services.agents.blueprint.implementation.entity_files import (
    DEFAULT_PAGE,
    filters_of,
    is_given,
    page_size,
    searched,
    sorts_of,
)
from services.agents.blueprint.rendering import camel, class_of
from services.agents.blueprint.rules.domain import NUMBERS, TEXTS, field_of, typed
from services.agents.blueprint.rules.examples import limits
from services.agents.blueprint.rules.rule_code import sent_with
from services.agents.blueprint.rules.rule_plan import Plan
from services.deliverables.discovery import Architecture, Operation
from services.features.understanding import DataField, FieldType, Resource

_TYPES: dict[FieldType, dict[str, Any]] = {
    FieldType.INTEGER: {"type": "integer"},
    FieldType.MONEY: {"type": "integer", "description": "minor units, for example cents"},
    FieldType.REFERENCE: {"type": "integer", "minimum": 1},
    FieldType.NUMBER: {"type": "number"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.DATETIME: {"type": "string", "format": "date-time"},
    FieldType.EMAIL: {"type": "string", "pattern": r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$"},
    FieldType.URL: {"type": "string", "pattern": r"^https?://[^\s/]+\S*$"},
}
_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_WRITES = ("create", "update")
_READS = ("list", "get", "export", "history")


def document(title: str, architecture: Architecture, plan: Plan) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in architecture.operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, plan)
    schemas = {name: schema for resource in plan.resources for name, schema in _schemas(resource, plan).items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1.0.0",
            "description": "Made by the blueprint engine. No model was called.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {**schemas, "Problem": _PROBLEM},
        },
    }


_PROBLEM = {
    "type": "object",
    "properties": {
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": _TEXT, "message": _TEXT},
                "required": ["field", "message"],
            },
        },
    },
    "required": ["title", "status", "detail"],
}


def _operation(operation: Operation, plan: Plan) -> dict[str, Any]:
    resource = plan.domain.resource(operation.resource)
    success = {"create": "201", "delete": "204"}.get(operation.verb, "200")
    made: dict[str, Any] = {
        "operationId": operation.id.removeprefix("OP-"),
        "summary": operation.summary,
        "x-roles": list(operation.roles),
        "parameters": _parameters(operation, resource, plan),
        "responses": {
            success: _answer(operation, resource),
            **{str(code): _problem(code) for code in operation.errors},
        },
    }
    body = _body(operation, resource, plan)
    if body:
        reference = {"$ref": f"#/components/schemas/{body}"}
        made["requestBody"] = {
            "required": operation.verb in _WRITES,
            "content": {"application/json": {"schema": reference}},
        }
    return made


def _body(operation: Operation, resource: Resource, plan: Plan) -> str:
    name = class_of(resource.name)
    if operation.verb in _WRITES:
        return f"{name}{operation.verb.capitalize()}"
    return (
        f"{name}{camel(operation.verb)}"
        if operation.verb in plan.domain.verbs(resource.name) and sent_with(plan.domain, resource.name, operation.verb)
        else ""
    )


def _answer(operation: Operation, resource: Resource) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.summary}
    shape: dict[str, Any] = {"$ref": f"#/components/schemas/{class_of(resource.name)}Shown"}
    if operation.verb == "list":
        shape = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": shape}, "next": {"type": ["string", "null"]}},
            "required": ["items"],
        }
    if operation.verb == "history":
        shape = {"type": "object", "properties": {"items": {"type": "array", "items": _CHANGE}}, "required": ["items"]}
    if operation.verb == "export":
        return {**answer, "content": {"text/csv": {"schema": _TEXT}}}
    return answer if operation.verb == "delete" else {**answer, "content": {"application/json": {"schema": shape}}}


_CHANGE = {
    "type": "object",
    "properties": {
        "act": _TEXT,
        "user": _TEXT,
        "role": _TEXT,
        "at": _TIME,
        "before": {"type": ["object", "null"]},
        "after": {"type": ["object", "null"]},
    },
}


def _parameters(operation: Operation, resource: Resource, plan: Plan) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "{id}" in operation.path:
        found.append({"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}})
    if operation.verb == "create":
        found.append({"name": "Idempotency-Key", "in": "header", "schema": {**_TEXT, "maxLength": 200}})
    elif operation.verb not in _READS:
        found.append({"name": "If-Match", "in": "header", "schema": _TEXT})
    if operation.verb in ("list", "export"):
        found += _asked(resource, plan)
    if operation.verb == "list":
        sorts = [way + name for name in sorts_of(plan.domain, resource) for way in ("", "-")]
        size = page_size(plan.domain, resource.name)
        found += [
            {"name": "sort", "in": "query", "schema": {**_TEXT, "enum": sorts}},
            {
                "name": "after",
                "in": "query",
                "description": "the `next` of the page before",
                "schema": {**_TEXT, "maxLength": 1000},
            },
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": size or DEFAULT_PAGE},
            },
        ]
    return found


def _asked(resource: Resource, plan: Plan) -> list[dict[str, Any]]:
    found = []
    for asked in filters_of(plan.domain, resource):
        field = field_of(resource, asked.column)
        schema = _field(field) if field else {**_TEXT, "enum": list(resource.states)}
        found.append({"name": asked.name, "in": "query", "schema": {k: v for k, v in schema.items() if k != "default"}})
    if searched(plan.domain, resource):
        found.append(
            {"name": "q", "in": "query", "description": "words to find", "schema": {**_TEXT, "maxLength": 200}}
        )
    return found


def _schemas(resource: Resource, plan: Plan) -> dict[str, Any]:
    name, hidden = class_of(resource.name), plan.domain.hidden(resource.name)
    sent = {field.name: _field(field) for field in resource.fields}
    changed = {n: {k: v for k, v in schema.items() if k != "default"} for n, schema in sent.items()}
    shown = [field for field in resource.fields if hidden.get(field.name) != "left out"]
    kept: dict[str, Any] = {
        "id": {"type": "integer"},
        "version": {"type": "integer"},
        "created_at": _TIME,
        "created_by": _TEXT,
        "changed_at": _TIME,
    }
    if resource.states:
        kept |= {"state": {**_TEXT, "enum": list(resource.states)}, "state_at": _TIME}
    always = [*kept, *(f.name for f in shown if is_given(f))]
    kept |= {f.name: _seen(f, is_masked=f.name in hidden) for f in shown}
    made = {
        f"{name}Shown": {"type": "object", "properties": kept, "required": always},
        f"{name}Create": {
            "type": "object",
            "properties": sent,
            "required": [f.name for f in resource.fields if f.required],
            "additionalProperties": False,
        },
        f"{name}Update": {"type": "object", "properties": changed, "additionalProperties": False},
    }
    for verb in dict.fromkeys(verb for verb, _, _ in resource.transitions):
        taken = sent_with(plan.domain, resource.name, verb)
        if taken:
            made[f"{name}{camel(verb)}"] = {
                "type": "object",
                "properties": {n: changed[n] for n in taken},
                "additionalProperties": False,
            }
    return made


def _seen(field: DataField, *, is_masked: bool) -> dict[str, Any]:
    shape = (
        dict(_TEXT)
        if is_masked or field.type in TEXTS
        else {k: v for k, v in _field(field).items() if k in ("type", "format", "description")}
    )
    return shape if is_given(field) else {**shape, "type": [shape["type"], "null"]}


def _field(field: DataField) -> dict[str, Any]:
    shape: dict[str, Any] = dict(_TYPES.get(field.type, _TEXT))
    if field.choices:
        shape = {**_TEXT, "enum": list(field.choices)}
    elif field.type in NUMBERS:
        shape["minimum"], shape["maximum"] = limits(field)
    elif field.type in TEXTS:
        shape["minLength"], shape["maxLength"] = limits(field)
    if field.default is not None:
        value = typed(field, field.default)
        shape["default"] = value if isinstance(value, str | int | float) else str(value)
    return shape


def _problem(code: int) -> dict[str, Any]:
    return {
        "description": f"Problem {code}",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
