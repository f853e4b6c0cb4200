"""What requests to models have cost."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Spending


def spendings_of(
    session: Session, run_id: UUID, *, task_key: str | None = None, revision: int | None = None
) -> Sequence[Spending]:
    """Oldest first; of a run, of a task, or of one revision of it."""
    query = select(Spending).where(Spending.run_id == run_id)
    if task_key is not None:
        query = query.where(Spending.task_key == task_key)
    if revision is not None:
        query = query.where(Spending.revision == revision)
    return session.exec(query.order_by(col(Spending.created_at))).all()
