"""What a check found wrong: where, what, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.workflow.options import Methodology
from services.workflow.tasks import owner_of, tasks_for


class Severity(StrEnum):
    """Worst first. What is at least HIGH fails its check; the rest is told."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


_BLOCKING = (Severity.CRITICAL, Severity.HIGH)
MOST_KEPT = 200


@dataclass(frozen=True)
class Finding:
    """`rule`: the tool's or our own short name of what was broken, such as B602 or flag-share. `place`: a path, with `:line`
    where there is one, or a record such as AL-3. `advice`: what to do. `task`: the task that owns the place.
    """

    rule: str
    severity: Severity
    place: str
    message: str
    advice: str
    task: str

    @property
    def is_blocking(self) -> bool:
        return self.severity in _BLOCKING


def found_in(
    path: str, rule: str, message: str, advice: str, *, severity: Severity = Severity.HIGH, line: int | None = None
) -> Finding:
    """A finding in a file of the workspace, for the task that owns it."""
    place = f"{path}:{line}" if line else path
    return Finding(rule, severity, place, message, advice, owner_of(tasks_for(Methodology.TDD), path) or "")


def finding_of(row: Mapping[str, str]) -> Finding:
    """Of a row as evidence keeps it."""
    words = {name: text for name, text in row.items() if name != "severity"}
    return Finding(severity=Severity(row["severity"]), **words)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """At most `MOST_KEPT`, so that a hostile file cannot fill the database; the worst are kept."""
    order = list(Severity)
    return tuple(sorted(findings, key=lambda f: (order.index(f.severity), f.place, f.rule)))[:MOST_KEPT]


def told(findings: Iterable[Finding]) -> str:
    """How many there are and where the worst is, as the end of a sentence: "2 findings; the first in app/x.py:3: ..."."""
    rows = worst_first(findings)
    first = rows[0]
    many = f"{len(rows)} findings, the worst" if len(rows) > 1 else "1 finding"
    return f"{many} in {first.place}: {first.message}"
