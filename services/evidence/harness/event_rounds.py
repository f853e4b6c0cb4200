"""Runs in the sandbox: each operation once on the running service, and what it told of it; writes `found.json`.

First argument: the environment of generated code. The schemas of standard JSON Schema in the plan are checked here as well.
"""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
from before_and_after import creation, requests
from page_journey import read_plan
from service_calls import ADDRESS, Service, running

_LOG = Path("told.jsonl")


def main(runtime: str) -> None:
    _LOG.unlink(missing_ok=True)
    schemas: dict[str, Any] = json.loads(Path("plan_schemas.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {"rows": [], "emitted": {}, "done": []}
    for event, schema in list(schemas.items()):
        try:
            jsonschema.validators.validator_for(schema).check_schema(schema)
        except jsonschema.SchemaError as error:
            tell(found, "event-schema", f"The schema of {event} is none: {error.message[:160]}")
            schemas[event] = {}
    command = [
        str(Path(runtime) / "bin" / "python"),
        "-m",
        "uvicorn",
        "app.main:app",
        "--port",
        "8000",
        "--log-level",
        "error",
    ]
    settings = {"EVENT_LOG": str(_LOG), "SIGN_IN": "local", "FEATURE_FORCE": "on", "PYTHONPATH": str(Path.cwd())}
    with running(command, f"{ADDRESS}/health", variables=settings) as answers:
        if not answers:
            sys.exit("the service does not answer")
        work(found)
    told(found, schemas)
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


def work(found: dict[str, Any]) -> None:
    """Makes the planned records, does each operation, and looks at the feature as its page does."""
    service = Service()
    made: dict[str, list[int]] = {}
    owners: dict[str, Any] = {}
    for record in (read_plan(Path()) or {"records": []})["records"]:
        try:
            asked = creation(service, record, made)
            answer = ask(service, asked)
        except (OSError, ValueError, LookupError):
            continue
        made.setdefault(record["entity"], []).append(int(answer["id"]))
        owners.setdefault(record["entity"], record)
        found["done"].append(asked.name)
    for asked in requests(Path(), made, owners):
        try:
            ask(service, asked)
        except (OSError, ValueError):
            continue
        found["done"].append(asked.name)
    for record in list(owners.values())[:1]:
        for _ in range(2):  # whoever looks twice has seen it once
            service.send("GET", "/feature", headers=signed(service, record["user"], record["role"]))


def ask(service: Service, asked: Any) -> Any:
    return service.send(asked.method, asked.path, asked.body, signed(service, asked.user, asked.role))


def signed(service: Service, user: str, role: str) -> dict[str, str]:
    token = service.token(user, role) if role else ""
    return {"Authorization": f"Bearer {token}"} if token else {}


def told(found: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Every line of the event log against the plan."""
    lines = _LOG.read_text(encoding="utf-8").splitlines() if _LOG.exists() else []
    seen: dict[str, set[str]] = {}
    for line in lines:
        try:
            event = json.loads(line)
            name, properties, id_ = event["event"], event["properties"], event["id"]
        except (ValueError, KeyError, TypeError):
            tell(found, "event-line", "A line of the event log is no event with name, id and properties.")
            continue
        found["emitted"][name] = found["emitted"].get(name, 0) + 1
        seen.setdefault(name, set()).add(id_)
        if name in schemas and not found["rows"][20:]:
            for error in jsonschema.validators.validator_for(schemas[name])(schemas[name]).iter_errors(properties):
                tell(found, "event-differs", f"{name} was sent with {error.json_path}: {error.message[:140]}")
    found["ids"] = {name: len(ids) for name, ids in seen.items()}


def tell(found: dict[str, Any], rule: str, message: str) -> None:
    row = {"path": "analytics/plan.json", "rule": rule, "severity": "high", "message": message}
    if row not in found["rows"]:
        found["rows"].append(row)


if __name__ == "__main__":
    main(sys.argv[1])
