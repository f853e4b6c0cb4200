"""What step 9 changed, measured: the service without and with it, in one sandbox, asked the same."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from services.evidence.findings import Finding, Severity
from services.evidence.grounds import find_ground
from services.evidence.measurements import MeasuredOutcome, Measurement, measured, not_measured
from services.evidence.sandbox import Limits, run_isolated

CHECK, TOOL = "optimisation", "uvicorn"
_HARNESS = Path(__file__).parent / "harness"
_NEEDED = ("app/main.py", "design/openapi.json", "web/tests/journey.json")
_FOUND = "found.json"
# Those that a machine's mood does not change: what is judged. Times are told beside them.
JUDGED = {
    "statements": "database calls",
    "instructions": "instructions of the database",
    "bytes": "bytes on the wire",
}
TOLD = {**JUDGED, "milliseconds": "milliseconds"}
_FAILED: MeasuredOutcome = "failed"
_ADVICE = "Change it so that every answer stays the same and costs less, or delete it, so that the file of the earlier step stands."
# SQLite counts from one statement to the next, so that some of one are counted with another.
_UNSURE = {"instructions": 1_000}


def measure_change(
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    *,
    environment: Path | None,
    allow_unsandboxed: bool = False,
) -> Measurement:
    """Passes when every answer is the same, and over all of them nothing costs more and something costs less.

    Figures: `requests`, a row for each kind of request: name, whether the answers are the same, and per side its status,
    what is judged, and the median of milliseconds.
    """
    ground = find_ground(environment, allow_unsandboxed=allow_unsandboxed, needs_loopback=True)
    if isinstance(ground, str):
        return not_measured(CHECK, TOOL, ground)
    if all(after.get(path) == data for path, data in before.items()):
        return not_measured(CHECK, TOOL, "Step 9 changed nothing in the code.")
    if missing := [path for path in _NEEDED if path not in after]:
        return not_measured(CHECK, TOOL, f"There is no {missing[0]}, so it is not known what to ask the service.")
    sides = {"before": before, "after": after}
    result = run_isolated(
        ["-P", str(_HARNESS / "before_and_after.py")],
        files={f"{side}/{path}": data for side, files in sides.items() for path, data in files.items()},
        environment=ground.environment,
        level=ground.level,
        readonly=[_HARNESS],
        results=[_FOUND],
        variables={"PYTHONPATH": str(_HARNESS), "FEATURE_FORCE": "on", "SIGN_IN": "local"},
        limits=Limits(memory_mb=None),
    )
    rows = _read(result.results.get(_FOUND, b""))
    about: Any = {"check": CHECK, "tool": TOOL, "figures": {"requests": rows, "peak_memory_mb": result.peak_memory_mb}}
    if result.exit_code != 0 or not rows:
        said = (result.output.strip().splitlines() or [result.ended])[-1]
        outcome, reason = _FAILED, f"The two services could not be compared: {said[:200]}."
    else:
        outcome, reason = _judged(rows)
    changed = sorted(path for path, data in before.items() if after.get(path) != data)
    findings = [_finding(path, reason) for path in changed] if outcome == _FAILED else []
    return measured(result, outcome=outcome, reason=reason, findings=findings, **about)


def _finding(path: str, reason: str) -> Finding:
    return Finding("optimisation-fails", Severity.HIGH, path, reason, _ADVICE, "performance")


def _judged(rows: Sequence[Mapping[str, Any]]) -> tuple[MeasuredOutcome, str]:
    other = [row["name"] for row in rows if not row["is_same"]]
    if other:
        more_of_them = f", and so are {len(other) - 1} more" if len(other) > 1 else ""
        return "failed", f"“{other[0]}” is answered otherwise than before{more_of_them}."
    sums = {figure: _sums(rows, figure) for figure in JUDGED}
    more, less = (
        [
            f"{JUDGED[figure]} {before:,} to {after:,}"
            for figure, (before, after) in sums.items()
            if sign * (after - before) > _UNSURE.get(figure, 0)
        ]
        for sign in (1, -1)
    )
    if more:
        return "failed", f"It costs more than before over {len(rows)} kinds of request: {', '.join(more)}."
    if not less:
        return "failed", f"All {len(rows)} kinds of request cost what they did before, so the change only adds code."
    return "passed", f"{len(rows)} kinds of request are answered as before, for less: {', '.join(less)}."


def _sums(rows: Sequence[Mapping[str, Any]], figure: str) -> tuple[int, int]:
    before, after = (sum(row[side][figure] for row in rows) for side in ("before", "after"))
    return before, after


def _read(data: bytes) -> list[dict[str, Any]]:
    """What the harness wrote. The workspace's own code ran beside it, so that nothing is believed of its shape."""
    try:
        rows = json.loads(data or b"[]")
    except ValueError:
        return []
    return [row for row in rows if _is_row(row)] if isinstance(rows, list) else []


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not isinstance(row.get("is_same"), bool):
        return False
    sides = [row.get("before"), row.get("after")]
    return all(isinstance(s, dict) and all(isinstance(s.get(f), int) for f in JUDGED) for s in sides)
