"""Breakers of models, and the runs that wait for one."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from db.tables import Breaker, Run, Task
from db.tables.run import RunStatus, TaskStatus


def find_breaker(session: Session, provider: str, model: str) -> Breaker | None:
    return session.get(Breaker, (provider, model))


def breakers_of(session: Session, provider: str) -> Sequence[Breaker]:
    """Of one address, by model."""
    return session.exec(select(Breaker).where(Breaker.provider == provider).order_by(col(Breaker.model))).all()


def lock_breaker(session: Session, provider: str, model: str) -> Breaker:
    """The row, made where there is none; other writers wait until the commit."""
    if session.get(Breaker, (provider, model)) is None:
        try:
            with session.begin_nested():
                session.add(Breaker(provider=provider, model=model))
        except IntegrityError:
            session.expire_all()  # another process has made it at the same moment
    return session.get_one(Breaker, (provider, model), populate_existing=True, with_for_update=True)


def parked_runs(session: Session) -> Sequence[UUID]:
    """Oldest first, over all teams, without those in an archive."""
    query = select(Run.id).where(col(Run.status) == RunStatus.PARKED, col(Run.archived_at).is_(None))
    return session.exec(query.order_by(col(Run.created_at), col(Run.number))).all()


def parked_tasks(session: Session, run_id: UUID) -> Sequence[Task]:
    return session.exec(select(Task).where(Task.run_id == run_id, col(Task.status) == TaskStatus.PARKED)).all()
