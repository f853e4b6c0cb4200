"""One attempt at one task: a brief from the database, a draft from the engine, a revision into the database."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import call_answer, current_revisions, find_revision
from db.tables import Call, Revision, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor, ActorKind, TeamId
from services.agents.engine import Brief, Draft, Engine, Paid, Result
from services.deliverables.registry import REGISTRY
from services.deps import Deps
from services.errors import GreenlightError, WorkParked, legible
from services.features.asked import asked_of
from services.logs import run_of_line, task_of_line
from services.people.events import record_for_team
from services.runs import budgets
from services.runs.documents import with_data
from services.runs.events import LIVE_TEXT, record
from services.runs.start import parameters_hash
from services.workflow.tasks import Task as Step
from services.workflow.tasks import in_order, may_write, seen_by, tasks_for
from services.workspaces.trees import listing_hash, read_trees, store_files

log = logging.getLogger(__name__)
REASON_MAX = 2_000


class Ending(StrEnum):
    """How an attempt ended, as the segment hears it."""

    DONE = "done"
    FAILED = "failed"
    PARKED = "parked"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class TaskWork:
    """What an engine may use while it works; see `Work` in services/agents/engine.py."""

    deps: Deps
    run_id: UUID
    team_id: UUID
    task_key: str
    revision: int
    agent: Actor

    def once(self, key: str, fn: Callable[[], Any], paid: Callable[[Any], Paid] | None = None) -> Any:
        with self.deps.reading() as session:
            kept = call_answer(session, self.run_id, self.task_key, self.revision, key)
        if kept is not None:
            return kept.result
        answer = fn()
        cost = paid(answer) if paid else None
        with self.deps.session() as session:
            session.add(
                Call(
                    run_id=self.run_id,
                    task_key=self.task_key,
                    revision=self.revision,
                    key=key,
                    result=answer,
                    usage=dict(cost.usage) if cost else None,
                    cost_usd=cost.cost_usd if cost else None,
                    created_at=self.deps.now(),
                )
            )
            session.commit()
        return answer

    def reserve(self, key: str, *, model: str, worst_usd: float | None) -> str:
        made = (self.run_id, self.task_key, self.revision)
        return str(budgets.hold(self.deps, made, key=key, model=model, worst_usd=worst_usd))

    def settle(self, held: str, *, cost_usd: float | None, usage: Mapping[str, Any]) -> None:
        budgets.settle(self.deps, UUID(held), cost_usd=cost_usd, usage=usage)

    def spent_usd(self) -> float | None:
        with self.deps.reading() as session:
            return budgets.spent_usd(session, self.run_id, task_key=self.task_key, revision=self.revision)

    def emit(self, text: str) -> None:
        with self.deps.session() as session:
            record_for_team(
                session, self.deps, self.agent, LIVE_TEXT, run_id=self.run_id, task_key=self.task_key, text=text
            )
            session.commit()

    def cancelled(self) -> bool:
        with self.deps.reading() as session:
            run = session.get(Run, self.run_id)
            return run is None or run.status is not RunStatus.RUNNING


def execute(deps: Deps, engines: Mapping[str, Engine], run_id: UUID, key: str, revision: int, attempt: int) -> Ending:
    """Makes the revision unless it is there already, so that doing it again after a crash is harmless."""
    run_of_line.set(str(run_id))
    task_of_line.set(f"{key}:{revision}:{attempt}")
    opened = _open(deps, run_id, key, revision, attempt)
    if isinstance(opened, Ending):
        return opened
    brief, agent, started_at = opened
    work = TaskWork(deps, run_id, agent.team_id, key, revision, agent)
    try:
        engine = _engine(engines, brief)
        draft = engine.produce(brief, work)
        return _keep(deps, run_id, brief, draft, engine, agent, revision, started_at)
    except WorkParked as parked:
        return _end(deps, run_id, key, (revision, attempt), agent, Ending.PARKED, parked.reason)
    except Exception as error:
        log.exception("task failed")
        return _end(deps, run_id, key, (revision, attempt), agent, Ending.FAILED, _in_words(error))


def _engine(engines: Mapping[str, Engine], brief: Brief) -> Engine:
    name = brief.request.engine.value
    if name not in engines:
        raise GreenlightError(f"This worker has no engine named {name}.")
    return engines[name]


def _in_words(error: Exception) -> str:
    if isinstance(error, GreenlightError):
        return str(error)
    return (
        f"The agent stopped with an unexpected error ({type(error).__name__}). The log of the worker has the details."
    )


def _open(deps: Deps, run_id: UUID, key: str, revision: int, attempt: int) -> Ending | tuple[Brief, Actor, datetime]:
    """Marks the task as running and gathers what it reads; an ending when there is nothing to do."""
    with deps.session() as session:
        run, row = session.get(Run, run_id), session.get(Task, (run_id, key))
        if run is None or row is None or run.status is not RunStatus.RUNNING:
            return Ending.CANCELLED
        if (row.revision, row.attempt) != (revision, attempt):
            return Ending.CANCELLED
        agent = Actor(ActorKind.AGENT, TeamId(run.team_id), row.agent, "worker")
        if find_revision(session, run_id, key, revision) is not None:
            return Ending.DONE
        if row.status is not TaskStatus.RUNNING:
            row.status, row.started_at, row.finished_at, row.error = TaskStatus.RUNNING, deps.now(), None, None
            session.add(row)
            record(session, deps, agent, run, "task.started", task_key=key, revision=revision, attempt=attempt)
        brief = _brief(session, run, row)
        session.commit()
        return brief, agent, deps.now()


def _brief(session: Session, run: Run, row: Task) -> Brief:
    asked = asked_of(session, run)
    steps = tasks_for(asked.request.methodology)
    step = next(s for s in steps if s.key == row.key)
    current = current_revisions(session, run.id)
    before = current.get(row.key)
    seen = seen_by(steps, row.key)
    trees = [revision.tree for revision in in_order({key: r for key, r in current.items() if key in seen})]
    return Brief(
        task=step,
        request=asked.request,
        understanding=asked.understanding,
        documents=tuple(with_data(session, d) for d in asked.documents if d.kind in step.documents),
        inputs={key: _result(current[key]) for key in step.reads if key in current},
        files=read_trees(session, trees),
        remarks=tuple(row.remarks),
        previous=_result(before) if before else None,
        previous_files=read_trees(session, [before.tree]) if before else {},
    )


def _result(revision: Revision) -> Result:
    return Result(revision.report, revision.records)


def _keep(
    deps: Deps,
    run_id: UUID,
    brief: Brief,
    draft: Draft,
    engine: Engine,
    agent: Actor,
    number: int,
    started_at: datetime,
) -> Ending:
    step = brief.task
    _check_draft(brief, draft)
    records = draft.records.model_dump(mode="json")
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        row = session.get(Task, (run_id, step.key))
        if run is None or row is None or run.status is not RunStatus.RUNNING or row.revision != number:
            return Ending.CANCELLED
        if find_revision(session, run_id, step.key, number) is not None:
            return Ending.DONE
        current = current_revisions(session, run_id)
        session.add(
            Revision(
                id=deps.new_id(),
                run_id=run_id,
                task_key=step.key,
                number=number,
                report=draft.report,
                records=records,
                record_type=type(draft.records).__name__,
                schema_version=records["schema_version"],
                tree=store_files(session, draft.files),
                inputs={key: str(current[key].id) for key in step.reads if key in current},
                parameters_hash=parameters_hash(brief.request.model_dump(mode="json"), run.documents),
                engine=engine.name,
                engine_version=engine.version,
                prompt_hash=draft.prompt_hash,
                author_kind=agent.kind.value,
                author_name=agent.name,
                cause=row.cause,
                remarks=row.remarks,
                output_hash=output_hash(draft.report, records, draft.files),
                cost_usd=draft.cost_usd,
                started_at=started_at,
                created_at=deps.now(),
            )
        )
        row.status, row.finished_at = TaskStatus.DONE, deps.now()
        session.add(row)
        record(session, deps, agent, run, "task.done", task_key=step.key, revision=number, files=len(draft.files))
        session.commit()
    return Ending.DONE


def output_hash(report: str, records: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """SHA-256 over report, canonical records and the listing of files: what an approval is bound to."""
    text = json.dumps([report, records, listing_hash(files)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_draft(brief: Brief, draft: Draft) -> None:
    """Raises: GreenlightError when the draft is not what this task may hand over."""
    key, expected = brief.task.key, REGISTRY[brief.task.key]
    if not isinstance(draft.records, expected):
        raise GreenlightError(f"The agent handed over {type(draft.records).__name__} instead of {expected.__name__}.")
    steps: tuple[Step, ...] = tasks_for(brief.request.methodology)
    foreign = [path for path in draft.files if not may_write(steps, key, path)]
    if foreign:
        raise GreenlightError(f"The agent wrote files that are not its own to write: {', '.join(sorted(foreign)[:5])}.")


def _end(
    deps: Deps, run_id: UUID, key: str, made: tuple[int, int], agent: Actor, ending: Ending, reason: str
) -> Ending:
    """`made`: revision and attempt. Whoever was taken for dead undoes nothing that another worker has finished."""
    reason = legible(reason)[:REASON_MAX]
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        row = session.get(Task, (run_id, key))
        if run is None or row is None or run.status is not RunStatus.RUNNING or (row.revision, row.attempt) != made:
            return Ending.CANCELLED
        if row.status is TaskStatus.DONE:
            return Ending.DONE
        row.status = TaskStatus.PARKED if ending is Ending.PARKED else TaskStatus.FAILED
        row.error, row.finished_at = reason, deps.now()
        session.add(row)
        record(session, deps, agent, run, f"task.{ending.value}", task_key=key, reason=reason)
        session.commit()
    return ending
