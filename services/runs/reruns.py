"""What a change sends through the graph again, and the segment in which it goes. Inside the caller's transaction.

A task is asked again when a task that it reads was, directly or through others; whether it makes anything new is found
when its turn comes, by what its revision has read (`work.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import tasks_of
from db.tables import Outbox, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.agents.reads import sources
from services.deps import Deps
from services.runs.segments import UPSTREAM, todo_of
from services.workflow.tasks import Task as Step
from services.workflow.tasks import seen_by

# A workflow id is spent once a task was queued under it.
_SPENT = (TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.PARKED, TaskStatus.FAILED)


def ask_again(
    task: Task,
    *,
    cause: str,
    asked_id: UUID | None,
    remarks: Sequence[str] = (),
    findings: Iterable[Mapping[str, str]] = (),
) -> None:
    """The next revision of a task that is done, the next attempt of one that is not."""
    if task.status is TaskStatus.DONE:
        task.revision, task.attempt, task.status = task.revision + 1, task.kept + 1, TaskStatus.PENDING
    task.cause, task.remarks, task.asked_id, task.error = cause, list(remarks), asked_id, None
    task.threads, task.findings = [], [dict(finding) for finding in findings]


def ask_upstream(rows: Mapping[str, Task], keys: set[str], asked_id: UUID | None) -> list[Task]:
    """Asks those of the tasks that are done whether anything that they read has changed."""
    found = [rows[key] for key in sorted(keys) if rows[key].status is TaskStatus.DONE]
    for task in found:
        ask_again(task, cause=UPSTREAM, asked_id=asked_id)
    return found


def go_on(session: Session, deps: Deps, run: Run, phase: int) -> list[str]:
    """The run works on the phase: the keys of what is not done there, queued in a new segment."""
    rows = tasks_of(session, run.id)
    unfinished = [task for task in rows.values() if task.status is not TaskStatus.DONE and task.phase >= phase]
    for task in unfinished:
        task.attempt += task.status in _SPENT
        task.error = None
        task.status = TaskStatus.QUEUED if task.phase == phase else TaskStatus.PENDING
        task.queued_at = deps.now() if task.phase == phase else None
        session.add(task)
    run.status, run.reason, run.phase, run.segment = RunStatus.RUNNING, None, phase, run.segment + 1
    session.add(run)
    numbers = {task.key: (task.revision, task.attempt) for task in unfinished if task.phase == phase}
    session.add(Outbox(run_id=run.id, segment=run.segment, todo=todo_of(numbers, numbers), created_at=deps.now()))
    return list(numbers)


def can_reach(graph: Sequence[Step], reads: Mapping[str, Mapping[str, str] | None], begin: set[str]) -> set[str]:
    """Those that a change of the tasks in `begin` can reach through what was really read.

    `reads`: task key -> what its current revision read, for the tasks that have one; None: not known, so anything that it sees.
    """
    reached = set(begin)
    for step in graph:
        if step.key not in reads:
            continue
        seen, read = seen_by(graph, step.key), reads[step.key]
        known = seen if read is None else {key for part in read for key in sources(graph, part)} & seen
        if known & reached:
            reached.add(step.key)
    return reached
