"""Who was asked by name to review which gate."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Decision, Reviewer, Run, User
from db.tables.run import RunStatus

EVERY_GATE = 0


def reviewers_of(session: Session, run_id: UUID) -> Sequence[tuple[Reviewer, User]]:
    """By gate, then by name."""
    query = (
        select(Reviewer, User)
        .join(User, col(User.id) == col(Reviewer.user_id))
        .where(Reviewer.run_id == run_id)
        .order_by(col(Reviewer.phase), User.name, col(User.id))
    )
    return list(session.exec(query).all())


def reviewers_at_gates(session: Session, team_id: UUID) -> Sequence[tuple[Reviewer, User, Run]]:
    """Those whose gate the run stands at now, over all runs of a team; by name."""
    query = (
        select(Reviewer, User, Run)
        .join(User, col(User.id) == col(Reviewer.user_id))
        .join(Run, col(Run.id) == col(Reviewer.run_id))
        .where(
            Run.team_id == team_id,
            Run.status == RunStatus.WAITING,
            (col(Reviewer.phase) == EVERY_GATE) | (col(Reviewer.phase) == col(Run.phase)),
        )
        .order_by(User.name, col(User.id))
    )
    return list(session.exec(query).all())


def deciders_at_gate(session: Session, run: Run) -> set[UUID]:
    """People who have decided at the gate where the run stands now."""
    query = select(Decision.actor_id).where(
        Decision.run_id == run.id, Decision.phase == run.phase, Decision.segment == run.segment
    )
    return {id_ for id_ in session.exec(query) if id_ is not None}
