"""The check of migrations: up, down and up again, one by one and together, and the models' schema at the end. On SQLite."""

from typing import Any

from services.evidence.findings import found_in
from services.evidence.grounds import find_ground
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.sandbox import run_isolated
from services.evidence.subjects import Files, Subject
from services.evidence.tool_runs import FOUND, HARNESS, read_findings, read_found

CHECK, TOOL = "migrations", "alembic"
VERSION = 1
_NEEDED, _FOLDER = "alembic.ini", "migrations/"
_ADVICE = "Write the migration so that it goes up and down, and leaves the schema of the models."


def migrated(subject: Subject) -> Files:
    """What decides the schema."""
    places = ("app/", _FOLDER, _NEEDED, "flags/")
    return {path: data for path, data in subject.tested.items() if path.startswith(places)}


def measure_migrations(subject: Subject) -> Measurement:
    """Figures: `revisions` and `tables`."""
    ground = find_ground(subject.environments.runtime, allow_unsandboxed=subject.allow_unsandboxed)
    if isinstance(ground, str):
        return not_measured(CHECK, TOOL, ground)
    files = migrated(subject)
    if _NEEDED not in files:
        return not_measured(CHECK, TOOL, "There is no alembic.ini, so there is nothing to migrate.")
    result = run_isolated(
        ["-P", str(HARNESS / "migration_rounds.py")],
        files=files,
        environment=ground.environment,
        level=ground.level,
        readonly=[HARNESS],
        results=[FOUND],
        variables={"SIGN_IN": "local", "TOKEN_SECRET": "only-for-this-check-and-nothing-else"},
    )
    about: dict[str, Any] = {"check": CHECK, "tool": TOOL}
    try:
        found = read_found(result)
        findings = read_findings([{**row, "advice": _ADVICE} for row in found["rows"]])
        revisions, tables = int(found["revisions"]), int(found["tables"])
    except (ValueError, KeyError, TypeError) as error:
        reason = f"The migrations could not be tried: {error}."
        broken = [found_in(_FOLDER, "migrations-broken", reason, _ADVICE)]
        return measured(result, outcome="failed", reason=reason, figures={}, findings=broken, **about)
    some = "1 migration goes" if revisions == 1 else f"{revisions} migrations together go"
    outcome, reason = judged(
        findings, f"{some} up, down and up again on SQLite; at the end the {tables} tables are those of the models."
    )
    figures = {"revisions": revisions, "tables": tables}
    return measured(result, outcome=outcome, reason=reason, figures=figures, findings=findings, **about)
