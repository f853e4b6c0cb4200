"""Threads as rows, so that what is tried of them needs no other act."""

from uuid import UUID, uuid4

from sqlmodel import Session

from db.tables import Thread, ThreadComment
from services.actors import Actor
from services.deps import Deps


def a_thread(deps: Deps, run_id: UUID, number: int, text: str, *, is_resolved: bool = False) -> tuple[UUID, UUID]:
    """A thread and its comment, written by somebody who has left."""
    at = deps.now()
    thread = Thread(
        id=uuid4(), run_id=run_id, number=number, task_key="architecture", revision=1, kind="paragraph", place="", first=1,
        last=1, quote=text, created_at=at, resolved_at=at if is_resolved else None, resolved_name="Nobody",
    )  # fmt: skip
    with deps.session() as session:
        session.add(thread)
        session.flush()
        comment_id = a_comment(session, deps, thread.id, None, text)
        session.commit()
    return thread.id, comment_id


def a_comment(session: Session, deps: Deps, thread_id: UUID, author_id: UUID | None, text: str) -> UUID:
    comment = ThreadComment(
        id=uuid4(), thread_id=thread_id, number=2 if author_id else 1, author_kind="person", author_id=author_id,
        author_name="Somebody", text=text, at=deps.now(),
    )  # fmt: skip
    session.add(comment)
    return comment.id


def own_comment(deps: Deps, thread_id: UUID, actor: Actor) -> UUID:
    with deps.session() as session:
        comment_id = a_comment(session, deps, thread_id, actor.user_id, "Mine.")
        session.commit()
    return comment_id
