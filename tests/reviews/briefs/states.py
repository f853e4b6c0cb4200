"""Two states of a run, made of what the blueprint makes of a request of the corpus, without a database."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from services.criteria.traceability import trace
from services.criteria.views import AcceptanceView
from services.evidence.subjects import Subject
from services.reviews.briefs.sections import Approved, Situation
from services.reviews.briefs.seen import Made, Seen, SeenCheck, SeenFile
from services.workflow.options import Methodology
from services.workflow.tasks import owner_of, tasks_for

TASKS = {task.key: task for task in tasks_for(Methodology.TDD)}
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def up_to(subject: Subject, phase: int) -> set[str]:
    """The tasks that have worked when the run stands at the gate of a phase."""
    return {key for key in subject.records if TASKS[key].phase <= phase}


def checks_of(subject: Subject) -> dict[str, SeenCheck]:
    """As if the tests had been run and every criterion with rules were covered."""
    covered = {
        c.id: {"outcome": "covered", "reason": "", "tests": []} for c in subject.understanding.criteria if c.rules
    }
    return {
        "tests": SeenCheck("passed", "29 of 29 tests pass.", {"criteria": covered}, ()),
        "source_scan": SeenCheck("passed", "Nothing was found.", {}, ()),
    }


def states(
    before: Subject | None,
    after: Subject,
    *,
    phase: int = 4,
    approved: int = 4,
    checks: tuple[Mapping[str, SeenCheck], Mapping[str, SeenCheck]] | None = None,
    verdicts: tuple[Mapping[str, tuple[str, str]], Mapping[str, tuple[str, str]]] = ({}, {}),
) -> tuple[Seen, Seen]:
    """What somebody approved at the gate of `approved`, and what is shown at that of `phase`."""
    old = _files(before, up_to(before, approved)) if before else {}
    new = _files(after, up_to(after, phase))
    changed = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    was, now = checks or ((checks_of(before), checks_of(after)) if before else ({}, checks_of(after)))
    return (
        _seen(before, up_to(before, approved) if before else (), old, changed, was, verdicts[0]),
        _seen(after, up_to(after, phase), new, changed, now, verdicts[1]),
    )


def situation(
    before: Subject | None, after: Subject, *, phase: int = 4, approved: int = 4, **more: object
) -> Situation:
    was, now = states(before, after, phase=phase, approved=approved, **more)  # type: ignore[arg-type]
    return Situation(
        phase=phase,
        approved=Approved(approved, AT) if before else None,
        before=was,
        after=now,
        traces=trace(after, acceptance_of(after)).lines,
        undecided=tuple(c.id for c in after.understanding.criteria if not c.rules),
    )


def acceptance_of(subject: Subject) -> list[AcceptanceView]:
    return [
        AcceptanceView(c.id, c.story, c.text, c.stated, "covered", "", (), is_for_people=not c.rules, word="")
        for c in subject.understanding.criteria
    ]


def _seen(
    subject: Subject | None,
    tasks: Collection[str],
    files: Mapping[str, bytes],
    changed: Collection[str],
    checks: Mapping[str, SeenCheck],
    verdicts: Mapping[str, tuple[str, str]],
) -> Seen:
    records = subject.records if subject else {}
    return Seen(
        made={
            key: Made(1, json.dumps([records[key], _own(files, key)], sort_keys=True), records[key])
            for key in records
            if key in tasks
        },
        files={path: SeenFile(_owner(path), 1, data.decode()) for path, data in files.items() if path in changed},
        checks=dict(checks),
        verdicts=dict(verdicts),
    )


def _files(subject: Subject, tasks: Collection[str]) -> dict[str, bytes]:
    return {path: data for path, data in subject.files.items() if _owner(path) in tasks}


def _own(files: Mapping[str, bytes], task: str) -> dict[str, str]:
    return {path: data.decode() for path, data in files.items() if _owner(path) == task}


def _owner(path: str) -> str:
    return owner_of(TASKS.values(), path) or ""
