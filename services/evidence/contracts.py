"""The check of the contract: the OpenAPI document is valid, and is what the application says of itself."""

from typing import Any

from services.evidence.findings import found_in
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.subjects import Files, Subject
from services.evidence.tool_runs import read_findings, read_found, run_tool

CHECK, TOOL = "contract", "openapi-spec-validator"
VERSION = 1
_APPLICATION = "app/main.py"
_NEEDED = ("design/openapi.json", _APPLICATION)


def promised(subject: Subject) -> Files:
    places = ("app/", "design/", "flags/", "web/")
    return {path: data for path, data in subject.tested.items() if path.startswith(places)}


def measure_contract(subject: Subject) -> Measurement:
    """Figures: `operations`, how many the document has."""
    files = promised(subject)
    if missing := [path for path in _NEEDED if path not in files]:
        return not_measured(CHECK, TOOL, f"There is no {missing[0]}, so there is nothing to compare.")
    result = run_tool(
        "contract_rounds.py",
        files,
        subject.environments,
        allow_unsandboxed=subject.allow_unsandboxed,
        with_runtime=True,
    )
    if isinstance(result, str):
        return not_measured(CHECK, TOOL, result)
    about: dict[str, Any] = {"check": CHECK, "tool": TOOL}
    try:
        found = read_found(result)
        advice = "Let the document and the code say the same."
        findings = read_findings([{**row, "advice": advice} for row in found["rows"]])
        operations = int(found["operations"])
    except (ValueError, KeyError, TypeError) as error:
        reason = f"The contract could not be compared: {error}."
        broken = [
            found_in(_APPLICATION, "application-broken", reason, "Make the application start and describe itself.")
        ]
        return measured(result, outcome="failed", reason=reason, figures={}, findings=broken, **about)
    praise = f"The OpenAPI document is valid, and its {operations} operations are those that the application serves, field by field."
    outcome, reason = judged(findings, praise)
    return measured(
        result, outcome=outcome, reason=reason, figures={"operations": operations}, findings=findings, **about
    )
