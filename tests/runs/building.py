"""Takes runs through the workflow in the test's own process: the same services, without the durable engine."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel, col, func, select

from db.queries.runs import mark_sent
from db.tables import (
    Assignment,
    Attestation,
    Call,
    CriterionComment,
    Decision,
    Event,
    Evidence,
    LedgerEntry,
    Notification,
    Outbox,
    Question,
    QuestionAnswer,
    Reviewer,
    Revision,
    Run,
    Task,
    Thread,
    Verdict,
    Waiver,
)
from db.tables.run import RunStatus, TaskStatus
from services import bootstrap
from services.actors import Actor
from services.agents.engine import Engine
from services.deps import Deps
from services.errors import GreenlightError
from services.features.request import FeatureRequest
from services.reviews.changes import request_changes
from services.reviews.decisions import approve_phase
from services.reviews.views import GateView, get_gate
from services.runs import repairs, settling, work
from services.runs.segments import Todo, runnable
from services.runs.start import start_run
from services.workflow.tasks import tasks_for
from tests.builders import REQUEST, a_feature

Row = TypeVar("Row", bound=SQLModel)
T = TypeVar("T")

# Every table that tells of a run; rows of the ledger are no part of it.
HANGING_ON_A_RUN: tuple[type[Any], ...] = (
    *(Task, Revision, Call, Event, Outbox, Evidence, Verdict, Decision),
    *(Attestation, Waiver, Assignment, CriterionComment, Thread),
    *(Reviewer, Notification, Question, QuestionAnswer),
)
WRITTEN_BY_A_DECISION: tuple[type[Any], ...] = (Decision, LedgerEntry, Outbox, Event, Revision)


def work_off(
    deps: Deps,
    run_id: UUID,
    *,
    engine: Engine | None = None,
    other: Engine | None = None,
    with_checks: bool = False,
    together: bool = False,
) -> None:
    """What a worker does with the newest segment. Without checks there is no environment, so nothing is measured.

    `engine` takes the place of those that are installed, `other` stands beside it. `together`: tasks that are ready at the
    same moment work beside each other, as they do in a worker.
    """
    engines = {engine.name: engine} if engine else dict(bootstrap.engines(deps.settings))
    engines |= {other.name: other} if other else {}
    worker = replace(deps if with_checks else without_environment(deps), ledger_key=None)
    with deps.session() as session:
        run = session.exec(select(Run).where(Run.id == run_id)).one()
        todo: Todo = dict(session.get_one(Outbox, (run_id, run.segment)).todo)
        mark_sent(session, run_id, run.segment, deps.now())
        session.commit()
    graph = tasks_for(FeatureRequest.model_validate(run.request).methodology)
    waiting, unfinished = set(todo), set(todo)
    while True:
        while ready := runnable(graph, waiting, unfinished):
            waiting -= set(ready)
            acts = [partial(work.execute, worker, engines, run_id, key, *todo[key]) for key in ready]
            endings = at_once(*acts) if together else [act() for act in acts]
            unfinished -= {key for key, ending in zip(ready, endings, strict=True) if ending is work.Ending.DONE}
        again = {} if unfinished else measured(worker, engines, run_id, run.segment)
        again = again or settling.settle(worker, run_id, run.segment, todo)
        if not again:
            return
        todo = {**todo, **again}
        waiting |= set(again)
        unfinished |= set(again)


def measured(worker: Deps, engines: dict[str, Engine], run_id: UUID, segment: int) -> Todo:
    """The repairs that the checks of the segment lead to."""
    settling.measure(worker, run_id, segment)
    return repairs.ask_repairs(worker, engines, run_id, segment)


def without_environment(deps: Deps) -> Deps:
    """As on a machine where nobody has built the environment for generated tests."""
    return replace(deps, settings=replace(deps.settings, environments_dir=deps.settings.data_dir / "none"))


def a_run(deps: Deps, actor: Actor, request: FeatureRequest = REQUEST) -> UUID:
    """A started run that no worker has touched."""
    return start_run(deps, actor, feature_id=a_feature(deps, actor, request).id)


def a_run_at_gate(
    deps: Deps, actor: Actor, phase: int = 1, *, request: FeatureRequest = REQUEST, engine: Engine | None = None
) -> UUID:
    """A run of the actor's that waits at the gate of the phase; the earlier gates were approved by the actor."""
    run_id = a_run(deps, actor, request)
    work_off(deps, run_id, engine=engine)
    go_on_to_gate(deps, actor, run_id, phase, engine=engine)
    return run_id


def a_failed_run(deps: Deps, actor: Actor, engine: Engine) -> UUID:
    run_id = a_run(deps, actor)
    work_off(deps, run_id, engine=engine)
    return run_id


def go_on_to_gate(
    deps: Deps, actor: Actor, run_id: UUID, phase: int, *, engine: Engine | None = None, other: Engine | None = None
) -> None:
    while the_run(deps, run_id).phase < phase:
        approve(deps, actor, run_id)
        work_off(deps, run_id, engine=engine, other=other)


def gate(deps: Deps, actor: Actor, run_id: UUID) -> GateView:
    shown = get_gate(deps, actor, run_id=run_id)
    assert shown is not None
    return shown


def approve(deps: Deps, actor: Actor, run_id: UUID) -> None:
    approve_phase(deps, actor, run_id=run_id, shown_hash=gate(deps, actor, run_id).shown_hash)


def ask_for(deps: Deps, actor: Actor, run_id: UUID, **remarks: str) -> None:
    """Asks for changes; an underscore in a name stands for the hyphen of a task key."""
    named = {key.replace("_", "-"): text for key, text in remarks.items()}
    request_changes(deps, actor, run_id=run_id, shown_hash=gate(deps, actor, run_id).shown_hash, remarks=named)


def the_run(deps: Deps, run_id: UUID) -> Run:
    with deps.reading() as session:
        return session.exec(select(Run).where(Run.id == run_id)).one()


def rows(deps: Deps, table: type[Row], run_id: UUID) -> list[Row]:
    """The rows of one run, in no order that a test may rely on."""
    column: Any = table.run_id  # type: ignore[attr-defined]
    with deps.reading() as session:
        return list(session.exec(select(table).where(column == run_id)))


def counts(deps: Deps, tables: tuple[type[Any], ...]) -> dict[str, int]:
    """Table -> how many rows, over all runs and teams."""
    with deps.reading() as session:
        return {table.__tablename__: session.exec(select(func.count()).select_from(table)).one() for table in tables}


def statuses(deps: Deps, run_id: UUID) -> dict[str, TaskStatus]:
    return {task.key: task.status for task in rows(deps, Task, run_id)}


def newest_todo(deps: Deps, run_id: UUID) -> dict[str, list[int]]:
    """The task keys of the newest segment with their [revision, attempt]."""
    return max(rows(deps, Outbox, run_id), key=lambda row: row.segment).todo


def set_status(deps: Deps, run_id: UUID, status: RunStatus) -> None:
    with deps.session() as session:
        run = session.exec(select(Run).where(Run.id == run_id)).one()
        run.status = status
        session.add(run)
        session.commit()


def unsent_segments(deps: Deps, run_id: UUID) -> list[int]:
    with deps.reading() as session:
        query = select(Outbox.segment).where(Outbox.run_id == run_id, col(Outbox.sent_at).is_(None))
        return list(session.exec(query))


def at_once(*acts: Callable[[], T]) -> list[T | GreenlightError]:
    """Does the acts at the same moment, each in a thread: its answer, or what it raised."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | GreenlightError:
        start.wait()
        try:
            return act()
        except GreenlightError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
