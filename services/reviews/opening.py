"""A gate opens: by the act of a person, with an entry in the ledger that names the approvals it stands on."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from db.queries.runs import tasks_of
from db.tables import Run
from db.tables.run import RunStatus, TaskStatus
from services import ledger
from services.actors import Actor
from services.deps import Deps
from services.reviews.policies import counted
from services.reviews.standing import Standing, standing_of
from services.runs import reruns
from services.runs.events import record
from services.workflow.tasks import PHASES


def grounds_of(standing: Standing) -> dict[str, Any]:
    """On what a gate that opens stands: for the ledger, complete enough to be judged from it alone."""
    rules = standing.rules
    return {
        "policy": rules.as_data(),
        "about_hash": standing.about_hash,
        "stands_on": [a.decision_id for a in counted(rules, standing.fresh)],
        "criteria": {criterion: outcome.value for criterion, outcome in standing.outcomes.items()},
    }


def go_on(session: Session, deps: Deps, actor: Actor, run: Run) -> None:
    """The gate of the run's phase has opened: the next phase begins, or the run is finished.

    A gate that comes up again with nothing left to do before it, and whose approvals still count, is passed as well.
    """
    while run.phase < len(PHASES):
        run.phase += 1
        session.add(run)
        session.flush()
        todo = [
            t for t in tasks_of(session, run.id).values() if t.phase == run.phase and t.status is not TaskStatus.DONE
        ]
        standing = None if todo else standing_of(session, deps, run)
        if standing is None or standing.missing:
            reruns.go_on(session, deps, run, run.phase)
            return
        payload = {"run": str(run.id), "phase": run.phase, "opens": grounds_of(standing)}
        keep(session, deps, actor, "carry_over", payload, shown_hash=standing.about_hash)
        record(session, deps, actor, run, "gate.carried_over", phase=run.phase)
    run.status, run.finished_at = RunStatus.FINISHED, deps.now()
    session.add(run)
    record(session, deps, actor, run, "run.finished")


def keep(session: Session, deps: Deps, actor: Actor, act: str, payload: Mapping[str, Any], *, shown_hash: str) -> None:
    """An entry of the ledger, in the same transaction."""
    ledger.append(
        session, key=deps.ledger_key, actor=actor, act=act, payload=payload, at=deps.now(), shown_hash=shown_hash
    )
