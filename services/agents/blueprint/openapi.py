"""The OpenAPI 3.1 document of an architecture: the contract that the code is tested against."""

from typing import Any

from services.agents.blueprint.rendering import camel
from services.deliverables.discovery import Architecture, Entity, EntityField, Operation

_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer", "minimum": 0},
    "money": {"type": "integer", "minimum": 0, "description": "minor units, for example cents"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "email": {"type": "string", "maxLength": 200, "pattern": "^[^@\\s]+@[^@\\s]+$"},
    "url": {"type": "string", "maxLength": 2000, "pattern": "^https?://"},
}


def document(title: str, architecture: Architecture) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in architecture.operations:
        entity = architecture.entity(operation.resource)
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, entity)
    schemas = {name: schema for entity in architecture.entities for name, schema in _schemas(entity).items()}
    problem = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}},
        "required": ["title", "status", "detail"],
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1.0.0",
            "description": "Made by the blueprint engine. No model was called.",
        },
        "paths": paths,
        "components": {"schemas": {**schemas, "Problem": problem}},
    }


def _operation(operation: Operation, entity: Entity) -> dict[str, Any]:
    name = camel(entity.name)
    success = {"create": "201", "delete": "204"}.get(operation.verb, "200")
    shape: dict[str, Any] = {"$ref": f"#/components/schemas/{name}"}
    if operation.verb == "list":
        shape = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": shape}, "next": {"type": ["integer", "null"]}},
        }
    answer: dict[str, Any] = {"description": operation.summary}
    if operation.verb != "delete":
        answer["content"] = {"application/json": {"schema": shape}}
    made: dict[str, Any] = {
        "operationId": operation.id.removeprefix("OP-"),
        "summary": operation.summary,
        "parameters": _parameters(operation, entity),
        "responses": {success: answer, **{str(code): _problem(code) for code in operation.errors}},
    }
    if operation.verb in ("create", "update"):
        body = f"{name}Create" if operation.verb == "create" else f"{name}Update"
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}},
        }
    return made


def _parameters(operation: Operation, entity: Entity) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found: list[dict[str, Any]] = [
        {
            "name": "X-Role",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "enum": list(operation.roles)},
        }
    ]
    if "{id}" in operation.path:
        found.append({"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}})
    if operation.verb == "create":
        found.append({"name": "Idempotency-Key", "in": "header", "schema": text})
    if operation.verb == "update":
        found.append({"name": "If-Match", "in": "header", "schema": text})
    if operation.verb == "list":
        found += [
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
            {"name": "after", "in": "query", "schema": {"type": "integer"}},
        ]
        found += [{"name": "state", "in": "query", "schema": text}] if entity.states else []
    return found


def _schemas(entity: Entity) -> dict[str, Any]:
    name = camel(entity.name)
    fields = {field.name: _field(field) for field in entity.fields}
    kept: dict[str, Any] = {"id": {"type": "integer"}, "version": {"type": "integer"}, **fields}
    if entity.states:
        kept["state"] = {"type": "string", "enum": list(entity.states)}
    required = [field.name for field in entity.fields if field.required]
    return {
        name: {"type": "object", "properties": kept, "required": ["id", "version", *required]},
        f"{name}Create": {"type": "object", "properties": fields, "required": required, "additionalProperties": False},
        f"{name}Update": {"type": "object", "properties": fields, "additionalProperties": False},
    }


def _field(field: EntityField) -> dict[str, Any]:
    if field.choices:
        return {"type": "string", "enum": list(field.choices)}
    shape = dict(_TYPES.get(field.type, {"type": "string", "minLength": 1}))
    if field.maximum and shape["type"] == "string":
        shape["maxLength"] = field.maximum
    elif field.maximum:
        shape["maximum"] = field.maximum
    return shape


def _problem(code: int) -> dict[str, Any]:
    return {
        "description": f"Problem {code}",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
