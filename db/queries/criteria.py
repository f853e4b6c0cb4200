"""What people said of the criteria of a run."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from db.tables import Assignment, Attestation, CriterionComment, Run, Verdict, Waiver
from db.tables.run import RunStatus


def attestations_of(session: Session, run_id: UUID) -> Sequence[Attestation]:
    """Oldest first."""
    return session.exec(
        select(Attestation).where(Attestation.run_id == run_id).order_by(col(Attestation.at), col(Attestation.id))
    ).all()


def waivers_of(session: Session, run_id: UUID) -> Sequence[Waiver]:
    """Oldest first."""
    return session.exec(
        select(Waiver).where(Waiver.run_id == run_id).order_by(col(Waiver.asked_at), col(Waiver.id))
    ).all()


def find_waiver(session: Session, run_id: UUID, waiver_id: UUID) -> Waiver | None:
    """The waiver of this run; kept from other writers until the commit."""
    query = select(Waiver).where(Waiver.id == waiver_id, Waiver.run_id == run_id)
    return session.exec(query.with_for_update()).first()


def assignments_of(session: Session, run_id: UUID) -> dict[str, Assignment]:
    """Criterion -> who sees to it."""
    return {row.criterion: row for row in session.exec(select(Assignment).where(Assignment.run_id == run_id))}


def comments_of(session: Session, run_id: UUID) -> Sequence[CriterionComment]:
    """Oldest first."""
    query = (
        select(CriterionComment)
        .where(CriterionComment.run_id == run_id)
        .order_by(col(CriterionComment.at), col(CriterionComment.id))
    )
    return session.exec(query).all()


def ending_waivers(session: Session, *, after: datetime, before: datetime) -> Sequence[tuple[Waiver, Run]]:
    """Granted waivers that end between the two moments and that no longer one replaces, over all teams."""
    longer = aliased(Waiver)
    replaced = sa.exists().where(
        col(longer.run_id) == col(Waiver.run_id),
        col(longer.criterion) == col(Waiver.criterion),
        col(longer.expires_at) > col(Waiver.expires_at),
    )
    query = (
        select(Waiver, Run)
        .join(Run, col(Run.id) == col(Waiver.run_id))
        .where(
            col(Waiver.is_granted).is_(True),
            col(Waiver.expires_at) > after,
            col(Waiver.expires_at) <= before,
            col(Run.archived_at).is_(None),
            sa.not_(replaced),
        )
        .order_by(col(Waiver.expires_at), col(Waiver.id))
    )
    return list(session.exec(query).all())


def overdue_assignments(session: Session, today: date, *, settled: Collection[str]) -> Sequence[tuple[Assignment, Run]]:
    """Criteria whose date has passed and whose newest verdict is not settled, over all teams."""
    newest = (
        sa.select(col(Verdict.outcome))
        .where(col(Verdict.run_id) == col(Assignment.run_id), col(Verdict.criterion) == col(Assignment.criterion))
        .order_by(col(Verdict.at).desc(), col(Verdict.segment).desc(), col(Verdict.id).desc())
        .limit(1)
        .correlate(Assignment)
        .scalar_subquery()
    )
    query = (
        select(Assignment, Run)
        .join(Run, col(Run.id) == col(Assignment.run_id))
        .where(
            col(Assignment.due_on) < today,
            col(Assignment.owner_id).is_not(None),
            col(Run.archived_at).is_(None),
            col(Run.status) != RunStatus.CANCELLED,
            func.coalesce(newest, "").not_in(list(settled)),
        )
        .order_by(col(Assignment.run_id), col(Assignment.criterion))
    )
    return list(session.exec(query).all())
