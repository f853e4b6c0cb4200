"""Runs in the sandbox: requests that schemathesis draws from the contract, put to the running service; writes `found.json`.

First argument: the environment of generated code. The draw is the same each time. An operation is asked as its first role.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from page_journey import moment, read_plan
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from service_calls import ADDRESS, Service, running

EXAMPLES = 10
# The others fail for every service of the framework: an Allow header with 405, a 400 for a body that is no JSON.
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
DRAWS = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)
LOG = Path("service.log")
set_hypothesis_home_dir(Path(sys.prefix, "hypothesis"))  # where services/evidence/environments.py left its tables


def main(runtime: str) -> None:
    command = [str(Path(runtime) / "bin" / "python"), "-m", "uvicorn", "app.main:app", "--port", "8000", "--no-access-log"]  # fmt: skip
    settings = {"SIGN_IN": "local", "FEATURE_FORCE": "on", "PYTHONPATH": str(Path.cwd())}
    found: dict[str, Any] = {"rows": [], "operations": 0, "requests": 0}
    with running(command, f"{ADDRESS}/health", variables=settings, log=LOG) as answers:
        if not answers:
            sys.exit("the service does not answer")
        ask(found)
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


def ask(found: dict[str, Any]) -> None:
    service = Service()
    made = service.make_planned(read_plan(Path()) or {"records": []}, moment)
    design = json.loads(Path("design/architecture.json").read_text(encoding="utf-8"))
    operations = {(op["method"], op["path"]): op for op in design["operations"]}
    for drawn in schemathesis.openapi.from_dict(service.contract).get_all_operations():
        operation = drawn.ok()
        planned = operations.get((operation.method.upper(), operation.path))
        if planned is not None:
            found["operations"] += 1
            probe(found, service, operation, planned, made.get(planned["resource"], []))


def probe(found: dict[str, Any], service: Service, operation: Any, planned: Mapping[str, Any], ids: list[int]) -> None:
    """Half of the requests are about a record that is there."""
    role = planned["roles"][0]
    headers = {"Authorization": f"Bearer {service.token('somebody', role)}", "X-Role": role, "X-User": "somebody"}

    @DRAWS
    @hypothesis.given(operation.as_strategy())
    def put(case: Any) -> None:
        found["requests"] += 1
        if ids and found["requests"] % 2 and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = ids[0]
        try:
            case.validate_response(case.call(base_url=ADDRESS, headers=headers, timeout=10), checks=CHECKS)
        except (FailureGroup, Failure) as failure:
            for one in getattr(failure, "exceptions", [failure]):
                tell(found, f"{operation.method.upper()} {operation.path}", case, one)

    put()


def tell(found: dict[str, Any], name: str, case: Any, failure: Any) -> None:
    """Each operation and kind of failure once."""
    rule = str(getattr(failure, "code", type(failure).__name__)).replace("_", "-")
    if any((row["rule"], row["operation"]) == (rule, name) for row in found["rows"]):
        return
    body = json.dumps(case.body, default=str)[:160] if isinstance(case.body, dict | list | str | int | float) else ""
    said = " ".join(str(failure.message).split())[:160]
    message = f"{name}, asked as {' '.join((case.formatted_path[:160], body)).strip()}: {failure.title}. {said}".strip()
    found["rows"].append(
        {"path": "app/main.py", "rule": rule, "severity": "high", "message": message, "operation": name}
    )


if __name__ == "__main__":
    main(sys.argv[1])
