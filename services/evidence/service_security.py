"""The check of the running service: each role on each operation, strangers, hostile requests and headers."""

from typing import Any

from services.evidence.grounds import find_ground
from services.evidence.loads import loaded
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.sandbox import run_isolated
from services.evidence.subjects import Subject
from services.evidence.tool_runs import FOUND, HARNESS, read_findings, read_found

CHECK, TOOL = "service_security", "uvicorn"
VERSION = 2
_ADVICE = {
    "role-not-refused": "Refuse every role that the contract does not name, before the record is read.",
    "role-refused": "Let the roles in that the contract names.",
    "caller-not-refused": "Check signature, algorithm and end of the token on each request.",
    "server-error": "Refuse what is no valid value with 422, before it reaches the database.",
    "answer-leaks": "Answer with a problem document that says nothing of the inside.",
    "sensitive-in-log": "Log the id of the record, never what people wrote into it.",
    "sensitive-in-events": "Leave the field out of the event; who needs it asks for the record.",
    "header-missing": "Send the header with every answer.",
}


def measure_service_security(subject: Subject) -> Measurement:
    """Figures: `matrix`, a row per role and operation with what was expected and the status that came; `requests`;
    `marked`, the sensitive fields that were written and looked for in log and events, as entity.field.
    """
    ground = find_ground(subject.environments.runtime, allow_unsandboxed=subject.allow_unsandboxed, needs_loopback=True)
    if isinstance(ground, str):
        return not_measured(CHECK, TOOL, ground)
    files = loaded(subject)
    if missing := [path for path in ("app/main.py", "design/architecture.json") if path not in files]:
        return not_measured(CHECK, TOOL, f"There is no {missing[0]}, so it is not known what to ask the service.")
    result = run_isolated(
        ["-P", str(HARNESS / "access_rounds.py")],
        files=files,
        environment=ground.environment,
        level=ground.level,
        readonly=[HARNESS],
        results=[FOUND],
        variables={"PYTHONPATH": str(HARNESS)},
    )
    about: dict[str, Any] = {"check": CHECK, "tool": TOOL}
    try:
        found = read_found(result)
        findings = read_findings([{**row, "advice": _ADVICE[row["rule"]]} for row in found["rows"]])
        matrix, requests = list(found["matrix"]), int(found["requests"])
        marked = sorted({str(name) for name in found["marked"]})
    except (ValueError, KeyError, TypeError) as error:
        return measured(
            result, outcome="failed", reason=f"The service could not be asked: {error}.", figures={}, **about
        )
    if not matrix:
        return measured(result, outcome="failed", reason="The design names no operation to try.", figures={}, **about)
    operations = len({row["operation"] for row in matrix})
    praise = (
        f"{len(matrix)} pairs of role and operation were tried on {operations} operations, and strangers, forged tokens and hostile "
        f"values in {requests} requests: each got what the contract says, none an answer of 500."
    )
    if marked:
        praise += f" What was written into {len(marked)} sensitive {'fields' if marked[1:] else 'field'} stands in no log and no event."
    outcome, reason = judged(findings, praise)
    figures = {"matrix": matrix, "requests": requests, "marked": marked}
    return measured(result, outcome=outcome, reason=reason, figures=figures, findings=findings, **about)
