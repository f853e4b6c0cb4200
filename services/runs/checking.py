"""The checks that an agent may ask for while it works: those of the gates, over its files as they are now.

What it sees is no evidence: a gate measures again, over the files that were handed over.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.agents.engine import Brief, Checked
from services.criteria.subjects import places_in
from services.evidence import contracts, delivery, migrations, monitoring, page_pictures, source_scans
from services.evidence.environments import find_environments
from services.evidence.measurements import Measurement
from services.evidence.papers import documents
from services.evidence.registry import CHECKS, Check
from services.evidence.rounds import run_check
from services.evidence.subjects import Subject
from services.settings import Settings
from services.workflow.tasks import PHASES, TESTS_RED, Task, owner_of, tasks_for

# Task -> the checks that look at what it writes, and need no records of it to be right.
CHECKS_OF: dict[str, tuple[str, ...]] = {
    "tests-red": ("tests_red",),
    "backend": ("tests", contracts.CHECK, migrations.CHECK, source_scans.SOURCE),
    "frontend": (page_pictures.CHECK,),
    "tests": ("tests",),
    "security": (source_scans.SOURCE, source_scans.SECRETS),
    "performance": (contracts.CHECK, migrations.CHECK, source_scans.SOURCE),
    "deployment": (delivery.PIPELINE, delivery.MANIFESTS),
    "observability": (monitoring.CHECK,),
    "documentation": (documents.CHECK,),
}
# Without files below the folder there is nothing to run: only under tdd are there tests before the code.
_NEEDS = {"tests": "tests/"}
# No further check of one call begins after this; each has its own limit besides.
CALL_SECONDS = 240.0
_TIME_IS_UP = "Not run: the time for one call was up."
# Four agents at once would measure each other, and the memory of the machine.
_bench = threading.Lock()


def check_work(
    settings: Settings, brief: Brief, files: Mapping[str, bytes], *, is_stopped: Callable[[], bool]
) -> tuple[Checked, ...]:
    """`files`: everything that the task has written so far. Raises nothing that a check does wrong."""
    subject = _subject(settings, brief, files)
    due = [check for check in CHECKS if check.name in CHECKS_OF.get(brief.task.key, ()) and _is_due(check, subject)]
    while due and not _bench.acquire(timeout=1.0):
        if is_stopped():
            return ()
    try:
        return tuple(_run(due, subject, is_stopped))
    finally:
        if due:
            _bench.release()


def _is_due(check: Check, subject: Subject) -> bool:
    folder = _NEEDS.get(check.name)
    has_files = folder is None or any(path.startswith(folder) for path in subject.files)
    return has_files and subject.request.methodology in check.methodologies


def _run(due: list[Check], subject: Subject, is_stopped: Callable[[], bool]) -> Iterator[Checked]:
    until = time.monotonic() + CALL_SECONDS
    for check in due:
        if is_stopped() or time.monotonic() > until:
            yield Checked(check.name, "not_measured", _TIME_IS_UP)
        else:
            yield _told(run_check(check, subject))


def _subject(settings: Settings, brief: Brief, written: Mapping[str, bytes]) -> Subject:
    """Only what the task can see, so that its revision follows from nothing else."""
    graph = tasks_for(brief.request.methodology)
    files = {**brief.files, **written}
    early = {task.key for task in graph if task.phase < len(PHASES)}
    records = {key: result.records for key, result in brief.inputs.items()}
    return Subject(
        request=brief.request,
        understanding=brief.understanding,
        files=files,
        tested=_of(graph, files, early),
        before_code=_of(graph, files, {"architecture", TESTS_RED.key}),
        unchanged=_of(graph, dict(brief.files), early),
        records=records,
        environments=find_environments(settings.environments_dir),
        allow_unsandboxed=settings.allow_unsandboxed,
        rules=places_in(records.get("backend", {})),
    )


def _of(graph: tuple[Task, ...], files: Mapping[str, bytes], keys: set[str]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if owner_of(graph, path) in keys}


def _told(found: Measurement) -> Checked:
    rows = [{"place": f.place, "message": f.message, "advice": f.advice} for f in found.findings]
    rows += _unproven(found.figures) if found.check == "tests" else []
    return Checked(
        found.check, found.outcome, found.reason, tuple(rows), "" if found.outcome == "passed" else found.log
    )


def _unproven(figures: Mapping[str, Any]) -> list[dict[str, str]]:
    """Criteria that no test proves."""
    return [
        {"place": criterion, "message": judged["reason"], "advice": "Mend its tests, or the place that keeps it."}
        for criterion, judged in figures.get("criteria", {}).items()
        if judged["outcome"] == "not_covered"
    ]
