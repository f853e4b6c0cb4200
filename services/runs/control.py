"""Cancel, retry, archive, delete: what people do to a run outside its gates."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import counts_of, end_open_tasks, find_run, mark_sent
from db.tables import Run
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, NotFound
from services.people.events import record_for_team
from services.people.permissions import Action, require
from services.runs.events import record
from services.runs.reruns import go_on
from services.runs.states import check_change

_OPEN = (TaskStatus.PENDING, TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.PARKED, TaskStatus.FAILED)


@dataclass(frozen=True)
class Deletion:
    """What goes when a run or a feature goes. `parts`: noun -> count."""

    title: str
    parts: dict[str, int]

    @property
    def sentence(self) -> str:
        what = ", ".join(f"{count} {noun}" for noun, count in self.parts.items())
        return f"This deletes {self.title} with {what}. It cannot be undone. The ledger of decisions stays. What its calls cost still counts."


def own_run(session: Session, actor: Actor, run_id: UUID) -> Run:
    """The run, locked for a change. Raises: NotFound, also for another team's run."""
    run = find_run(session, actor.team_id, run_id, lock=True)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    return run


def cancel_run(deps: Deps, actor: Actor, *, run_id: UUID) -> None:
    """Stops the run for good; what it made stays readable. Raises: Conflict when it has ended already."""
    require(actor, Action.CANCEL_RUN)
    with deps.session() as session:
        run = own_run(session, actor, run_id)
        check_change(run.status, RunStatus.CANCELLED)
        run.status, run.finished_at = RunStatus.CANCELLED, deps.now()
        session.add(run)
        mark_sent(session, run_id, None, deps.now())
        end_open_tasks(session, run_id, TaskStatus.CANCELLED, _OPEN)
        record(session, deps, actor, run, "run.cancelled")
        session.commit()
    deps.dispatcher.cancel(f"{run_id}:")


def retry_run(deps: Deps, actor: Actor, *, run_id: UUID) -> None:
    """Another attempt at what failed or parked; finished tasks are not touched."""
    require(actor, Action.CANCEL_RUN)
    with deps.session() as session:
        run = own_run(session, actor, run_id)
        if run.status not in (RunStatus.FAILED, RunStatus.PARKED):
            raise Conflict(f"Only a failed or parked run can be retried; this one is {run.status.value}.")
        record(session, deps, actor, run, "run.retried", tasks=sorted(go_on(session, deps, run, run.phase)))
        session.commit()
    deps.dispatcher.dispatch()


def set_archived(deps: Deps, actor: Actor, *, run_id: UUID, archived: bool) -> None:
    """Out of the lists, or back into them. A run that moves cannot be archived."""
    require(actor, Action.ARCHIVE)
    with deps.session() as session:
        run = own_run(session, actor, run_id)
        if archived and run.status is RunStatus.RUNNING:
            raise Conflict("This run is running; cancel it or wait for its gate, then archive it.")
        run.archived_at = deps.now() if archived else None
        session.add(run)
        record(session, deps, actor, run, "run.archived" if archived else "run.unarchived")
        session.commit()


def deletion_of_run(deps: Deps, actor: Actor, *, run_id: UUID) -> Deletion:
    """What `delete_run` would take away."""
    require(actor, Action.DELETE)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        return Deletion(f"run {run.number}", counts_of(session, run_id))


def delete_run(deps: Deps, actor: Actor, *, run_id: UUID) -> None:
    """Deletes the run and everything that hangs on it, except the ledger."""
    require(actor, Action.DELETE)
    with deps.session() as session:
        run = own_run(session, actor, run_id)
        if run.status is RunStatus.RUNNING:
            raise Conflict("This run is still at work; cancel it first.")
        record_for_team(session, deps, actor, "run.deleted", number=run.number, title=run.request["title"])
        session.delete(run)
        session.commit()
    deps.dispatcher.cancel(f"{run_id}:")
