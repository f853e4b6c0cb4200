"""The API reference: every operation of the OpenAPI document with a call and an answer that fit its schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from services.agents.blueprint import markdown

_FORMATS = {"date": "2026-01-15", "date-time": "2026-01-15T09:30:00"}
# Code -> (cause, cure). Words of the service itself; the codes are those that the contract names.
PROBLEMS = {
    401: ("The header X-Role is missing", "call through the gateway that signs people in"),
    403: ("The role may not do this", "ask somebody with one of the roles above"),
    404: (
        "The record does not exist, or the feature is off for this person",
        "read the list again; ask whether the flag is on",
    ),
    409: ("The record is in a state in which this is not possible", "read it again and look at its state"),
    412: ("Somebody changed the record since you read it", "read it again, then send its version in If-Match"),
    422: ("A field is missing, unknown or outside of its limits", "mend the fields that errors names"),
}


def reference(document: Mapping[str, Any], title: str) -> str:
    """Markdown. Raises: KeyError for a document that is not shaped as OpenAPI 3.1."""
    parts = [
        f"# API of {markdown.text(title)}",
        (
            "Reference, for those who call the service. The contract is [openapi.json](../design/openapi.json); a running service shows\n"
            "it at `/openapi.json` and, to be tried, at `/docs`. Problems are documents of the type `application/problem+json` (RFC 9457)."
        ),
        markdown.table(("Header", "Meaning"), _HEADERS),
    ]
    parts += [_operation(document, method, path, item) for method, path, item in operations(document)]
    parts.append(
        "## Problems\n\n"
        + markdown.table(("Code", "Cause", "Cure"), [(code, *told) for code, told in PROBLEMS.items()])
    )
    return "\n\n".join(parts) + "\n"


_HEADERS = (
    ("X-Role", "the role of the caller; the gateway sets it"),
    ("X-User", "who the person is, for the feature flag; the gateway sets it"),
    ("Idempotency-Key", "a text of your own; a creation that is sent again with it is made once"),
    ("If-Match", "the version that you read; a change of an older version is refused with 412"),
    ("X-Request-Id", "given back in every answer; the log line of the request has it too"),
)


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation), in the order of the document."""
    for path, methods in document["paths"].items():
        for method, item in methods.items():
            yield method.upper(), path, item


def _operation(document: Mapping[str, Any], method: str, path: str, item: dict[str, Any]) -> str:
    roles = [role for p in item["parameters"] if p["name"] == "X-Role" for role in p["schema"]["enum"]]
    queries = [p["name"] for p in item["parameters"] if p["in"] == "query"]
    success = next(code for code in item["responses"] if code.startswith("2"))
    problems = [code for code in item["responses"] if not code.startswith("2")]
    answer = item["responses"][success].get("content", {}).get("application/json", {}).get("schema")
    lines = [
        f"## {markdown.text(item['summary'])}",
        f"`{method} {path}` · `{item['operationId']}` · for {', '.join(markdown.text(role) for role in roles)}",
        _call(document, method, path, item, roles),
        f"Answers {success}"
        + (":" if answer else ", without a body.")
        + (f"\n\n```json\n{_json(document, answer)}\n```" if answer else ""),
    ]
    if queries:
        lines.append(f"May be narrowed by {', '.join(f'`{name}`' for name in queries)}.")
    lines.append(f"Problems: {', '.join(problems)}.")
    return "\n\n".join(lines)


def _call(document: Mapping[str, Any], method: str, path: str, item: dict[str, Any], roles: list[str]) -> str:
    words = [f"curl -X {method} http://127.0.0.1:8000{path.replace('{id}', '1')}", f"-H 'X-Role: {roles[0]}'"]
    body = item.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if any(p["name"] == "Idempotency-Key" for p in item["parameters"]):
        words.append("-H 'Idempotency-Key: 7f3a'")
    if any(p["name"] == "If-Match" for p in item["parameters"]):
        words.append("-H 'If-Match: \"1\"'")
    if body:
        words += [
            "-H 'Content-Type: application/json'",
            f"-d '{json.dumps(example(document, body), ensure_ascii=True)}'",
        ]
    return "```sh\n" + " \\\n  ".join(words) + "\n```"


def _json(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    return json.dumps(example(document, schema), indent=2, ensure_ascii=True)


def example(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """A value that fits a schema of the contract."""
    if "$ref" in schema:
        return example(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = next(k for k in kind if k != "null") if isinstance(kind, list) else kind
    if kind == "object":
        return {name: example(document, item) for name, item in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(document, schema["items"])]
    if kind == "string":
        return _text(schema)
    return {
        "integer": min(1250, int(schema.get("maximum", 1250))) if "minimum" in schema else 1,
        "number": 1.5,
        "boolean": True,
    }.get(str(kind))


def _text(schema: Mapping[str, Any]) -> str:
    pattern = str(schema.get("pattern", ""))
    made = _FORMATS.get(str(schema.get("format", "")), "Example")
    made = "a@example.org" if "@" in pattern else "https://example.org/a" if pattern.startswith("^https") else made
    return made[: int(schema.get("maxLength", len(made)))]
