"""What happened, a page at a time, and the names that it speaks of."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from db.tables import Event, Run, User


def _activity(query: Any, team_id: UUID, run_id: UUID | None, hidden: Collection[str]) -> Any:
    query = query.where(Event.team_id == team_id, col(Event.kind).not_in(list(hidden)))
    return query.where(Event.run_id == run_id) if run_id else query


def count_activity(session: Session, team_id: UUID, run_id: UUID | None, hidden: Collection[str]) -> int:
    """Of one run, or of a whole team (None), without the kinds that are hidden."""
    query = _activity(select(func.count()).select_from(Event), team_id, run_id, hidden)
    return int(session.exec(query).one())


def activity_of(
    session: Session, team_id: UUID, run_id: UUID | None, hidden: Collection[str], *, offset: int, limit: int
) -> Sequence[Event]:
    """Newest first."""
    query = _activity(select(Event), team_id, run_id, hidden).order_by(col(Event.id).desc())
    return list(session.exec(query.offset(offset).limit(limit)))


def numbers_of(session: Session, run_ids: Collection[UUID]) -> dict[UUID, int]:
    """Run -> its number in the team."""
    return dict(session.exec(select(Run.id, Run.number).where(col(Run.id).in_(list(run_ids)))).all())


def names_of(session: Session, user_ids: Collection[UUID]) -> dict[UUID, str]:
    return dict(session.exec(select(User.id, User.name).where(col(User.id).in_(list(user_ids)))).all())
