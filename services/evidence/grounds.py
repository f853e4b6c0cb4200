"""Where checks may run the workspace's code on this machine, or why they may not."""

from dataclasses import dataclass
from pathlib import Path

from services.evidence.sandbox import IsolationLevel, probe

_NO_ENVIRONMENT = "The environment for generated tests is missing; `make run` builds it."


@dataclass(frozen=True)
class Ground:
    environment: Path
    level: IsolationLevel


def find_ground(environment: Path | None, *, allow_unsandboxed: bool) -> Ground | str:
    """The ground, or one sentence that says what is missing."""
    found = probe()
    if found.problem and not allow_unsandboxed:
        return f"No sandbox: {found.problem}"
    if environment is None:
        return _NO_ENVIRONMENT
    return Ground(environment, found.level)
