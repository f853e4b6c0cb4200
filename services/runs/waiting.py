"""Runs that wait for a model and for nothing else: what they wait for, and how they go on by themselves.

One of them goes on first where the breaker lets one request try; the others follow once it is closed. Where only a person can
mend what one of its tasks stopped for, the run stays parked.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from db.queries.breakers import find_breaker, lock_breaker, parked_runs, parked_tasks
from db.tables import Run, Task
from db.tables.run import RunStatus
from services.actors import TeamId, system_actor
from services.deps import Deps
from services.runs import breakers
from services.runs.connections import describe
from services.runs.events import record
from services.runs.reruns import go_on

log = logging.getLogger(__name__)

START_LEASE = timedelta(minutes=2)  # until a worker has taken the task up
GOES_ON = "The run goes on by itself."

Model = tuple[str, str]  # provider, model


def told(session: Session, tasks: Iterable[Task], now: datetime) -> str:
    """How it stands with the models that parked tasks wait for; empty where one of them waits for a person."""
    models = _waited_for(tasks)
    found = (breakers.view(find_breaker(session, *model), now) for model in sorted(models))
    return " ".join([*(seen.sentence for seen in found if seen), GOES_ON]) if models else ""


def resume_waiting(deps: Deps) -> int:
    """How many runs went on. To be called again and again, by any number of processes."""
    provider = deps.settings.provider
    if provider is None:
        return 0
    used = {(provider.address, model) for model in describe(provider).models.values()}
    with deps.reading() as session:
        waiting = [id_ for id_ in parked_runs(session) if _waited_for(parked_tasks(session, id_))]
    count = sum(_resume(deps, run_id, used) for run_id in waiting)
    if count:
        deps.dispatcher.dispatch()
    return count


def _resume(deps: Deps, run_id: UUID, used: set[Model]) -> bool:
    """`used`: the models of this installation; what was waited for under other settings holds nobody up."""
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None or run.status is not RunStatus.PARKED:
            return False
        tasks = parked_tasks(session, run_id)
        models, now = _waited_for(tasks), deps.now()
        rows = [lock_breaker(session, *model) for model in sorted(models & used)]
        closed = [row for row in rows if row.opened_at is None]
        tried = [row for row in rows if row.opened_at is not None]
        if not models or not all(breakers.may_try(row, now, who=str(run_id)) for row in tried):
            return False
        if any(not _has_rested(task, row.closed_at, now) for row in closed for task in tasks):
            return False
        for row in tried:
            breakers.lend(row, now, who=str(run_id), lease=START_LEASE)
            session.add(row)
        names = ", ".join(f"{model} at {provider}" for provider, model in sorted(models))
        record(session, deps, system_actor(TeamId(run.team_id)), run, "run.resumed", models=names, tries=bool(tried))
        go_on(session, deps, run, run.phase)
        session.commit()
    log.info("run %s goes on by itself; it waited for %s", run_id, names)
    return True


def _waited_for(tasks: Iterable[Task]) -> set[Model]:
    """Empty where one of them waits for a person."""
    waits = [task.waits_for for task in tasks]
    known = [wait for wait in waits if wait]
    return {(wait["provider"], wait["model"]) for wait in known} if len(known) == len(waits) else set()


def _has_rested(task: Task, closed_at: datetime | None, now: datetime) -> bool:
    """A closed breaker says that the model answers others; a task that found it away all the same rests, longer each time, so
    that what it asks for in vain is not paid without end."""
    if task.finished_at is None or (closed_at and closed_at + breakers.FIRST_WAIT >= task.finished_at):
        return True
    rest = min(breakers.LONGEST_WAIT, breakers.FIRST_WAIT * (1 << min(task.attempt - 1, 10)))
    return now - task.finished_at >= rest
