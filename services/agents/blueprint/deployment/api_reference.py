"""The API reference: every operation of the contract with a call and an answer that fit its schema."""

import json
from collections.abc import Mapping
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.discovery.contracts import PROBLEMS, operations
from services.deliverables.discovery import Architecture, ExampleCall, Operation

# Code -> cure; the cause is the problem's own detail.
_CURES = {
    401: "get a new token",
    403: "ask somebody with one of the roles of the operation",
    404: "read the list again; ask whether the flag is on for you",
    409: "read the record again and look at its state",
    412: "read it again, then send its version in If-Match",
    422: "mend the fields that errors names",
    429: "wait; repeat after the time of the limit",
    503: "repeat with the same Idempotency-Key",
}
_HEADERS = (
    (
        "Authorization",
        "Bearer and a signed token (JWT) with sub (the person), role and exp; POST /sign-in gives one where SIGN_IN=local",
    ),
    ("Idempotency-Key", "a text of your own; a creation that is sent again with it is made once"),
    ("If-Match", "the version that you read; a change of an older version is refused with 412"),
    ("X-Request-Id", "given back in every answer; the log line of the request has it too"),
)


def reference(document: Mapping[str, Any], title: str, design: Architecture) -> str:
    """Markdown, in the order of the document. Raises: KeyError for a document that is not shaped as OpenAPI 3.1."""
    by_id = {op.id: op for op in design.operations}
    examples = {e.operation: e for e in design.examples}
    parts = [
        f"# API of {markdown.text(title)}",
        (
            "Reference, for those who call the service. The contract is [openapi.json](../design/openapi.json); a running service shows\n"
            "it at `/openapi.json`. Problems are documents of the type `application/problem+json` (RFC 9457).\n"
            "The examples fit the contract; they were made from it and not sent. The calls of the [tutorial](tutorial.md) are meant to be sent as they are."
        ),
        markdown.table(("Header", "Meaning"), _HEADERS),
        _index(document, by_id),
    ]
    for method, path, item in operations(document):
        id_ = f"OP-{item['operationId']}"
        parts.append(_operation(method, path, item, by_id.get(id_), examples.get(id_)))
    used = sorted({code for op in design.operations for code in op.errors})
    problems = [
        (code, *PROBLEMS.get(code, ("Problem", "")), _CURES.get(code, "read its detail"), _where(design, code))
        for code in used
    ]
    parts.append("## Problems\n\n" + markdown.table(("Code", "Title", "Cause", "Cure", "Answered by"), problems))
    return "\n\n".join(parts) + "\n"


def _where(design: Architecture, code: int) -> str:
    found = [op.id for op in design.operations if code in op.errors]
    return "every operation" if len(found) == len(design.operations) else ", ".join(found)


def _index(document: Mapping[str, Any], by_id: Mapping[str, Operation]) -> str:
    rows = []
    for method, path, item in operations(document):
        op = by_id.get(f"OP-{item['operationId']}")
        name = item["operationId"]
        rows.append(
            f"| [{name}](#{name.lower()}) | `{method} {path}` | {markdown.text(', '.join(op.roles) if op else '-')} | {markdown.text(item['summary'])} |"
        )
    return "| Operation | Call | For | Does |\n|---|---|---|---|\n" + "\n".join(rows)


def _operation(method: str, path: str, item: dict[str, Any], op: Operation | None, example: ExampleCall | None) -> str:
    queries = [p["name"] for p in item.get("parameters", []) if p["in"] == "query"]
    roles = ", ".join(markdown.text(role) for role in op.roles) if op else "-"
    told = f" · sends {op.event}" if op and op.event else ""
    lines = [
        f"## {item['operationId']}",
        f"{markdown.text(item['summary'])}.",
        f"`{method} {path}` · `{item['operationId']}` · for {roles}{told}",
    ]
    if queries:
        lines.append(f"Query: {', '.join(f'`{name}`' for name in queries)}.")
    if example:
        lines += [_call(method, path, example), _answer(example)]
    problems = [code for code in item["responses"] if not code.startswith("2")]
    return "\n\n".join([*lines, f"Problems: {', '.join(problems)}."])


def _call(method: str, path: str, example: ExampleCall) -> str:
    words = [f"curl -X {method} http://127.0.0.1:8000{path.replace('{id}', '1')}", '-H "Authorization: Bearer $TOKEN"']
    words += [f"-H '{_quoted(header)}'" for header in example.headers if not header.startswith("Authorization")]
    if example.request:
        words += [
            "-H 'Content-Type: application/json'",
            f"-d '{_quoted(json.dumps(json.loads(example.request), ensure_ascii=True))}'",
        ]
    return "```sh\n" + " \\\n  ".join(words) + "\n```"


def _quoted(text: str) -> str:
    """Inside of single quotes in a shell: JSON has another way to write them."""
    return text.replace("'", "\\u0027")


def _answer(example: ExampleCall) -> str:
    body = f":\n\n```json\n{_json(example.response)}\n```" if example.response else ", without a body."
    return f"Answers {example.status}{body}\n\nOr {example.error_status}:\n\n```json\n{_json(example.error)}\n```"


def _json(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=True)
