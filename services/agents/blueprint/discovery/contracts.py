"""Example requests, answers and problems of every operation: valid by the OpenAPI document, and by the rules where there are any."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.agents.blueprint.rules.domain import typed
from services.agents.blueprint.rules.examples import Reference, solve
from services.agents.blueprint.rules.rule_plan import Plan
from services.deliverables.discovery import Architecture, ExampleCall, Operation
from services.features import words
from services.features.speech import one_of
from services.features.understanding import DataField, RuleKind

_START = re.compile(r"(?:^|_)(?:starts?|begins?|departs?|from|check_?in|door)(?:_|$)")
_END = re.compile(r"(?:^|_)(?:ends?|returns?|until|to|check_?out|finish(?:es)?)(?:_|$)")
_LATER = "2026-01-15T11:05:00Z"  # when an example is changed
_FORMATS = {"date": "2026-01-15", "date-time": "2026-01-15T09:30:00Z"}
# A word in the name of a text field -> a value that somebody could have typed; first match wins.
_TEXTS = (
    ("created_by", "ana"),
    ("email", "ana.berger@example.org"), ("phone", "+49 30 5550123"), ("sku", "TS-1001"), ("isbn", "978-0-14-103614-4"), ("number", "2041-17"),
    ("comment", "Agreed with the team lead"), ("note", "Please call before noon"), ("reason", "Annual check-up"), ("address", "12 Harbour Street"),
    ("city", "Porto"), ("country", "PT"), ("currency", "EUR"), ("message", "Thank you"), ("description", "Two pages, one picture"), ("code", "A-17"),
    ("reference", "REF-2041"), ("url", "https://example.org/a"), ("link", "https://example.org/a"),
)  # fmt: skip
# Code -> (title, what happened). The words of the service itself; the codes are those that the contract names.
PROBLEMS = {
    400: ("Bad request", "The request cannot be read"),
    401: ("Who are you?", "The bearer token is missing, too old, or signed by somebody else"),
    403: ("Not allowed", "The role in the token may not do this"),
    404: ("Not found", "The record does not exist, is somebody else's, or the feature is off for this person"),
    409: ("Not possible now", "The state of the record, or another record, is in the way"),
    412: ("Changed meanwhile", "Somebody changed the record since you read it"),
    415: ("Unknown form", "The body is no JSON"),
    422: ("Invalid request", "A field is missing, unknown or outside of its limits"),
    428: ("Version missing", "A change has to name the version it saw"),
    429: ("Too often", "The limit of this act is reached"),
    503: ("Not ready", "Something that the service needs does not answer"),
}
_TOO_LARGE = "Input should be less than or equal to 100"
# Act -> the problem that tells most about it; of those that the contract names, the first wins.
_TELLING = {
    "create": (422, 409),
    "update": (412, 422),
    "list": (422, 403),
    "get": (404,),
    "history": (404,),
    "export": (403,),
    "delete": (404, 409),
}
_OF_A_MOVE = (409, 404)


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation), in the order of the document."""
    for path, methods in document["paths"].items():
        for method, item in methods.items():
            yield method.upper(), path, item


def examples_of(plan: Plan, design: Architecture, document: Mapping[str, Any]) -> tuple[ExampleCall, ...]:
    """One per operation of the design. Raises: KeyError for a document that is not shaped as OpenAPI 3.1."""
    by_id = {f"OP-{item['operationId']}": item for _, _, item in operations(document)}
    return tuple(_example(plan, op, by_id[op.id], document) for op in design.operations if op.id in by_id)


def _example(plan: Plan, op: Operation, item: dict[str, Any], document: Mapping[str, Any]) -> ExampleCall:
    success = next(code for code in item["responses"] if code.startswith("2"))
    body, answer = _schema(item.get("requestBody", {})), _schema(item["responses"][success])
    sent = sent_of(plan, op, document, body) if body else {}
    sent = _apart(sent) if op.verb == "create" else sent
    told = _apart(_answer(document, answer, op, sent, plan)) if answer else None
    status = next((code for code in (*_TELLING.get(op.verb, _OF_A_MOVE), 403) if code in op.errors), 401)
    return ExampleCall(
        operation=op.id, headers=headers_of(op, item), request=_text(sent) if body else "", status=int(success), response=_text(told) if answer else "",
        error_status=status, error=_text(problem_of(status, op, sent, document, plan)),
    )  # fmt: skip


def headers_of(op: Operation, item: Mapping[str, Any]) -> tuple[str, ...]:
    """As a caller writes them; the token stands for a person of the first role."""
    names = {p["name"] for p in item.get("parameters", []) if p.get("in") == "header"}
    role = (op.roles[0] if op.roles else "caller").replace("_", " ")
    found = [f"Authorization: Bearer <token of {role}>"]
    found += ["Idempotency-Key: 7f3a-2c"] if "Idempotency-Key" in names else []
    return tuple([*found, 'If-Match: "1"'] if "If-Match" in names else found)


def sent_of(plan: Plan, op: Operation, document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """A body that the rules accept; by the schema alone where the search finds none."""
    made = value_for(document, schema)
    if op.verb not in ("create", "update") or not isinstance(made, dict):
        return made
    found = solve(plan.domain, op.resource) or {}
    shape = _resolved(document, schema).get("properties", {})
    typed = {name: json_value(value) for name, value in found.items() if name in shape}
    typed = {
        name: _nicer(name, value, _resolved(document, shape[name]), document, plan.domain.resource(op.resource).label)
        for name, value in typed.items()
    }
    if op.verb == "create":
        required = _resolved(document, schema).get("required", [])
        return {**{n: v for n, v in made.items() if n in required}, **typed} or made
    fixed = {
        f for r in plan.domain.of(op.resource, RuleKind.FIXED, RuleKind.COMPARE, RuleKind.OVERLAP) for f in r.fields
    }
    other = solve(plan.domain, op.resource, others=[found]) or found
    changed = {
        n: _nicer(n, json_value(v), _resolved(document, shape[n]), document, plan.domain.resource(op.resource).label)
        for n, v in other.items()
        if n in shape and n not in fixed and v != found.get(n) and not isinstance(v, Reference)
    }
    return dict([*changed.items(), *((n, v) for n, v in typed.items() if n not in fixed)][:1]) or made


def _nicer(name: str, value: Any, schema: Mapping[str, Any], document: Mapping[str, Any], label: str) -> Any:
    """A text that is only the field's own name is replaced by something that a person could have typed."""
    if not isinstance(value, str) or "enum" in schema:
        return value
    if re.fullmatch(rf"{re.escape(name.replace('_', ' '))} \d+", value):
        changed = f"{value_for(document, schema, name)}, corrected"
        return changed if len(changed) <= int(schema.get("maxLength", len(changed))) else value
    if value != name.replace("_", " ")[: len(value)]:
        return value
    if name not in ("name", "title"):
        return value_for(document, schema, name)
    is_person = bool(set(label.lower().split()) & (words.ACTORS | {"contact", "profile", "applicant", "candidate"}))
    return ("Ana Berger" if is_person and name == "name" else f"{label} A")[: int(schema.get("maxLength", 40))]


def json_value(value: Any) -> Any:
    """As it is sent: times with their zone, another record by the id that it has in an empty database."""
    if isinstance(value, Reference):
        return value.number + 1
    return (
        f"{value.isoformat()}Z"
        if isinstance(value, dt.datetime)
        else value.isoformat()
        if isinstance(value, dt.date)
        else value
    )


def _answer(document: Mapping[str, Any], schema: Mapping[str, Any], op: Operation, sent: Any, plan: Plan) -> Any:
    """The record as it is after the act, in a list where the operation lists."""
    made = value_for(document, schema)
    resource = plan.domain.resource(op.resource)
    stored = {n: json_value(v) for n, v in (solve(plan.domain, op.resource) or {}).items()}
    resource_fields = {f.name for f in resource.fields}
    target = next(
        (to for verb, _, to in resource.transitions if verb == op.verb), resource.states[0] if resource.states else ""
    )

    def filled(record: Any, shape: Mapping[str, Any]) -> Any:
        if not isinstance(record, dict) or "id" not in record:
            return record
        known = _resolved(document, shape).get("properties", {})
        own = {
            n: _nicer(n, v, _resolved(document, known[n]), document, resource.label)
            for n, v in stored.items()
            if n in known
        }
        own |= {n: v for n, v in (sent.items() if isinstance(sent, dict) else ()) if n in known}
        hidden = plan.domain.hidden(op.resource)
        own = {n: v for n, v in own.items() if n not in hidden}
        own |= {"state": target} if "state" in record and target in known["state"].get("enum", [target]) else {}
        own = {
            **{
                f.name: _given(f)
                for f in resource.fields
                if f.name in known and f.name not in hidden and (f.choices or f.default is not None)
            },
            **own,
        }
        version = 1 if op.verb in ("create", "get", "list") else 2
        times = (
            ["changed_at", *(["state_at"] if op.verb in plan.domain.verbs(op.resource) else [])] if version > 1 else []
        )
        needed = _resolved(document, shape).get("required", [])
        kept = {
            n: None if n in resource_fields and _may_be_null(known[n]) else v
            for n, v in record.items()
            if n in needed or n not in resource_fields or _may_be_null(known[n])
        }
        own |= {n: _LATER for n in times if n in record}
        own |= {n: _masked(kept[n]) for n, way in hidden.items() if way == "masked" and kept.get(n)}
        return {**kept, **own, "id": 1, **({"version": version} if "version" in record else {})}

    shape = _resolved(document, schema)
    if isinstance(made, dict) and isinstance(made.get("items"), list) and made["items"]:
        item_shape = _resolved(document, shape["properties"]["items"])["items"]
        last = {"next": None} if _may_be_null(shape["properties"].get("next", {})) else {}
        return {**made, **last, "items": [filled(made["items"][0], item_shape)]}
    return filled(made, schema)


def _apart(value: Any) -> Any:
    """An end that no rule keeps apart from its start is two hours, or a day, later in an example."""
    if isinstance(value, list):
        return [_apart(item) for item in value]
    if not isinstance(value, dict):
        return value
    starts = {v for n, v in value.items() if isinstance(v, str) and _START.search(n)}
    return {
        n: _later(v) if _END.search(n) and isinstance(v, str) and v in starts else _apart(v) for n, v in value.items()
    }


def _later(moment: str) -> str:
    try:
        if "T" not in moment:
            return (dt.date.fromisoformat(moment) + dt.timedelta(days=1)).isoformat()
        return f"{(dt.datetime.fromisoformat(moment.removesuffix('Z')) + dt.timedelta(hours=2)).isoformat()}Z"
    except ValueError:
        return moment


def _masked(value: Any) -> str:
    """As the service shows it: nothing but the last four characters, and nothing at all of a short value."""
    text = str(value)
    shown = text[-4:] if len(text) > 4 else ""
    return "*" * (len(text) - len(shown)) + shown


def _given(field: DataField) -> Any:
    """What is stored where the caller sends none: the default, else the first choice."""
    return typed(field, field.default) if field.default is not None else field.choices[0] if field.required else None


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", ())
    return "null" in kinds or any(o.get("type") == "null" for o in schema.get("anyOf", ()))


def problem_of(status: int, op: Operation, sent: Any, document: Mapping[str, Any], plan: Plan) -> Any:
    """A problem document (RFC 9457) with the members that the contract has."""
    known = document["components"]["schemas"]["Problem"].get("properties", {})
    title, detail = PROBLEMS.get(status, ("Problem", "It did not work"))
    sources = plan.domain.sources(op.resource, op.verb)
    if status == 409 and sources:
        detail = f"The {plan.domain.resource(op.resource).label.lower()} is not {one_of(sources)}"
    made: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if status == 422 and "errors" in known:
        field, message = (next(iter(sent)), "Field required") if sent else ("limit", _TOO_LARGE)
        made |= {"detail": f"{field}: {message}", "errors": [{"field": field, "message": message}]}
    return {n: v for n, v in made.items() if n in known}


def value_for(document: Mapping[str, Any], schema: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits a schema of the contract; `name` makes texts sound like their field."""
    schema = _resolved(document, schema)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kinds = schema.get("type")
    kind = next((k for k in kinds if k != "null"), "null") if isinstance(kinds, list) else kinds
    if kind == "object" or "properties" in schema:
        return {n: value_for(document, item, n) for n, item in schema.get("properties", {}).items()}
    if kind == "array":
        return [value_for(document, schema["items"], name)]
    if kind == "string":
        return _string(schema, name)
    if kind in ("integer", "number"):
        return _number(schema, name, whole=kind == "integer")
    return kind == "boolean" or None


def _number(schema: Mapping[str, Any], name: str, *, whole: bool) -> int | float:
    wanted = 1250 if "minor units" in str(schema.get("description", "")) else 1 if name in ("id", "version") else 3
    low, high = schema.get("minimum", schema.get("exclusiveMinimum", wanted)), schema.get("maximum", wanted)
    chosen = min(max(wanted, low), high)
    return int(chosen) if whole else float(chosen)


def _string(schema: Mapping[str, Any], name: str) -> str:
    pattern, form = str(schema.get("pattern", "")), str(schema.get("format", ""))
    low, high = int(schema.get("minLength", 0)), int(schema.get("maxLength", 200))
    made = next((text for word, text in _TEXTS if word in name), name.replace("_", " ").capitalize() or "Example")
    made = _FORMATS.get(form, made)
    made = (
        "ana.berger@example.org"
        if "@" in pattern or form == "email"
        else "https://example.org/a"
        if "http" in pattern or form == "uri"
        else made
    )
    return made[:high].rstrip().ljust(low, "x")


def _schema(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = holder.get("content", {})
    found = content.get("application/json", {}).get("schema", {})
    return found if isinstance(found, Mapping) else {}


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        elif schema.get("anyOf") or schema.get("oneOf"):
            options = [o for o in schema.get("anyOf") or schema["oneOf"] if o.get("type") != "null"]
            schema = options[0] if options else {"type": "null"}
        elif len(schema.get("allOf", ())) == 1:
            schema = schema["allOf"][0]
        else:
            return schema


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
