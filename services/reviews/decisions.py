"""Decisions at a gate, bound to what was shown, in one transaction with the ledger and the next segment. See `changes.py`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.ledger import lock_chain
from db.queries.runs import find_run
from db.tables import Decision, Run
from db.tables.run import RunStatus
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, NotAllowed, NotFound
from services.people.permissions import Action, require
from services.reviews.opening import go_on, grounds_of, keep
from services.reviews.standing import standing_of
from services.reviews.views import GateView, gate_of
from services.runs.events import record


def approve_phase(deps: Deps, actor: Actor, *, run_id: UUID, shown_hash: str) -> None:
    """An approval of exactly what was shown. The last one that the policy asks for opens the next phase.

    Raises: Conflict when something moved since it was shown, NotAllowed when the approval would not count.
    """
    with deps.session() as session:
        run, gate = at_gate(session, deps, actor, run_id, shown_hash)
        if gate.why_not:
            raise NotAllowed(gate.why_not)
        if "opens" in write_decision(session, deps, actor, run, gate, "approve", {}):
            go_on(session, deps, actor, run)
        session.commit()
    deps.dispatcher.dispatch()


def open_gate(deps: Deps, actor: Actor, *, run_id: UUID, shown_hash: str) -> None:
    """Goes on where the approvals that are there suffice by now: a criterion was met, or a gate came up again unchanged.

    Raises: Conflict, NotAllowed while anything is missing.
    """
    with deps.session() as session:
        run, gate = at_gate(session, deps, actor, run_id, shown_hash)
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


def at_gate(session: Session, deps: Deps, actor: Actor, run_id: UUID, shown_hash: str) -> tuple[Run, GateView]:
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


def write_decision(
    session: Session,
    deps: Deps,
    actor: Actor,
    run: Run,
    gate: GateView,
    kind: str,
    remarks: dict[str, str],
    threads: Sequence[str] = (),
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
        threads=list(threads),
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
        **({"threads": list(threads)} if threads else {}),
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
