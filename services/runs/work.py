"""One attempt at one task: a brief from the database, a draft from the engine, a revision into the database."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.house_rules import newest_number
from db.queries.runs import call_answer, current_revisions, find_revision
from db.queries.spendings import spent_by_run
from db.tables import Call, Revision, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor, ActorKind, TeamId
from services.agents.engine import Brief, Checked, Draft, Engine, Outcome, Paid
from services.agents.reads import Reads, changed_parts, reply_parts
from services.deliverables.registry import REGISTRY
from services.deps import Deps
from services.errors import GreenlightError, LimitReached, WorkParked, legible
from services.logs import run_of_line, task_of_line
from services.people.events import record_for_team
from services.runs import breakers, budgets, checking, questions
from services.runs.answers import answer_threads
from services.runs.briefs import brief_of
from services.runs.events import LIVE_TEXT, record
from services.runs.segments import UPSTREAM
from services.runs.start import parameters_hash
from services.workflow.tasks import Task as Step
from services.workflow.tasks import may_write, tasks_for
from services.workspaces.trees import listing_hash, store_files

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
    attempt: int
    agent: Actor
    brief: Brief

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
            return spent_by_run(session, self.run_id, task_key=self.task_key, revision=self.revision)

    def admit(self, provider: str, model: str) -> None:
        breakers.admit(self.deps, provider, model, who=self._who)

    def came_of(self, provider: str, model: str, outcome: Outcome) -> None:
        breakers.came_of(self.deps, provider, model, outcome, who=self._who)

    @property
    def _who(self) -> str:
        return f"{self.run_id}:{self.task_key}"

    def check(self, files: Mapping[str, bytes]) -> tuple[Checked, ...]:
        return checking.check_work(self.deps.settings, self.brief, files, is_stopped=self.cancelled)

    def ask(self, call: str, text: str, choices: Sequence[str]) -> str:
        place = questions.Place(self.run_id, self.task_key, self.revision, self.attempt)
        return questions.ask(self.deps, self.agent, place, call=call, text=text, choices=choices)

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


@dataclass(frozen=True)
class _Opened:
    """An attempt that has begun. `engine` is None where this worker does not have it."""

    brief: Brief
    engine_name: str
    engine: Engine | None
    agent: Actor
    started_at: datetime


def execute(deps: Deps, engines: Mapping[str, Engine], run_id: UUID, key: str, revision: int, attempt: int) -> Ending:
    """Makes the revision unless it is there already, so that doing it again after a crash is harmless.

    A task that was asked only because something that it reads may have changed keeps its revision when nothing of it has.
    """
    run_of_line.set(str(run_id))
    task_of_line.set(f"{key}:{revision}:{attempt}")
    opened = _open(deps, engines, run_id, key, revision, attempt)
    if isinstance(opened, Ending):
        return opened
    agent, reads = opened.agent, Reads(opened.brief)
    work = TaskWork(deps, run_id, agent.team_id, key, revision, attempt, agent, reads.brief)
    try:
        engine = _engine(opened)
        draft = engine.produce(reads.brief, work)
        return _keep(deps, run_id, opened, engine, draft, reads.hashes(), revision)
    except WorkParked as parked:
        return _end(deps, run_id, key, (revision, attempt), agent, Ending.PARKED, parked.reason, parked)
    except Exception as error:
        log.exception("task failed")
        return _end(deps, run_id, key, (revision, attempt), agent, Ending.FAILED, _in_words(error))


def _engine(opened: _Opened) -> Engine:
    if opened.engine is None:
        raise GreenlightError(f"This worker has no engine named {opened.engine_name}.")
    return opened.engine


def _in_words(error: Exception) -> str:
    if isinstance(error, GreenlightError):
        return str(error)
    return (
        f"The agent stopped with an unexpected error ({type(error).__name__}). The log of the worker has the details."
    )


def _open(
    deps: Deps, engines: Mapping[str, Engine], run_id: UUID, key: str, revision: int, attempt: int
) -> Ending | _Opened:
    """Marks the task as running and gathers what it reads; an ending when there is nothing to do."""
    with deps.session() as session:
        run, row = session.get(Run, run_id, with_for_update=True), session.get(Task, (run_id, key))
        if run is None or row is None or run.status is not RunStatus.RUNNING:
            return Ending.CANCELLED
        if _was_kept(row, revision, attempt):
            return Ending.DONE
        if (row.revision, row.attempt) != (revision, attempt):
            return Ending.CANCELLED
        agent = Actor(ActorKind.AGENT, TeamId(run.team_id), row.agent, "worker")
        if find_revision(session, run_id, key, revision) is not None:
            return Ending.DONE
        if row.status is not TaskStatus.RUNNING:  # what goes on after a crash keeps what it began with
            row.house_rules, row.waits_for = newest_number(session, run.team_id, row.agent), None
        brief = brief_of(session, run, row)
        name = row.engine or brief.request.engine.value
        opened = _Opened(brief, name, engines.get(name), agent, deps.now())
        if row.cause == UPSTREAM and _keep_current(session, deps, run, row, opened):
            session.commit()
            return Ending.DONE
        if row.status is not TaskStatus.RUNNING:
            row.status, row.started_at, row.finished_at, row.error = TaskStatus.RUNNING, deps.now(), None, None
            session.add(row)
            record(session, deps, agent, run, "task.started", task_key=key, revision=revision, attempt=attempt)
        session.commit()
        return opened


def _was_kept(row: Task, revision: int, attempt: int) -> bool:
    """Whether this attempt has ended already with the revision before it."""
    return row.status is TaskStatus.DONE and (row.revision + 1, row.kept) == (revision, attempt)


def _keep_current(session: Session, deps: Deps, run: Run, row: Task, opened: _Opened) -> bool:
    """Whether nothing that the current revision read has changed; the task is done with it then."""
    current, engine = find_revision(session, run.id, row.key, None), opened.engine
    if current is None or current.reads is None or engine is None:
        return False
    if (current.engine, current.engine_version) != (engine.name, engine.version):
        return False
    if changed_parts(opened.brief, current.reads):
        return False
    row.kept, row.revision, row.status, row.error = row.attempt, current.number, TaskStatus.DONE, None
    row.cause, row.asked_id = current.cause, current.asked_id
    row.remarks, row.findings = current.remarks, current.findings
    row.finished_at = row.finished_at or deps.now()
    session.add(row)
    record(session, deps, opened.agent, run, "task.kept", task_key=row.key, revision=current.number)
    return True


def _keep(
    deps: Deps, run_id: UUID, opened: _Opened, engine: Engine, draft: Draft, reads: dict[str, str], number: int
) -> Ending:
    """`reads`: part of the brief -> hash."""
    step, agent = opened.brief.task, opened.agent
    _check_draft(opened.brief, draft)
    records = draft.records.model_dump(mode="json")
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        row = session.get(Task, (run_id, step.key))
        if run is None or row is None or run.status is not RunStatus.RUNNING or row.revision != number:
            return Ending.CANCELLED
        if find_revision(session, run_id, step.key, number) is not None:
            return Ending.DONE
        current = current_revisions(session, run_id)
        replies = questions.replies_to(session, run_id, step.key, range(number, number + 1))
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
                reads={**reads, **reply_parts(replies)},
                parameters_hash=parameters_hash(opened.brief.request.model_dump(mode="json"), run.documents),
                engine=engine.name,
                engine_version=engine.version,
                prompt_hash=draft.prompt_hash,
                house_rules=row.house_rules if draft.prompt_hash else 0,
                prompts=store_files(session, draft.prompts) if draft.prompts else "",
                author_kind=agent.kind.value,
                author_name=agent.name,
                cause=row.cause,
                remarks=[remark.text for remark in opened.brief.remarks],
                findings=row.findings,
                asked_id=row.asked_id,
                output_hash=output_hash(draft.report, records, draft.files),
                cost_usd=draft.cost_usd,
                started_at=opened.started_at,
                created_at=deps.now(),
            )
        )
        row.status, row.finished_at, row.kept = TaskStatus.DONE, deps.now(), 0
        session.add(row)
        answer_threads(session, deps, agent, run, opened.brief, draft, number)
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
    deps: Deps,
    run_id: UUID,
    key: str,
    made: tuple[int, int],
    agent: Actor,
    ending: Ending,
    reason: str,
    parked: WorkParked | None = None,
) -> Ending:
    """`made`: revision and attempt; `parked`: what it waits for. Whoever was taken for dead undoes nothing that another worker has finished."""
    reason = legible(reason)[:REASON_MAX]
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        row = session.get(Task, (run_id, key))
        if run is None or row is None or run.status is not RunStatus.RUNNING or (row.revision, row.attempt) != made:
            return Ending.CANCELLED
        if row.status is TaskStatus.DONE:
            return Ending.DONE
        if row.status is TaskStatus.PARKED:  # by the question that it asked
            return Ending.PARKED
        row.status = TaskStatus.PARKED if ending is Ending.PARKED else TaskStatus.FAILED
        row.error, row.finished_at = reason, deps.now()
        waits_for = parked.waits_for if parked else None
        row.waits_for = dict(zip(("provider", "model"), waits_for, strict=True)) if waits_for else None
        session.add(row)
        limit = {"limit": parked.limit} if isinstance(parked, LimitReached) else {}
        record(session, deps, agent, run, f"task.{ending.value}", task_key=key, reason=reason, **limit)
        session.commit()
    return ending
