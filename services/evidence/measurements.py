"""What a check hands back, whatever it checked."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from services.evidence.environments import locked_version
from services.evidence.findings import Finding, told, worst_first
from services.evidence.sandbox import SandboxResult

MeasuredOutcome = Literal["passed", "failed", "not_measured"]
LOG_MAX = 256 * 1024
# The isolation of a check that runs nothing of what it looks at.
ONLY_READ = "nothing was run"
# The isolation of what was measured on another machine, by whatever was there.
FROM_OUTSIDE = "from outside"


def storable(log: str) -> str:
    """The end of a raw log, without what a database refuses."""
    return log[-LOG_MAX:].replace("\x00", "\ufffd")


def percent_words(percent: float) -> str:
    """Rounded down, so that a figure just below a limit never reads like the limit."""
    return f"{math.floor(percent * 100) / 100:.2f} %"


@dataclass(frozen=True)
class Measurement:
    """`reason`: one plain sentence with the figure. `enforced`: part of the sandbox -> how, or "not enforced".
    `files`: what it leaves besides the figures, kept below the evidence; no figure may have that name.
    """

    check: str
    tool: str
    tool_version: str
    isolation: str
    enforced: Mapping[str, str]
    outcome: MeasuredOutcome
    reason: str
    figures: Mapping[str, Any]
    log: str
    duration_seconds: float
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        """Raises: ValueError for a figure that would stand where evidence keeps the id of its files."""
        if "files" in self.figures:
            raise ValueError("a figure may not be named files")


def measured(
    result: SandboxResult,
    *,
    check: str,
    tool: str,
    outcome: MeasuredOutcome,
    reason: str,
    figures: Mapping[str, Any],
    files: Mapping[str, bytes] | None = None,
    findings: Iterable[Finding] = (),
) -> Measurement:
    """What a command in the sandbox has shown. `tool`: a package of an environment for checks."""
    return Measurement(
        check=check,
        tool=tool,
        tool_version=locked_version(tool),
        isolation=result.level.value,
        enforced=result.enforced,
        outcome=outcome,
        reason=reason,
        figures=figures,
        log=storable(result.output),
        duration_seconds=result.duration_seconds,
        files=files or {},
        findings=worst_first(findings),
    )


def judged(findings: Iterable[Finding], praise: str) -> tuple[MeasuredOutcome, str]:
    """What findings say of a check: it fails by any of high severity; lesser ones are told beside the praise."""
    rows = worst_first(findings)
    if any(finding.is_blocking for finding in rows):
        return "failed", told(rows)
    return "passed", f"{praise} Told and not judged: {told(rows)}" if rows else praise


def only_read(
    check: str,
    version: int,
    *,
    outcome: MeasuredOutcome,
    reason: str,
    figures: Mapping[str, Any],
    findings: Iterable[Finding],
) -> Measurement:
    """What was found by reading text, without running any of it. `version`: of the check itself, which is its tool."""
    found = worst_first(findings)
    return Measurement(
        check, "greenlight", str(version), ONLY_READ, {}, outcome, reason, figures, "", 0.0, findings=found
    )


def as_rows(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """As evidence keeps them."""
    return [{**asdict(finding), "severity": finding.severity.value} for finding in findings]


def not_measured(check: str, tool: str, reason: str) -> Measurement:
    """Nothing was run, and why."""
    return Measurement(check, tool, "", "none", {}, "not_measured", reason, {}, "", 0.0)
