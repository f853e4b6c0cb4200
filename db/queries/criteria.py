"""What people said of the criteria of a run."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Assignment, Attestation, CriterionComment, Waiver


def attestations_of(session: Session, run_id: UUID) -> Sequence[Attestation]:
    """Oldest first."""
    return session.exec(select(Attestation).where(Attestation.run_id == run_id).order_by(col(Attestation.at))).all()


def waivers_of(session: Session, run_id: UUID) -> Sequence[Waiver]:
    """Oldest first."""
    return session.exec(select(Waiver).where(Waiver.run_id == run_id).order_by(col(Waiver.asked_at))).all()


def find_waiver(session: Session, run_id: UUID, waiver_id: UUID) -> Waiver | None:
    """The waiver of this run; kept from other writers until the commit."""
    query = select(Waiver).where(Waiver.id == waiver_id, Waiver.run_id == run_id)
    return session.exec(query.with_for_update()).first()


def assignments_of(session: Session, run_id: UUID) -> dict[str, Assignment]:
    """Criterion -> who sees to it."""
    return {row.criterion: row for row in session.exec(select(Assignment).where(Assignment.run_id == run_id))}


def comments_of(session: Session, run_id: UUID) -> Sequence[CriterionComment]:
    """Oldest first."""
    query = select(CriterionComment).where(CriterionComment.run_id == run_id).order_by(col(CriterionComment.at))
    return session.exec(query).all()
