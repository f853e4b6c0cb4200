"""What a check hands back, whatever it checked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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
