"""The entries of a team's chain."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select, update

from db.tables import LedgerEntry, Team


def last_entry(session: Session, team_id: UUID) -> LedgerEntry | None:
    newest = col(LedgerEntry.number).desc()
    return session.exec(select(LedgerEntry).where(LedgerEntry.team_id == team_id).order_by(newest).limit(1)).first()


def stored_entries(session: Session, team_id: UUID) -> list[dict[str, bytes | None]]:
    """Oldest first: every column as the bytes that stand in the database, whatever somebody has made of them."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    columns = [
        (sa.func.convert_to(sa.cast(c, sa.Text), "UTF8") if is_postgres else sa.cast(c, sa.LargeBinary)).label(c.name)
        for c in _table().columns
    ]
    query = sa.select(*columns).where(_table().c.team_id == team_id).order_by(_table().c.number)
    return [
        {name: None if value is None else bytes(value) for name, value in row.items()}
        for row in session.execute(query).mappings()
    ]


def entries_promised(session: Session, team_id: UUID) -> int:
    """How many entries the team's row says that there are."""
    return session.exec(select(Team.ledger_entries).where(Team.id == team_id)).first() or 0


def promise_entries(session: Session, team_id: UUID, number: int) -> None:
    session.exec(update(Team).where(col(Team.id) == team_id).values(ledger_entries=number))


def lock_chain(session: Session, team_id: UUID) -> None:
    """One writer per chain, and one change at a time of what decides in the team.

    SQLite's immediate transaction already holds the only write lock.
    """
    session.exec(select(Team.id).where(Team.id == team_id).with_for_update(key_share=True)).first()


def _table() -> Any:
    return LedgerEntry.__table__  # type: ignore[attr-defined]
