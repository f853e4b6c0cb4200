"""Decisions at a gate, bound to what was shown, in one transaction with the ledger and the next segment. See `changes.py`."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import find_run
from db.tables import Decision, Run
from db.tables.run import RunStatus
from services import ledger
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, NotAllowed, NotFound
from services.people.permissions import Action, require
from services.reviews.views import GateView, gate_of, policy_of
from services.runs.events import record
from services.runs.reruns import go_on
from services.workflow.tasks import PHASES


def approve_phase(deps: Deps, actor: Actor, *, run_id: UUID, shown_hash: str) -> None:
    """Opens the next phase, or finishes the run.

    Raises: Conflict when something moved since it was shown, NotAllowed when the approval would not count.
    """
    with deps.session() as session:
        run, gate = at_gate(session, actor, run_id, shown_hash)
        if gate.why_not:
            raise NotAllowed(gate.why_not)
        write_decision(session, deps, actor, run, gate, "approve", {})
        if run.phase == len(PHASES):
            run.status, run.finished_at = RunStatus.FINISHED, deps.now()
            session.add(run)
            record(session, deps, actor, run, "run.finished")
        else:
            go_on(session, deps, run, run.phase + 1)
        session.commit()
    deps.dispatcher.dispatch()


def at_gate(session: Session, actor: Actor, run_id: UUID, shown_hash: str) -> tuple[Run, GateView]:
    """The run, locked, and its gate as it is now. Raises: Conflict when that is not what was shown."""
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


def write_decision(
    session: Session, deps: Deps, actor: Actor, run: Run, gate: GateView, kind: str, remarks: dict[str, str]
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
    }
    ledger.append(session, key=deps.ledger_key, actor=actor, act=kind, payload=payload, at=deps.now())
    said = "gate.approved" if kind == "approve" else "gate.changes_requested"
    note = "by command line, not signed in" if actor.channel == "command line" else actor.channel
    record(session, deps, actor, run, said, phase=run.phase, channel=note, remarks=remarks)
