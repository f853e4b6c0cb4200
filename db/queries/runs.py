"""Runs, tasks, revisions and what belongs to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select, update

from db.tables import Call, Decision, Event, Evidence, Outbox, Revision, Run, Task, Team, Verdict
from db.tables.run import RunStatus, TaskStatus


def find_run(session: Session, team_id: UUID, run_id: UUID, *, lock: bool = False) -> Run | None:
    """The run, if the team has it. `lock` keeps other writers away until the commit."""
    query = select(Run).where(Run.id == run_id, Run.team_id == team_id)
    return session.exec(query.with_for_update() if lock else query).first()


def next_number(session: Session, team_id: UUID) -> int:
    """Counts per team; the team's row is locked so that two starts cannot take the same number."""
    session.exec(select(Team.id).where(Team.id == team_id).with_for_update()).one()
    newest = session.exec(select(func.max(Run.number)).where(Run.team_id == team_id)).one()
    return (newest or 0) + 1


def runs_of(session: Session, team_id: UUID, *, archived: bool) -> Sequence[Run]:
    """Newest first."""
    kept = col(Run.archived_at).is_not(None) if archived else col(Run.archived_at).is_(None)
    return session.exec(select(Run).where(Run.team_id == team_id, kept).order_by(col(Run.number).desc())).all()


def live_runs(session: Session) -> Sequence[tuple[UUID, int]]:
    """(run, version) of every run that has not ended and is in no archive, over all teams."""
    ended = [RunStatus.FINISHED, RunStatus.CANCELLED]
    query = select(Run.id, Run.version).where(col(Run.status).not_in(ended), col(Run.archived_at).is_(None))
    return [(row[0], row[1]) for row in session.exec(query)]


def tasks_of(session: Session, run_id: UUID) -> dict[str, Task]:
    return {task.key: task for task in session.exec(select(Task).where(Task.run_id == run_id))}


def move_version(session: Session, run_id: UUID) -> None:
    session.exec(update(Run).where(col(Run.id) == run_id).values(version=col(Run.version) + 1))


def current_revisions(session: Session, run_id: UUID) -> dict[str, Revision]:
    """Task key -> newest revision."""
    newest = (
        select(col(Revision.task_key), func.max(Revision.number))
        .where(Revision.run_id == run_id)
        .group_by(col(Revision.task_key))
    )
    query = select(Revision).where(
        Revision.run_id == run_id, sa.tuple_(col(Revision.task_key), col(Revision.number)).in_(newest)
    )
    return {revision.task_key: revision for revision in session.exec(query)}


def acts_on_steps(session: Session, run_id: UUID, kinds: Collection[str]) -> set[tuple[str, int, UUID]]:
    """(task key, revision, person) of events of these kinds: a worker can add such rows, and take none away."""
    query = select(Event.task_key, Event.data, Event.actor_id).where(
        Event.run_id == run_id, col(Event.kind).in_(list(kinds)), col(Event.actor_id).is_not(None)
    )
    return {(key, int(data["revision"]), person) for key, data, person in session.exec(query) if key and person}


def causes_of(session: Session, run_id: UUID) -> dict[tuple[str, int], str]:
    """(task key, revision) -> why it was made."""
    rows = session.exec(select(Revision.task_key, Revision.number, Revision.cause).where(Revision.run_id == run_id))
    return {(key, number): cause for key, number, cause in rows}


def output_hashes(session: Session, run_id: UUID) -> dict[str, str]:
    """Task key -> hash of its newest revision, without reports and records."""
    query = select(Revision.task_key, Revision.output_hash).where(Revision.run_id == run_id)
    return dict(session.exec(query.order_by(col(Revision.number))).all())


def find_revision(session: Session, run_id: UUID, task_key: str, number: int | None) -> Revision | None:
    """One revision; the newest where no number is given."""
    query = select(Revision).where(Revision.run_id == run_id, Revision.task_key == task_key)
    if number is not None:
        query = query.where(Revision.number == number)
    return session.exec(query.order_by(col(Revision.number).desc()).limit(1)).first()


def revisions_of(session: Session, run_id: UUID, task_key: str | None = None) -> Sequence[Revision]:
    """Oldest first."""
    query = select(Revision).where(Revision.run_id == run_id)
    if task_key is not None:
        query = query.where(Revision.task_key == task_key)
    return session.exec(query.order_by(col(Revision.created_at), col(Revision.number))).all()


def decisions_of(session: Session, run_id: UUID) -> Sequence[Decision]:
    """Oldest first."""
    return session.exec(
        select(Decision).where(Decision.run_id == run_id).order_by(col(Decision.at), col(Decision.id))
    ).all()


def call_answer(session: Session, run_id: UUID, task_key: str, revision: int, key: str) -> Call | None:
    return session.get(Call, (run_id, task_key, revision, key))


def texts_of(session: Session, run_id: UUID, task_key: str, since: datetime, newest: int | None) -> list[str]:
    """Oldest first; only the `newest` ones where a number is given."""
    query = (
        select(Event)
        .where(Event.run_id == run_id, Event.task_key == task_key, Event.kind == "task.text", col(Event.at) >= since)
        .order_by(col(Event.id).desc())
        .limit(newest)
    )
    return [str(event.data["text"]) for event in reversed(session.exec(query).all())]


def events_of(session: Session, run_id: UUID) -> Sequence[Event]:
    """Oldest first, without the live text."""
    query = select(Event).where(Event.run_id == run_id, Event.kind != "task.text").order_by(col(Event.id))
    return session.exec(query).all()


def events_of_kinds(session: Session, run_id: UUID, kinds: Collection[str]) -> Sequence[Event]:
    """Oldest first."""
    query = select(Event).where(Event.run_id == run_id, col(Event.kind).in_(list(kinds)))
    return session.exec(query.order_by(col(Event.id))).all()


def evidence_of(session: Session, run_id: UUID) -> Sequence[Evidence]:
    """Oldest first."""
    return session.exec(
        select(Evidence).where(Evidence.run_id == run_id).order_by(col(Evidence.started_at), col(Evidence.id))
    ).all()


def verdicts_of(session: Session, run_id: UUID) -> Sequence[Verdict]:
    """Oldest first."""
    return session.exec(
        select(Verdict).where(Verdict.run_id == run_id).order_by(col(Verdict.at), col(Verdict.segment), col(Verdict.id))
    ).all()


def unsent(session: Session) -> Sequence[Outbox]:
    return session.exec(select(Outbox).where(col(Outbox.sent_at).is_(None)).order_by(col(Outbox.created_at))).all()


def mark_sent(session: Session, run_id: UUID, segment: int | None, at: datetime) -> None:
    """One segment, or every unsent one of the run."""
    change = update(Outbox).where(col(Outbox.run_id) == run_id, col(Outbox.sent_at).is_(None))
    if segment is not None:
        change = change.where(col(Outbox.segment) == segment)
    session.exec(change.values(sent_at=at))


def end_open_tasks(session: Session, run_id: UUID, status: TaskStatus, only: Collection[TaskStatus]) -> None:
    session.exec(update(Task).where(col(Task.run_id) == run_id, col(Task.status).in_(list(only))).values(status=status))


def counts_of(session: Session, run_id: UUID) -> dict[str, int]:
    """How much hangs on a run: revisions, events, evidence."""
    tables: tuple[tuple[str, type[Revision] | type[Event] | type[Evidence]], ...] = (
        ("revisions", Revision),
        ("events", Event),
        ("pieces of evidence", Evidence),
    )
    return {
        name: session.exec(select(func.count()).select_from(table).where(col(table.run_id) == run_id)).one()
        for name, table in tables
    }


def database_now(session: Session, here: datetime) -> datetime:
    """The database's clock where several hosts share one; on SQLite all processes share this machine's clock."""
    if session.get_bind().dialect.name != "postgresql":
        return here
    now: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return now
