"""Approve, or ask for changes: bound to what was shown, in one transaction with the ledger and the next segment."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import find_run, tasks_of
from db.tables import Decision, Outbox, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services import ledger
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from services.features.asked import Asked, asked_of
from services.people.permissions import Action, require
from services.reviews.chosen import REMARK_MAX, chosen_threads, hand_over, ids_of, with_threads
from services.reviews.views import GateView, gate_of, policy_of
from services.runs.events import record
from services.runs.segments import todo_of
from services.workflow.tasks import PHASES, dependents, tasks_for


def approve_phase(deps: Deps, actor: Actor, *, run_id: UUID, shown_hash: str) -> None:
    """Opens the next phase, or finishes the run.

    Raises: Conflict when something moved since it was shown, NotAllowed when the approval would not count.
    """
    with deps.session() as session:
        run, gate = _at_gate(session, actor, run_id, shown_hash)
        if gate.why_not:
            raise NotAllowed(gate.why_not)
        _decide(session, deps, actor, run, gate, "approve", {})
        if run.phase == len(PHASES):
            run.status, run.finished_at = RunStatus.FINISHED, deps.now()
            session.add(run)
            record(session, deps, actor, run, "run.finished")
        else:
            run.phase += 1
            open_tasks = [t for t in tasks_of(session, run_id).values() if t.phase == run.phase]
            _next_segment(session, deps, run, [t for t in open_tasks if t.status is not TaskStatus.DONE])
        session.commit()
    deps.dispatcher.dispatch()


def request_changes(
    deps: Deps,
    actor: Actor,
    *,
    run_id: UUID,
    shown_hash: str,
    remarks: Mapping[str, str],
    threads: Mapping[UUID, str] | None = None,
) -> None:
    """A new revision of each task with a remark, and of those that read it; nothing else runs again.

    `remarks`: task key -> what to change. `threads`: those that are to be done as well, with their words as they were shown. The run goes back to the earliest phase that is touched; later phases are
    decided again, because they are about other files now.

    Raises: InvalidInput, Conflict, NotAllowed.
    """
    with deps.session() as session:
        run, gate = _at_gate(session, actor, run_id, shown_hash)
        if not gate.may_request_changes:
            raise NotAllowed(gate.why_not or "Your role may not decide.")
        rows = tasks_of(session, run_id)
        chosen = chosen_threads(session, run_id, threads or {})
        wanted = _checked(with_threads(remarks, chosen), rows, run.phase)
        asked = asked_of(session, run)
        _decide(session, deps, actor, run, gate, "request_changes", wanted, threads=ids_of(chosen))
        touched = _touch(session, rows, wanted, asked)
        hand_over(touched, remarks, chosen)
        run.phase = min(task.phase for task in touched)
        _next_segment(session, deps, run, [task for task in touched if task.phase == run.phase])
        session.commit()
    deps.dispatcher.dispatch()


def _at_gate(session: Session, actor: Actor, run_id: UUID, shown_hash: str) -> tuple[Run, GateView]:
    require(actor, Action.DECIDE)
    run = find_run(session, actor.team_id, run_id, lock=True)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    if run.status is not RunStatus.WAITING:
        raise Conflict(f"This run is {run.status.value}; somebody was faster. Look again, then decide.")
    gate = gate_of(session, actor, run)
    if gate.shown_hash != shown_hash:
        raise Conflict("What was shown to you has moved. Look again, then decide.")
    return run, gate


def _checked(remarks: Mapping[str, str], rows: Mapping[str, Task], phase: int) -> dict[str, str]:
    wanted = {key: text.strip() for key, text in remarks.items() if text.strip()}
    if not wanted:
        raise InvalidInput({"remarks": "Say at least for one step what should change."})
    problems = {
        key: f"A remark may have {REMARK_MAX:,} characters; this one has {len(text):,}."
        for key, text in wanted.items()
        if len(text) > REMARK_MAX
    }
    problems |= {
        key: "This step has not been done yet." for key in wanted if key not in rows or rows[key].phase > phase
    }
    if problems:
        raise InvalidInput(problems)
    return wanted


def _touch(session: Session, rows: Mapping[str, Task], wanted: Mapping[str, str], asked: Asked) -> list[Task]:
    """The tasks that get a new revision: whatever was done from what changes now, also in phases that come again.

    A remark that corrects what was understood ("rename order to purchase") reaches every step, because all read it.
    """
    graph = tasks_for(asked.request.methodology)
    begin = set(rows) if asked.is_changed_by(wanted) else set(wanted)
    reached = [rows[key] for key in sorted(dependents(graph, begin))]
    touched = [task for task in reached if task.status is TaskStatus.DONE]
    for task in touched:
        task.revision, task.attempt = task.revision + 1, 1
        task.status, task.error = TaskStatus.PENDING, None
        task.cause = "change_request" if task.key in wanted else "upstream"
        task.remarks = [wanted[task.key]] if task.key in wanted else []
        session.add(task)
    return touched


def _next_segment(session: Session, deps: Deps, run: Run, tasks: list[Task]) -> None:
    for task in tasks:
        task.status, task.queued_at = TaskStatus.QUEUED, deps.now()
        session.add(task)
    run.status, run.segment = RunStatus.RUNNING, run.segment + 1
    session.add(run)
    numbers = {task.key: (task.revision, task.attempt) for task in tasks}
    session.add(Outbox(run_id=run.id, segment=run.segment, todo=todo_of(numbers, numbers), created_at=deps.now()))


def _decide(
    session: Session,
    deps: Deps,
    actor: Actor,
    run: Run,
    gate: GateView,
    kind: str,
    remarks: dict[str, str],
    *,
    threads: Sequence[str] = (),
) -> None:
    """The decision, its entry in the ledger, and its event."""
    shown = {s.task_key: {"revision": s.revision, "output_hash": s.output_hash} for s in gate.shown}
    policy = policy_of(session, run.team_id, run.requester_id).as_data()
    decision = Decision(
        id=deps.new_id(),
        team_id=run.team_id,
        run_id=run.id,
        phase=run.phase,
        segment=run.segment,
        kind=kind,
        actor_kind=actor.kind.value,
        actor_name=actor.name,
        actor_id=actor.user_id,
        channel=actor.channel,
        shown_hash=gate.shown_hash,
        shown=shown,
        policy=policy,
        remarks=remarks,
        threads=list(threads),
        counts=True,
        at=deps.now(),
    )
    session.add(decision)
    payload: dict[str, Any] = {
        "decision": str(decision.id),
        "run": str(run.id),
        "phase": run.phase,
        "shown_hash": gate.shown_hash,
        "shown": shown,
        "policy": policy,
        "remarks": remarks,
        "threads": list(threads),
    }
    ledger.append(session, key=deps.ledger_key, actor=actor, act=kind, payload=payload, at=deps.now())
    said = "gate.approved" if kind == "approve" else "gate.changes_requested"
    note = "by command line, not signed in" if actor.channel == "command line" else actor.channel
    record(session, deps, actor, run, said, phase=run.phase, channel=note, remarks=remarks)
