"""What requests to models have cost, and what a team may spend."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from db.tables import Event, Run, Spending, Task
from db.tables.run import RunStatus, TaskStatus

_COUNTS_AS: Any = sa.case((col(Spending.settled_at).is_not(None), col(Spending.cost_usd)), else_=col(Spending.held_usd))


def spent_by_run(
    session: Session, run_id: UUID, *, task_key: str | None = None, revision: int | None = None
) -> float | None:
    """USD of a run, of a task, or of one revision of it; None where one of its requests has no known price."""
    asked = [col(Spending.run_id) == run_id]
    if task_key is not None:
        asked.append(col(Spending.task_key) == task_key)
    if revision is not None:
        asked.append(col(Spending.revision) == revision)
    return _sum(session, *asked)


def spent_by_team(session: Session, team_id: UUID, *, since: datetime, until: datetime) -> float | None:
    """USD of requests that began between the two moments, those of deleted runs included; None as above."""
    created = col(Spending.created_at)
    return _sum(session, col(Spending.team_id) == team_id, created >= since, created < until)


def _sum(session: Session, *asked: sa.ColumnElement[bool]) -> float | None:
    query = sa.select(func.sum(_COUNTS_AS), func.count(), func.count(_COUNTS_AS)).where(*asked)
    total, requests, known = session.execute(query.select_from(Spending)).one()
    return float(total or 0.0) if requests == known else None


def lock_spending(session: Session, team_id: UUID) -> None:
    """Until the commit nobody else holds money for the team. A lock without a row: workers may change none of the team's.

    On SQLite every writing transaction is alone already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:team, 0))"), {"team": f"spending {team_id}"}
        )


def parkings_of_team(session: Session, team_id: UUID) -> Sequence[Event]:
    """Why the parked tasks of the team's parked runs are parked: their events, oldest first."""
    query = (
        select(Event)
        .join(Run, col(Run.id) == col(Event.run_id))
        .join(Task, (col(Task.run_id) == col(Event.run_id)) & (col(Task.key) == col(Event.task_key)))
        .where(Run.team_id == team_id, Run.status == RunStatus.PARKED, Task.status == TaskStatus.PARKED)
        .where(Event.kind == "task.parked")
        .order_by(col(Event.id))
    )
    return session.exec(query).all()
