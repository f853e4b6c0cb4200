"""One execution of the workflow: its tasks, their revisions, and everything that happened."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from db.tables.columns import document, moment, reference, root_id, rows, text_enum


class RunStatus(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"  # at a gate, for a person
    PARKED = "parked"
    FAILED = "failed"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class TaskStatus(StrEnum):
    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    PARKED = "parked"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"


class Run(SQLModel, table=True):
    """`request` and `documents` are frozen at the start. `version` moves with every change a screen must show."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("team_id", "number"),)
    id: UUID = root_id()
    team_id: UUID = reference("team.id")
    feature_id: UUID = reference("feature.id")
    number: int
    requester_id: UUID | None = reference("user_account.id", nullable=True)
    requester_name: str
    channel: str
    engine: str
    request: dict[str, Any] = document()
    documents: list[dict[str, Any]] = document()
    status: RunStatus = text_enum(RunStatus, index=True)
    reason: str | None = None
    phase: int
    segment: int
    version: int = 0
    created_at: datetime = moment(index=True)
    finished_at: datetime | None = moment(nullable=True)
    archived_at: datetime | None = moment(nullable=True)
    cost_limit_usd: float | None = None


class Task(SQLModel, table=True):
    """`revision`: number of the revision that is current or being made; `attempt` counts workflow ids for it.

    `threads`: those that this revision is asked to answer, as they stood when it was decided: id, about, quote and text.
    `findings`: what checks found wrong with the revision before, where this one is to repair it; as evidence keeps them.
    `kept`: attempts at the revision after the current one that ended with the current one being kept. Their workflow ids
    are spent, so the next attempt at that number goes on counting. `engine`: a person's choice for this task; None: the
    engine of the run. `asked_id`: whose act the newest attempt comes from. `waits_for`: of the attempt that parked, the provider
    and the model that it waits for; None where a person must act.
    `house_rules`: number of those that the newest attempt began with; 0: none.
    """

    __tablename__ = "task"
    run_id: UUID = reference("run.id", primary_key=True)
    key: str = Field(primary_key=True)
    step: int
    phase: int
    agent: str
    status: TaskStatus = text_enum(TaskStatus)
    revision: int = 0
    attempt: int = 0
    cause: str = "start"
    remarks: list[str] = document()
    threads: list[dict[str, str]] = rows()
    findings: list[dict[str, str]] = rows()
    kept: int = 0
    engine: str | None = None
    asked_id: UUID | None = None
    error: str | None = None
    waits_for: dict[str, str] | None = document(nullable=True)
    house_rules: int = 0
    queued_at: datetime | None = moment(nullable=True)
    started_at: datetime | None = moment(nullable=True)
    finished_at: datetime | None = moment(nullable=True)


class Revision(SQLModel, table=True):
    """The n-th result of a task; never changed once written.

    `tree` is the git tree of the files below the prefixes that the task owns. `inputs`: task key -> revision id.
    `reads`: part of the brief -> hash of its content, as services/agents/reads.py names them; None: nobody watched.
    `cause`: "start", "change_request", "upstream", "rerun", "retry", "repair" or "edit". `asked_id`: the person whose act
    it comes from, through whatever lies between: who started the run, asked for the change, or edited. `findings`: what a
    repair was asked to mend; empty for every other cause. `prompts`: the git tree of the requests that began its work, as they
    were sent, and `house_rules` the number of those in them; empty and 0: none.
    """

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("run_id", "task_key", "number"),)
    id: UUID = root_id()
    run_id: UUID = reference("run.id")
    task_key: str
    number: int
    report: str
    records: dict[str, Any] = document()
    record_type: str
    schema_version: int
    tree: str
    inputs: dict[str, str] = document()
    reads: dict[str, str] | None = document(nullable=True)
    parameters_hash: str
    engine: str
    engine_version: str
    prompt_hash: str
    author_kind: str
    author_name: str
    cause: str
    remarks: list[str] = document()
    findings: list[dict[str, str]] = rows()
    asked_id: UUID | None = None
    output_hash: str
    house_rules: int = 0
    prompts: str = ""
    cost_usd: float | None = None
    started_at: datetime = moment()
    created_at: datetime = moment()


class Call(SQLModel, table=True):
    """An answer that was paid or computed once and is replayed for ever: the journal behind `Work.once`."""

    __tablename__ = "call"
    run_id: UUID = reference("run.id", primary_key=True)
    task_key: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    result: Any = document()
    usage: dict[str, Any] | None = document(nullable=True)
    cost_usd: float | None = None
    created_at: datetime = moment()


class Event(SQLModel, table=True):
    """What a person may want to see later. `kind` is dotted: "run.started", "task.text", "gate.approved"."""

    __tablename__ = "event"
    id: int | None = Field(default=None, primary_key=True)
    team_id: UUID = reference("team.id")
    run_id: UUID | None = reference("run.id", nullable=True)
    at: datetime = moment(index=True)
    actor_kind: str
    actor_name: str
    actor_id: UUID | None = None
    kind: str = Field(index=True)
    task_key: str | None = None
    data: dict[str, Any] = document()


class Outbox(SQLModel, table=True):
    """A segment that workers must run; written with the decision that caused it. `todo`: task key -> [revision, attempt]."""

    __tablename__ = "outbox"
    run_id: UUID = reference("run.id", primary_key=True)
    segment: int = Field(primary_key=True)
    todo: dict[str, list[int]] = document()
    created_at: datetime = moment()
    sent_at: datetime | None = moment(nullable=True)


class Worker(SQLModel, table=True):
    """A live process that runs workflows; a beat older than the lease means that it is dead."""

    __tablename__ = "worker"
    id: str = Field(primary_key=True)
    host: str
    process: int
    started_at: datetime = moment()
    beat_at: datetime = moment()
