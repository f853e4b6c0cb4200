"""Approve, or ask for changes: bound to what was shown, in one transaction with the ledger and the next segment."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.ledger import lock_chain
from db.queries.runs import find_run, tasks_of
from db.tables import Decision, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from services.features.asked import Asked, asked_of
from services.people.permissions import Action, require
from services.reviews.opening import go_on, grounds_of, keep, next_segment
from services.reviews.standing import standing_of
from services.reviews.views import GateView, gate_of
from services.runs.events import record
from services.workflow.tasks import dependents, tasks_for

REMARK_MAX = 5_000


def approve_phase(deps: Deps, actor: Actor, *, run_id: UUID, shown_hash: str) -> None:
    """An approval of exactly what was shown. The last one that the policy asks for opens the next phase.

    Raises: Conflict when something moved since it was shown, NotAllowed when the approval would not count.
    """
    with deps.session() as session:
        run, gate = _at_gate(session, deps, actor, run_id, shown_hash)
        if gate.why_not:
            raise NotAllowed(gate.why_not)
        if "opens" in _decide(session, deps, actor, run, gate, "approve", {}):
            go_on(session, deps, actor, run)
        session.commit()
    deps.dispatcher.dispatch()


def open_gate(deps: Deps, actor: Actor, *, run_id: UUID, shown_hash: str) -> None:
    """Goes on where the approvals that are there suffice by now: a criterion was met, or a gate came up again unchanged.

    Raises: Conflict, NotAllowed while anything is missing.
    """
    with deps.session() as session:
        run, gate = _at_gate(session, deps, actor, run_id, shown_hash)
        if not gate.may_open:
            still = f"It needs {', '.join(gate.missing)}." if gate.missing else gate.why_not
            raise NotAllowed(f"The gate stays shut. {still}")
        opens = grounds_of(standing_of(session, deps, run))
        payload = {"run": str(run.id), "phase": run.phase, "shown": _shown(gate), "opens": opens}
        keep(session, deps, actor, "open_gate", payload, shown_hash=gate.shown_hash)
        record(session, deps, actor, run, "gate.opened", phase=run.phase)
        go_on(session, deps, actor, run)
        session.commit()
    deps.dispatcher.dispatch()


def request_changes(deps: Deps, actor: Actor, *, run_id: UUID, shown_hash: str, remarks: Mapping[str, str]) -> None:
    """A new revision of each task with a remark, and of those that read it; nothing else runs again.

    `remarks`: task key -> what to change. The run goes back to the earliest phase that is touched; later phases are
    decided again, because they are about other files now.

    Raises: InvalidInput, Conflict, NotAllowed.
    """
    with deps.session() as session:
        run, gate = _at_gate(session, deps, actor, run_id, shown_hash)
        if not gate.may_request_changes:
            raise NotAllowed(gate.why_not or "Your role may not decide.")
        rows = tasks_of(session, run_id)
        wanted = _checked(remarks, rows, run.phase)
        asked = asked_of(session, run)
        touched = _touch(session, rows, wanted, asked)
        back_to = min(task.phase for task in touched)
        _decide(session, deps, actor, run, gate, "request_changes", wanted, back_to=back_to)
        run.phase = back_to
        next_segment(session, deps, run, [task for task in touched if task.phase == run.phase])
        session.commit()
    deps.dispatcher.dispatch()


def _at_gate(session: Session, deps: Deps, actor: Actor, run_id: UUID, shown_hash: str) -> tuple[Run, GateView]:
    """The run, and its gate as shown. Until the commit nobody else decides in the team, or changes what decides there."""
    require(actor, Action.DECIDE)
    run = find_run(session, actor.team_id, run_id, lock=True)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    if run.status is not RunStatus.WAITING:
        raise Conflict(f"This run is {run.status.value}; somebody was faster. Look again, then decide.")
    lock_chain(session, run.team_id)
    gate = gate_of(session, actor, run, standing_of(session, deps, run))
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


def _decide(
    session: Session,
    deps: Deps,
    actor: Actor,
    run: Run,
    gate: GateView,
    kind: str,
    remarks: dict[str, str],
    **told: object,
) -> dict[str, Any]:
    """The decision, its entry in the ledger, and its event. What the ledger was told; `opens` where nothing is missing now."""
    standing = standing_of(session, deps, run)
    rules = standing.rules
    held = next((d.disciplines for d in rules.deciders if d.user_id == actor.user_id), frozenset())
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
        about_hash=standing.about_hash,
        evidence_hash=standing.evidence_hash,
        disciplines=sorted(d.value for d in held),
        shown=_shown(gate),
        policy=rules.as_data(),
        remarks=remarks,
        counts=True,
        at=deps.now(),
    )
    session.add(decision)
    payload: dict[str, Any] = {
        "decision": str(decision.id),
        "run": str(run.id),
        "phase": run.phase,
        "by": str(actor.user_id),
        "disciplines": decision.disciplines,
        "shown": decision.shown,
        "about_hash": decision.about_hash,
        "policy": decision.policy,
        "remarks": remarks,
        **told,
    }
    if kind == "approve" and not (after := standing.with_approval(decision)).missing:
        payload["opens"] = grounds_of(after)
    keep(session, deps, actor, kind, payload, shown_hash=gate.shown_hash)
    said = "gate.approved" if kind == "approve" else "gate.changes_requested"
    note = "by command line, not signed in" if actor.channel == "command line" else actor.channel
    record(session, deps, actor, run, said, phase=run.phase, channel=note, remarks=remarks)
    return payload


def _shown(gate: GateView) -> dict[str, Any]:
    """Task key -> what was shown of it."""
    return {s.task_key: {"revision": s.revision, "output_hash": s.output_hash} for s in gate.shown}
