"""The only door to the durable engine (DBOS). It dispatches segments and tasks; the truth is in our own tables.

Four rules, each learned by killing processes: a gate is a row, never a waiting workflow; the application version is
pinned; every live process has its own executor id and a heartbeat; live workers adopt what a dead one held.
"""

import logging
import os
import socket
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import ParamSpec, TypeVar
from uuid import UUID, uuid4

import psutil
import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions, SetWorkflowID, WorkflowHandle
from sqlmodel import col, delete, select

from db.queries.runs import database_now, mark_sent, unsent
from db.tables import Outbox, Run, Worker
from db.tables.run import RunStatus
from services.agents.engine import Engine
from services.deps import Deps
from services.features.request import FeatureRequest
from services.runs import repairs, settling, work
from services.runs.segments import Todo, runnable, segment_id, workflow_id
from services.settings import Settings
from services.workflow.options import Methodology
from services.workflow.tasks import Task, tasks_for

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

APPLICATION, VERSION = "greenlight", "1"
SEGMENTS, TASKS = "segments", "tasks"
POLL_SECONDS = 0.2
LEASE = timedelta(seconds=15)
TASKS_AT_ONCE = 4
BROKEN = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
LIVE = ["PENDING", "ENQUEUED", "DELAYED"]


@dataclass(frozen=True)
class _Host:
    """What workflow bodies need; set once when a worker starts, because the engine calls plain functions."""

    deps: Deps
    engines: Mapping[str, Engine]


_host: _Host | None = None


def _working() -> _Host:
    if _host is None:
        raise RuntimeError("no worker runs in this process")
    return _host


def _step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A step fails only when the database is away: what agents and checks do wrong is caught inside it."""
    return DBOS.step(name=name, retries_allowed=True, max_attempts=5, interval_seconds=0.5)


@_step("execute")
def _execute(run_id: str, key: str, revision: int, attempt: int) -> str:
    host = _working()
    return work.execute(host.deps, host.engines, UUID(run_id), key, revision, attempt).value


@DBOS.workflow(name="run_task")
def run_task(run_id: str, key: str, revision: int, attempt: int) -> str:
    return _execute(run_id, key, revision, attempt)


@_step("measure")
def _measure(run_id: str, segment: int) -> None:
    settling.measure(_working().deps, UUID(run_id), segment)


@_step("repair")
def _repair(run_id: str, segment: int) -> Todo:
    host = _working()
    return repairs.ask_repairs(host.deps, host.engines, UUID(run_id), segment)


@_step("settle")
def _settle(run_id: str, segment: int, todo: Todo) -> Todo:
    return settling.settle(_working().deps, UUID(run_id), segment, todo)


@DBOS.step(name="graph")
def _graph(run_id: str) -> str:
    """The methodology decides the graph; None would mean that the run was deleted."""
    with _working().deps.reading() as session:
        run = session.get(Run, UUID(run_id))
        return FeatureRequest.model_validate(run.request).methodology.value if run else ""


@DBOS.workflow(name="run_segment")
def run_segment(run_id: str, segment: int, todo: Todo) -> None:
    """Runs a part of the graph, then the checks, then what repairs it, until nothing is left to repair; ends at the gate."""
    methodology = _graph(run_id)
    if not methodology:
        return
    graph = tasks_for(Methodology(methodology))
    waiting, unfinished = set(todo), set(todo)
    while True:
        _work_off(run_id, graph, todo, waiting, unfinished)
        again: Todo = {}
        if not unfinished:
            _measure(run_id, segment)
            again = _repair(run_id, segment)
        again = again or _settle(run_id, segment, todo)
        if not again:
            return
        todo = {**todo, **again}
        waiting.update(again)
        unfinished.update(again)


def _work_off(run_id: str, graph: Sequence[Task], todo: Todo, waiting: set[str], unfinished: set[str]) -> None:
    """Until nothing of the segment can start any more; takes what has started from `waiting`, what is done from `unfinished`."""
    live: dict[str, tuple[str, WorkflowHandle[str]]] = {}
    while True:
        for key in runnable(graph, waiting, unfinished):
            waiting.remove(key)
            revision, attempt = todo[key]
            with SetWorkflowID(workflow_id(run_id, key, revision, attempt)):
                handle = DBOS.enqueue_workflow(TASKS, run_task, run_id, key, revision, attempt)
            live[handle.get_workflow_id()] = (key, handle)
        if not live:
            break
        first = DBOS.wait_first([handle for _, handle in live.values()], polling_interval_sec=POLL_SECONDS)
        key, handle = live.pop(first.get_workflow_id())
        if handle.get_result(polling_interval_sec=POLL_SECONDS) == work.Ending.DONE.value:
            unfinished.remove(key)


class DurableDispatcher:
    """What web and command-line processes hold: it enqueues and cancels, and runs nothing."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._client: DBOSClient | None = None

    def dispatch(self) -> None:
        """Sends the outbox. Before the first worker has made the engine's tables, the rows wait for that worker."""
        try:
            flush(self._deps, self._enqueue)
        except sa.exc.SQLAlchemyError as error:
            log.info("the outbox waits for a worker (%s)", type(error).__name__)

    def cancel(self, workflow_prefix: str) -> None:
        try:
            client = self._connected()
            ids = [
                w.workflow_id
                for w in client.list_workflows(
                    workflow_id_prefix=workflow_prefix, status=LIVE, load_input=False, load_output=False
                )
            ]
            for id_ in ids:
                client.cancel_workflow(id_)
        except sa.exc.SQLAlchemyError as error:
            log.info("nothing to cancel yet (%s)", type(error).__name__)

    def _connected(self) -> DBOSClient:
        if self._client is None:
            _write_ahead(self._deps.settings)
            self._client = DBOSClient(
                system_database_url=self._deps.settings.durable_url,
                application_name=APPLICATION,
                serializer=DBOSPortableJSONSerializer(),
                retry_connection_errors=False,
            )
        return self._client

    def _enqueue(self, row: Outbox) -> None:
        options: EnqueueOptions = {
            "workflow_name": "run_segment",
            "queue_name": SEGMENTS,
            "workflow_id": segment_id(str(row.run_id), row.segment),
            "app_version": VERSION,
        }
        self._connected().enqueue(options, str(row.run_id), row.segment, row.todo)


def flush(deps: Deps, enqueue: Callable[[Outbox], None]) -> None:
    """Outbox -> engine. The fixed workflow id makes repeats harmless."""
    with deps.reading() as session:
        rows = unsent(session)
    for row in rows:
        enqueue(row)
        with deps.session() as session:
            mark_sent(session, row.run_id, row.segment, deps.now())
            session.commit()


def launch(deps: Deps, engines: Mapping[str, Engine]) -> str:
    """Starts the engine in this process; the executor id under which it works."""
    global _host
    _host = _Host(deps, engines)
    executor = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
    _write_ahead(deps.settings)
    logging.getLogger("dbos").addFilter(_quiet)
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": deps.settings.durable_url,
        "executor_id": executor,
        "application_version": VERSION,
        "log_level": "WARNING",
        "serializer": DBOSPortableJSONSerializer(),
        "notification_listener_polling_interval_sec": POLL_SECONDS,
    }
    DBOS(config=config)
    beat(deps, executor)
    DBOS.launch()
    DBOS.register_queue(SEGMENTS, polling_interval_sec=POLL_SECONDS)
    DBOS.register_queue(TASKS, worker_concurrency=TASKS_AT_ONCE, polling_interval_sec=POLL_SECONDS)
    return executor


def let_role_work(settings: Settings, role: str) -> None:
    """Makes the engine's own tables and lets a database role use them; the role can then make none itself."""
    DBOS.migrate(settings.durable_url, application_role=role)


def shut_down(deps: Deps, executor: str) -> None:
    """Leaves at once; whatever was in the middle is taken up by the next worker."""
    DBOS.destroy()
    with deps.session() as session:
        session.exec(delete(Worker).where(col(Worker.id) == executor))
        session.commit()


def keep(deps: Deps, executor: str) -> None:
    """One turn of a worker's care: its heartbeat, the outbox, what dead workers held, what broke off."""
    beat(deps, executor)
    flush(deps, _enqueue_here)
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    orphaned = {w.executor_id for w in pending if w.executor_id} - living(deps)
    if orphaned:
        log.warning("taking over the work of %s", ", ".join(sorted(orphaned)))
        DBOS._recover_pending_workflows(sorted(orphaned))  # noqa: SLF001  (compare-and-set; has no public twin)
    _strand_broken(deps)


def _strand_broken(deps: Deps) -> None:
    with deps.reading() as session:
        rows = session.exec(select(Run.id, Run.segment).where(col(Run.status) == RunStatus.RUNNING)).all()
    running = {segment_id(str(run_id), segment): (run_id, segment) for run_id, segment in rows}
    if not running:
        return
    found = DBOS.list_workflows(workflow_ids=sorted(running), status=BROKEN, load_input=False, load_output=False)
    for workflow in found:
        log.error("the segment %s broke off", workflow.workflow_id)
        settling.strand(deps, *running[workflow.workflow_id])


def _enqueue_here(row: Outbox) -> None:
    with SetWorkflowID(segment_id(str(row.run_id), row.segment)):
        DBOS.enqueue_workflow(SEGMENTS, run_segment, str(row.run_id), row.segment, row.todo)


def beat(deps: Deps, executor: str) -> None:
    with deps.session() as session:
        now = database_now(session, deps.now())
        row = session.get(Worker, executor) or Worker(
            id=executor, host=socket.gethostname(), process=os.getpid(), started_at=now, beat_at=now
        )
        row.beat_at = now
        session.add(row)
        session.commit()


def living(deps: Deps) -> set[str]:
    """Executors with a fresh beat; one of this host whose process is gone is dead at once."""
    with deps.reading() as session:
        now = database_now(session, deps.now())
        rows = session.exec(select(Worker).where(col(Worker.beat_at) > now - LEASE)).all()
    here = socket.gethostname()
    return {row.id for row in rows if row.host != here or psutil.pid_exists(row.process)}


def _write_ahead(settings: Settings) -> None:
    """The engine does not ask SQLite for its write-ahead mode itself; the setting stays in the file."""
    if settings.durable_url.startswith("sqlite"):
        with closing(sqlite3.connect(settings.durable_url.removeprefix("sqlite:///"), timeout=30)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def _quiet(record: logging.LogRecord) -> bool:
    """A workflow that was cancelled, or taken over by another worker, is no error to tell operators about."""
    text = record.getMessage() + str(record.exc_info and record.exc_info[1])
    return not any(word in text for word in ("cancelled", "no longer owned", "WorkflowConflict"))
