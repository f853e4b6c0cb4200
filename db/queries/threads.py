"""Threads of a run and what was said in them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session, col, func, select

from db.tables import Thread, ThreadComment


def threads_of(session: Session, run_id: UUID) -> Sequence[Thread]:
    """Oldest first."""
    return session.exec(select(Thread).where(Thread.run_id == run_id).order_by(col(Thread.number))).all()


def find_thread(session: Session, run_id: UUID, thread_id: UUID) -> Thread | None:
    """The thread, if it is of this run."""
    return session.exec(select(Thread).where(Thread.id == thread_id, Thread.run_id == run_id)).first()


def count_threads(session: Session, run_id: UUID) -> int:
    return session.exec(select(func.count()).select_from(Thread).where(Thread.run_id == run_id)).one()


def count_comments(session: Session, thread_id: UUID) -> int:
    query = select(func.count()).select_from(ThreadComment).where(ThreadComment.thread_id == thread_id)
    return session.exec(query).one()


def comments_in(session: Session, threads: Iterable[UUID]) -> dict[UUID, list[ThreadComment]]:
    """Thread -> its comments, oldest first."""
    query = (
        select(ThreadComment).where(col(ThreadComment.thread_id).in_(list(threads))).order_by(col(ThreadComment.number))
    )
    found: dict[UUID, list[ThreadComment]] = {}
    for comment in session.exec(query):
        found.setdefault(comment.thread_id, []).append(comment)
    return found
