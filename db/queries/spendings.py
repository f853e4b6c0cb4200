"""What requests to models have cost, and what a team may spend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from db.tables import Call, Event, Revision, Run, Spending, Task
from db.tables.run import RunStatus, TaskStatus

_COUNTS_AS: Any = sa.case((col(Spending.settled_at).is_not(None), col(Spending.cost_usd)), else_=col(Spending.held_usd))


@dataclass(frozen=True)
class SpendingOfRun:
    """None for a run that was deleted."""

    spending: Spending
    run_number: int | None
    run_status: RunStatus | None


def spendings_of_team(session: Session, team_id: UUID, *, since: datetime | None = None) -> list[SpendingOfRun]:
    """Oldest first."""
    query = (
        select(Spending, Run.number, Run.status)
        .join(Run, col(Run.id) == col(Spending.run_id), isouter=True)
        .where(Spending.team_id == team_id)
        .order_by(col(Spending.created_at), col(Spending.id))
    )
    if since is not None:
        query = query.where(col(Spending.created_at) >= since)
    return [SpendingOfRun(row[0], row[1], RunStatus(row[2]) if row[2] else None) for row in session.exec(query)]


def kept_answers(session: Session, team_id: UUID) -> set[tuple[UUID | None, str, int, str]]:
    """(run, task key, revision, key) of the answers that the team's runs go on with."""
    query = (
        select(Call.run_id, Call.task_key, Call.revision, Call.key)
        .join(Run, col(Run.id) == col(Call.run_id))
        .where(Run.team_id == team_id)
    )
    return {(row[0], row[1], row[2], row[3]) for row in session.exec(query)}


def newest_revisions(session: Session, team_id: UUID) -> dict[tuple[UUID, str], int]:
    """(run, task key) -> number."""
    query = (
        select(Revision.run_id, Revision.task_key, func.max(Revision.number))
        .join(Run, col(Run.id) == col(Revision.run_id))
        .where(Run.team_id == team_id)
        .group_by(col(Revision.run_id), col(Revision.task_key))
    )
    return {(row[0], row[1]): row[2] for row in session.exec(query)}


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


@dataclass(frozen=True)
class SpentOnRun:
    """`usd`: None where one of its requests has no known price."""

    usd: float | None
    models: frozenset[str]


def spent_on_runs(session: Session, team_id: UUID) -> dict[UUID, SpentOnRun]:
    """Of every run of the team that has asked a model."""
    run, model = col(Spending.run_id), col(Spending.model)
    query = (
        sa.select(run, model, func.sum(_COUNTS_AS), func.count(), func.count(_COUNTS_AS))
        .where(col(Spending.team_id) == team_id, run.is_not(None))
        .group_by(run, model)
    )
    found: dict[UUID, SpentOnRun] = {}
    for run_id, name, total, requests, known in session.execute(query):
        before = found.get(run_id, SpentOnRun(0.0, frozenset()))
        is_known = before.usd is not None and requests == known
        found[run_id] = SpentOnRun((before.usd or 0.0) + total if is_known else None, before.models | {name})
    return found


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
