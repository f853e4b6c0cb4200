"""What a file from outside says, in one shape for every format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.evidence.findings import Finding, Severity
from services.evidence.measurements import MeasuredOutcome


class UnreadableFile(ValueError):
    """The file is none of the formats, or is broken; the message says what to bring instead."""


@dataclass(frozen=True)
class Told:
    """`check`: what it is evidence of. `revisions`: ids of trees or commits that the file itself names.

    `packages`: (name, version) of everything that an audit looked at.
    """

    check: str
    tool: str
    tool_version: str
    outcome: MeasuredOutcome
    reason: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    revisions: frozenset[str] = frozenset()
    packages: frozenset[tuple[str, str]] = frozenset()


# Words of other tools for how bad something is.
SEVERITIES = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "error": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "warning": Severity.MEDIUM,
}


def severity_of(word: object, score: object = None) -> Severity:
    """By its CVSS score where it has one (from 9 critical, from 7 high, from 4 medium), else by its word.

    Source: CVSS 3.1 and 4.0, qualitative severity rating scale.
    """
    try:
        number = float(str(score))
    except ValueError:
        return SEVERITIES.get(str(word).lower(), Severity.LOW)
    limits = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
    return next((severity for limit, severity in limits if number >= limit), Severity.LOW)


def text(value: object, most: int = 300) -> str:
    """A text of a file that nobody here wrote: one line of printable characters."""
    return "".join(c if c.isprintable() else " " for c in str(value if value is not None else ""))[:most].strip()


def rows(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing where it is none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def part(value: object, key: str) -> Mapping[str, Any]:
    """An object inside an object; an empty one where there is none."""
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}
