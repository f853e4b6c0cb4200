"""The entries of a team's chain."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from db.tables import LedgerEntry


def last_entry(session: Session, team_id: UUID) -> LedgerEntry | None:
    newest = col(LedgerEntry.number).desc()
    return session.exec(select(LedgerEntry).where(LedgerEntry.team_id == team_id).order_by(newest).limit(1)).first()


def entries_of(session: Session, team_id: UUID) -> list[LedgerEntry]:
    """Oldest first."""
    return list(
        session.exec(select(LedgerEntry).where(LedgerEntry.team_id == team_id).order_by(col(LedgerEntry.number)))
    )


def lock_chain(session: Session, team_id: UUID) -> None:
    """One writer per chain. SQLite's immediate transaction already holds the only write lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:team))"), {"team": str(team_id)})
