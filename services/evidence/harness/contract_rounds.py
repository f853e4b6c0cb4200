"""Runs in the sandbox: the contract by its specification, and against what the application says of itself; writes `found.json`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator, validate

_METHODS = ("get", "post", "put", "patch", "delete")


def main(runtime: str) -> None:
    found: dict[str, Any] = {"rows": [], "operations": 0}
    text = Path("design/openapi.json").read_text(encoding="utf-8")
    try:
        contract = json.loads(text)
        validate(contract, cls=OpenAPIV31SpecValidator)
        served = asked(runtime)
    except Exception as error:  # noqa: BLE001  (a dangling reference raises whatever the library likes)
        tell(found, "contract-invalid", f"It is no valid OpenAPI document: {type(error).__name__} {str(error)[:200]}")
    else:
        compare(contract, served, found)
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


def asked(runtime: str) -> dict[str, Any]:
    script = str(Path(__file__).with_name("served_contract.py"))
    done = subprocess.run(  # noqa: S603
        [str(Path(runtime) / "bin" / "python"), script], capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(Path.cwd()), "PATH": "/usr/bin:/bin", "SIGN_IN": "local"},
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"the application cannot be loaded: {(done.stderr.strip().splitlines() or ['no reason'])[-1][:160]}")
    return dict(json.loads(done.stdout))


def compare(contract: dict[str, Any], served: dict[str, Any], found: dict[str, Any]) -> None:
    for path, item in contract["paths"].items():
        for method in (name for name in item if name in _METHODS):
            found["operations"] += 1
            name, other = f"{method.upper()} {path}", served["paths"].get(path, {}).get(method)
            if other is None:
                tell(found, "operation-unserved", f"{name} is promised, and the application does not serve it.")
                continue
            promised = item[method]
            if promised.get("operationId") != other.get("operationId"):
                tell(
                    found,
                    "operation-renamed",
                    f"{name} is {promised.get('operationId')} here and {other.get('operationId')} in the code.",
                )
            answers(name, contract, promised, served, other, found)
            asks(name, contract, promised, served, other, found)


def answers(name: str, contract: Any, promised: Any, served: Any, other: Any, found: dict[str, Any]) -> None:
    codes = {code for code in promised.get("responses", {}) if code.startswith("2")}
    own = {code for code in other.get("responses", {}) if code.startswith("2")}
    if codes != own:
        tell(
            found,
            "status-differs",
            f"{name} promises {', '.join(sorted(codes))}; the code answers {', '.join(sorted(own))}.",
        )
    for code in codes & own:
        here, there = (fields(doc, body(op["responses"][code])) for doc, op in ((contract, promised), (served, other)))
        differ(name, "answers", here, there, found)


def asks(name: str, contract: Any, promised: Any, served: Any, other: Any, found: dict[str, Any]) -> None:
    here, there = (fields(doc, body(op.get("requestBody", {}))) for doc, op in ((contract, promised), (served, other)))
    differ(name, "takes", here, there, found)
    named, known = (
        {p["name"] for p in op.get("parameters", []) if p["in"] in ("query", "path")} for op in (promised, other)
    )
    for parameter in sorted(named - known):
        tell(found, "parameter-unserved", f"{name} promises the parameter {parameter}, which the code does not take.")


def differ(name: str, verb: str, here: set[str], there: set[str], found: dict[str, Any]) -> None:
    if not here or not there:
        return  # one of them says nothing of the shape
    for field in sorted(here - there):
        tell(found, "field-unserved", f"{name} promises the field {field}; the code {verb} none of that name.")
    for field in sorted(there - here):
        tell(found, "field-unpromised", f"{name} {verb} the field {field}, which the contract does not have.")


def body(part: Any) -> Any:
    return part.get("content", {}).get("application/json", {}).get("schema", {})


def fields(document: Any, schema: Any, depth: int = 0) -> set[str]:
    """Names of an object's fields, of a page's items too, following references within the document."""
    if depth > 8 or not isinstance(schema, dict):
        return set()
    if "$ref" in schema:
        return fields(document, document["components"]["schemas"].get(schema["$ref"].rsplit("/", 1)[-1], {}), depth + 1)
    names = set(schema.get("properties", {}))
    items = schema.get("properties", {}).get("items", {}).get("items")
    return names | {f"items.{name}" for name in fields(document, items, depth + 1)} if items else names


def tell(found: dict[str, Any], rule: str, message: str) -> None:
    found["rows"].append({"path": "design/openapi.json", "rule": rule, "severity": "high", "message": message})


if __name__ == "__main__":
    main(sys.argv[1])
