"""What the pages and the command line see of runs: frozen, complete, filtered by team."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries import runs as queries
from db.queries.spendings import spent_by_run
from db.tables import Event, Evidence, Revision, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.evidence import page_pictures
from services.features.request import FeatureRequest
from services.people.permissions import Action, require
from services.runs import waiting
from services.workflow.options import EngineName
from services.workflow.tasks import PHASES, Phase, in_order, tasks_for
from services.workspaces.trees import FileEntry, list_files, read_file, read_trees


@dataclass(frozen=True)
class RunSummary:
    id: UUID
    number: int
    title: str
    feature_id: UUID
    status: RunStatus
    phase: int
    requester_name: str
    engine: str
    created_at: datetime
    finished_at: datetime | None
    archived: bool


@dataclass(frozen=True)
class TaskView:
    """`duration_seconds` is None until the task has ended once. `engine`: who does it next."""

    key: str
    step: int
    title: str
    agent: str
    status: TaskStatus
    revision: int
    attempt: int
    cause: str
    engine: str
    remarks: tuple[str, ...]
    reads: tuple[str, ...]
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_seconds: float | None


@dataclass(frozen=True)
class DecisionView:
    phase: int
    kind: str
    actor_name: str
    channel: str
    remarks: dict[str, str]
    shown_hash: str
    at: datetime


@dataclass(frozen=True)
class PhaseView:
    """`status`: pending, running, waiting, approved, failed, parked or cancelled."""

    number: int
    title: str
    question: str
    status: str
    tasks: tuple[TaskView, ...]
    decisions: tuple[DecisionView, ...]


@dataclass(frozen=True)
class RunView:
    """`reason`: why it stands still, and how it stands now with a model that it waits for.

    `cost_usd`: so far, requests that broke off included; None where a price is unknown.
    """

    id: UUID
    number: int
    title: str
    feature_id: UUID
    status: RunStatus
    reason: str | None
    phase: int
    segment: int
    engine: str
    request: FeatureRequest
    requester_name: str
    channel: str
    created_at: datetime
    finished_at: datetime | None
    archived: bool
    version: int
    cost_usd: float | None
    cost_limit_usd: float | None
    phases: tuple[PhaseView, ...]

    @property
    def engines(self) -> tuple[str, ...]:
        """That of the run, then those of single steps, in the order of the steps."""
        return tuple(dict.fromkeys([self.engine, *(task.engine for phase in self.phases for task in phase.tasks)]))

    def task(self, key: str) -> TaskView | None:
        return next((task for phase in self.phases for task in phase.tasks if task.key == key), None)


@dataclass(frozen=True)
class RevisionView:
    """`inputs`: task key -> id of the revision that was read. `files`: what this task wrote.

    `house_rules`: number of those that its agent was given; 0: none. `reads`: part of what it was given -> hash, of every part that it read; None for revisions that nobody watched.
    """

    id: UUID
    task_key: str
    number: int
    report: str
    records: dict[str, Any]
    record_type: str
    files: tuple[FileEntry, ...]
    inputs: dict[str, str]
    reads: dict[str, str] | None
    engine: str
    engine_version: str
    prompt_hash: str
    house_rules: int
    author_kind: str
    author_name: str
    cause: str
    remarks: tuple[str, ...]
    findings: list[dict[str, str]]
    output_hash: str
    tree: str
    cost_usd: float | None
    started_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class EventView:
    at: datetime
    actor_name: str
    kind: str
    task_key: str | None
    data: dict[str, Any]


@dataclass(frozen=True)
class EvidenceView:
    id: UUID
    phase: int
    segment: int
    check: str
    tool: str
    tool_version: str
    isolation: str
    enforced: dict[str, str]
    tree: str
    outcome: str
    reason: str
    figures: dict[str, Any]
    findings: list[dict[str, str]]
    log: str
    started_at: datetime
    duration_seconds: float


def get_run(deps: Deps, actor: Actor, *, run_id: UUID) -> RunView:
    """Raises: NotFound, also for another team's run."""
    with deps.reading() as session:
        run = _own(session, actor, run_id)
        tasks = queries.tasks_of(session, run_id)
        costs = [r.cost_usd for r in queries.revisions_of(session, run_id) if r.engine != EngineName.CLAUDE]
        costs.append(spent_by_run(session, run_id))
        decisions = queries.decisions_of(session, run_id)
        parked = [task for task in tasks.values() if task.status is TaskStatus.PARKED]
        waits = waiting.told(session, parked, deps.now()) if run.status is RunStatus.PARKED else ""
    request = FeatureRequest.model_validate(run.request)
    known = [cost for cost in costs if cost is not None]
    return RunView(
        id=run.id,
        number=run.number,
        title=request.title,
        feature_id=run.feature_id,
        status=run.status,
        reason=f"{run.reason or ''} {waits}".strip() or None,
        phase=run.phase,
        segment=run.segment,
        engine=run.engine,
        request=request,
        requester_name=run.requester_name,
        channel=run.channel,
        created_at=run.created_at,
        finished_at=run.finished_at,
        archived=run.archived_at is not None,
        version=run.version,
        cost_usd=sum(known) if len(known) == len(costs) else None,
        cost_limit_usd=run.cost_limit_usd,
        phases=tuple(_phase(phase, run, request, tasks, decisions) for phase in PHASES),
    )


def run_version(deps: Deps, actor: Actor, *, run_id: UUID) -> int:
    """One number that moves when the run's screen must be drawn again: a cheap question for a timer."""
    with deps.reading() as session:
        return _own(session, actor, run_id).version


def list_runs(deps: Deps, actor: Actor, *, archived: bool = False) -> tuple[RunSummary, ...]:
    """Newest first."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        rows = queries.runs_of(session, actor.team_id, archived=archived)
    return tuple(
        RunSummary(
            r.id,
            r.number,
            str(r.request["title"]),
            r.feature_id,
            r.status,
            r.phase,
            r.requester_name,
            r.engine,
            r.created_at,
            r.finished_at,
            r.archived_at is not None,
        )
        for r in rows
    )


def live_text(deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, newest: int | None = None) -> tuple[str, ...]:
    """What the agent wrote in its current attempt, a line or more each, oldest first; the `newest` ones, or all."""
    with deps.reading() as session:
        _own(session, actor, run_id)
        task = session.get(Task, (run_id, task_key))
        if task is None or task.started_at is None:
            return ()
        return tuple(queries.texts_of(session, run_id, task_key, task.started_at, newest))


def get_revision(deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, number: int | None = None) -> RevisionView:
    """One revision, the newest where no number is given. Raises: NotFound."""
    with deps.reading() as session:
        _own(session, actor, run_id)
        return _revision(session, _found(session, run_id, task_key, number))


def list_revisions(deps: Deps, actor: Actor, *, run_id: UUID, task_key: str) -> tuple[RevisionView, ...]:
    """Newest first."""
    with deps.reading() as session:
        _own(session, actor, run_id)
        return tuple(_revision(session, r) for r in reversed(queries.revisions_of(session, run_id, task_key)))


def read_revision_file(
    deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, path: str, number: int | None = None
) -> bytes:
    """Raises: NotFound."""
    with deps.reading() as session:
        _own(session, actor, run_id)
        return read_file(session, _found(session, run_id, task_key, number).tree, path)


def read_workspace(deps: Deps, actor: Actor, *, run_id: UUID) -> dict[str, bytes]:
    """Path -> content of everything that the run has made so far."""
    with deps.reading() as session:
        _own(session, actor, run_id)
        current = queries.current_revisions(session, run_id)
        return read_trees(session, [r.tree for r in in_order(current)])


def list_events(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[EventView, ...]:
    """Oldest first."""
    with deps.reading() as session:
        _own(session, actor, run_id)
        rows: list[Event] = list(queries.events_of(session, run_id))
    return tuple(EventView(e.at, e.actor_name, e.kind, e.task_key, e.data) for e in rows)


def list_evidence(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[EvidenceView, ...]:
    """Newest first."""
    with deps.reading() as session:
        _own(session, actor, run_id)
        rows = list(queries.evidence_of(session, run_id))
    return tuple(evidence_view(row) for row in reversed(rows))


def page_picture(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[bytes | None, str]:
    """The newest picture of the generated page as PNG, or None; and one sentence about it."""
    with deps.reading() as session:
        _own(session, actor, run_id)
        rows = [row for row in queries.evidence_of(session, run_id) if row.check == page_pictures.CHECK]
        if not rows:
            return None, "A picture of the page is made when phase 2 has been built."
        tree = rows[-1].figures.get("files")
        return read_file(session, tree, page_pictures.PICTURE) if tree else None, rows[-1].reason


def evidence_view(row: Evidence) -> EvidenceView:
    return EvidenceView(**row.model_dump(exclude={"run_id"}))


def _own(session: Session, actor: Actor, run_id: UUID) -> Run:
    require(actor, Action.VIEW)
    run = queries.find_run(session, actor.team_id, run_id)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    return run


def _found(session: Session, run_id: UUID, task_key: str, number: int | None) -> Revision:
    revision = queries.find_revision(session, run_id, task_key, number)
    if revision is None:
        raise NotFound("This step has no such revision.")
    return revision


def _revision(session: Session, row: Revision) -> RevisionView:
    values = row.model_dump(exclude={"run_id", "schema_version", "parameters_hash", "remarks", "asked_id", "prompts"})
    return RevisionView(**values, remarks=tuple(row.remarks), files=list_files(session, row.tree))


def _phase(phase: Phase, run: Run, request: FeatureRequest, tasks: dict[str, Task], decisions: Any) -> PhaseView:
    return PhaseView(
        number=phase.number,
        title=phase.title,
        question=phase.question,
        status=_phase_status(phase.number, run),
        tasks=tuple(
            _task(tasks[step.key], step.title, step.reads, run.engine)
            for step in tasks_for(request.methodology)
            if step.phase == phase.number and step.key in tasks
        ),
        decisions=tuple(
            DecisionView(d.phase, d.kind, d.actor_name, d.channel, d.remarks, d.shown_hash, d.at)
            for d in sorted(decisions, key=lambda d: d.at)
            if d.phase == phase.number
        ),
    )


def _phase_status(number: int, run: Run) -> str:
    if number < run.phase or run.status is RunStatus.FINISHED:
        return "approved"
    return "pending" if number > run.phase else run.status.value


def _task(row: Task, title: str, reads: tuple[str, ...], engine: str) -> TaskView:
    ended = row.started_at is not None and row.finished_at is not None
    seconds = (row.finished_at - row.started_at).total_seconds() if ended else None  # type: ignore[operator]
    return TaskView(
        row.key,
        row.step,
        title,
        row.agent,
        row.status,
        row.revision,
        row.attempt,
        row.cause,
        row.engine or engine,
        tuple(row.remarks),
        reads,
        row.error,
        row.started_at,
        row.finished_at,
        seconds,
    )
