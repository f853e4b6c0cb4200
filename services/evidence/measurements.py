"""What a check hands back, whatever it checked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.evidence.environments import locked_version
from services.evidence.sandbox import SandboxResult

MeasuredOutcome = Literal["passed", "failed", "not_measured"]
LOG_MAX = 256 * 1024


def storable(log: str) -> str:
    """The end of a raw log, without what a database refuses."""
    return log[-LOG_MAX:].replace("\x00", "\ufffd")


def percent_words(percent: float) -> str:
    """Rounded down, so that a figure just below a limit never reads like the limit."""
    return f"{math.floor(percent * 100) / 100:.2f} %"


@dataclass(frozen=True)
class Measurement:
    """`reason`: one plain sentence with the figure. `enforced`: part of the sandbox -> how, or "not enforced".
    `files`: what it leaves besides the figures, kept below the evidence.
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


def measured(
    result: SandboxResult,
    *,
    check: str,
    tool: str,
    outcome: MeasuredOutcome,
    reason: str,
    figures: Mapping[str, Any],
    files: Mapping[str, bytes] | None = None,
) -> Measurement:
    """What a command in the sandbox has shown. `tool`: a package of the evaluation environment."""
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
    )


def not_measured(check: str, tool: str, reason: str) -> Measurement:
    """Nothing was run, and why."""
    return Measurement(check, tool, "", "none", {}, "not_measured", reason, {}, "", 0.0)
