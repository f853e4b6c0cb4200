"""Where checks may run the workspace's code on this machine, or why they may not."""

from dataclasses import dataclass
from pathlib import Path

from services.evidence.sandbox import IsolationLevel, probe

_NO_ENVIRONMENT = "An environment for checks is missing; `make run` builds it."


@dataclass(frozen=True)
class Ground:
    environment: Path
    level: IsolationLevel


def find_ground(environment: Path | None, *, allow_unsandboxed: bool, needs_loopback: bool = False) -> Ground | str:
    """The ground, or one sentence that says what is missing. `needs_loopback`: a running service is asked."""
    found = probe()
    if found.problem and not allow_unsandboxed:
        return f"No sandbox: {found.problem}"
    if needs_loopback and found.level is IsolationLevel.LANDLOCK:
        return f"The sandbox here (landlock) has no loopback on which a service could be asked. {found.lacks}"
    if environment is None:
        return _NO_ENVIRONMENT
    return Ground(environment, found.level)
