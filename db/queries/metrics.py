"""What a team's figures are made of."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from db.tables import Decision, Event, Revision, Run, Task, Verdict


def runs_of_team(session: Session, team_id: UUID) -> Sequence[Run]:
    return session.exec(select(Run).where(Run.team_id == team_id)).all()


def revisions_of_team(session: Session, team_id: UUID) -> Sequence[tuple[Revision, tuple[int, int]]]:
    """Revisions with (step, phase) of their task, oldest first."""
    query = (
        select(Revision, Task.step, Task.phase)
        .join(Run, col(Run.id) == col(Revision.run_id))
        .join(Task, (col(Task.run_id) == col(Revision.run_id)) & (col(Task.key) == col(Revision.task_key)))
        .where(Run.team_id == team_id)
        .order_by(col(Revision.created_at), col(Revision.id))
    )
    return [(row[0], (row[1], row[2])) for row in session.exec(query)]


def works_of_team(
    session: Session, team_id: UUID, task_keys: Collection[str]
) -> Sequence[tuple[str, str, float, float | None]]:
    """(task key, engine, seconds, US dollars) of what agents made for the team, oldest first."""
    query = (
        sa.select(
            col(Revision.task_key),
            col(Revision.engine),
            col(Revision.started_at),
            col(Revision.created_at),
            col(Revision.cost_usd),
        )
        .join(Run, col(Run.id) == col(Revision.run_id))
        .where(col(Run.team_id) == team_id, col(Revision.task_key).in_(task_keys), col(Revision.author_kind) == "agent")
        .order_by(col(Revision.created_at), col(Revision.id))
    )
    return [(row[0], row[1], (row[3] - row[2]).total_seconds(), row[4]) for row in session.execute(query)]


def decisions_of_team(session: Session, team_id: UUID) -> Sequence[Decision]:
    return session.exec(
        select(Decision).where(Decision.team_id == team_id).order_by(col(Decision.at), col(Decision.id))
    ).all()


def gate_events_of_team(session: Session, team_id: UUID) -> Sequence[Event]:
    return session.exec(select(Event).where(Event.team_id == team_id, Event.kind == "gate.reached")).all()


def verdicts_of_team(session: Session, team_id: UUID) -> Sequence[tuple[UUID, int, datetime, str, int]]:
    """(run, phase, time, outcome, count) per segment, oldest first."""
    query = (
        sa.select(col(Verdict.run_id), col(Verdict.phase), func.max(Verdict.at), col(Verdict.outcome), func.count())
        .join(Run, col(Run.id) == col(Verdict.run_id))
        .where(col(Run.team_id) == team_id)
        .group_by(col(Verdict.run_id), col(Verdict.segment), col(Verdict.phase), col(Verdict.outcome))
        .order_by(func.max(Verdict.at))
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in session.execute(query)]
