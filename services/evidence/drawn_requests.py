"""The check by drawn requests: whatever the contract allows to be asked, the running service answers as the contract says."""

from typing import Any

from services.evidence.loads import loaded
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.subjects import Subject
from services.evidence.tool_runs import read_findings, read_found, run_tool

CHECK, TOOL = "drawn_requests", "schemathesis"
VERSION = 1
_ADVICE = "Answer as the contract says, or change the contract; a value that cannot be kept is refused with 422."
_NEEDED = ("app/main.py", "design/openapi.json", "design/architecture.json")


def measure_drawn_requests(subject: Subject) -> Measurement:
    """Figures: `operations` that were asked, `requests` that were put to them."""
    files = loaded(subject)
    if missing := [path for path in _NEEDED if path not in files]:
        return not_measured(CHECK, TOOL, f"There is no {missing[0]}, so it is not known what to ask the service.")
    result = run_tool(
        "schema_rounds.py",
        files,
        subject.environments,
        allow_unsandboxed=subject.allow_unsandboxed,
        with_runtime=True,
        needs_loopback=True,
    )
    if isinstance(result, str):
        return not_measured(CHECK, TOOL, result)
    about: dict[str, Any] = {"check": CHECK, "tool": TOOL}
    try:
        found = read_found(result)
        findings = read_findings([{**row, "advice": _ADVICE} for row in found["rows"]])
        figures = {"operations": int(found["operations"]), "requests": int(found["requests"])}
    except (ValueError, KeyError, TypeError) as error:
        return measured(
            result, outcome="failed", reason=f"The service could not be asked: {error}.", figures={}, **about
        )
    if not figures["requests"]:
        return measured(result, outcome="failed", reason="The contract has nothing to ask.", figures=figures, **about)
    praise = (
        f"{figures['requests']} requests, drawn from the contract, were put to its {figures['operations']} operations: "
        "each answer has the shape that the contract names, none is a 500."
    )
    outcome, reason = judged(findings, praise)
    return measured(result, outcome=outcome, reason=reason, figures=figures, findings=findings, **about)
