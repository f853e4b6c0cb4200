"""Runs a script of `harness/` with the tools' environment in the sandbox, and reads what it wrote with suspicion."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.evidence.environments import Environments
from services.evidence.findings import Finding, Severity, found_in
from services.evidence.grounds import find_ground
from services.evidence.sandbox import Limits, SandboxResult, run_isolated

HARNESS = Path(__file__).parent / "harness"
FOUND = "found.json"


def run_tool(
    script: str,
    files: Mapping[str, bytes],
    environments: Environments,
    *,
    allow_unsandboxed: bool = False,
    arguments: Sequence[str] = (),
    results: Iterable[str] = (),
    variables: Mapping[str, str] | None = None,
    with_runtime: bool = False,
    needs_loopback: bool = False,
    limits: Limits | None = None,
) -> SandboxResult | str:
    """What came of it, or one sentence that says why it could not run.

    The script stands in the files' folder and leaves `found.json` there, besides `results`. `with_runtime`: it may read the
    environment of generated code too, whose folder is then its first argument. `needs_loopback`: it asks a running service.
    """
    ground = find_ground(environments.tools, allow_unsandboxed=allow_unsandboxed, needs_loopback=needs_loopback)
    if isinstance(ground, str):
        return ground
    readonly, words = [HARNESS], list(arguments)
    if with_runtime:
        runtime = find_ground(environments.runtime, allow_unsandboxed=allow_unsandboxed)
        if isinstance(runtime, str):
            return runtime
        readonly.append(runtime.environment)
        words.insert(0, str(runtime.environment))
    return run_isolated(
        ["-P", str(HARNESS / script), *words],
        files=files,
        environment=ground.environment,
        level=ground.level,
        readonly=readonly,
        results=[FOUND, *results],
        variables={"PYTHONPATH": str(HARNESS), **(variables or {})},
        limits=limits or Limits(),
    )


def read_found(result: SandboxResult, name: str = FOUND) -> dict[str, Any]:
    """The object that the script wrote.

    Raises: ValueError with the last line of the log when there is none, so that a broken tool is never taken for a clean one.
    """
    data = result.results.get(name)
    if result.exit_code != 0 or data is None:
        said = (result.output.strip().splitlines() or [result.ended])[-1]
        raise ValueError(f"{said[:200]}")
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("what the tool wrote is not an object")  # noqa: TRY004  (its content is wrong, not its use)
    return found


def read_findings(rows: Any) -> tuple[Finding, ...]:
    """Findings as a script writes them: rule, severity, path, message, advice, and line where there is one.

    Raises: ValueError for any other shape.
    """
    try:
        return tuple(
            found_in(
                str(row["path"]),
                str(row["rule"]),
                str(row["message"]),
                str(row["advice"]),
                severity=Severity(row["severity"]),
                line=int(row["line"]) if row.get("line") else None,
            )
            for row in rows
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"a finding cannot be read: {error!r}") from error
