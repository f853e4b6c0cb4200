"""Dates that pass: waivers that end, criteria that somebody promised to see to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from db.queries.criteria import ending_waivers, overdue_assignments
from db.tables import Run, Waiver
from services.notifications.kinds import Kind
from services.notifications.telling import Notice, link_to
from services.workflow.criteria import Outcome, find_criterion

SOON = timedelta(days=7)
# What ended longer ago than this is history, and nothing to be told of by a new installation's first round.
LATE = timedelta(days=30)
SETTLED = (Outcome.MET.value, Outcome.NOT_APPLICABLE.value, Outcome.WAIVED.value)


def promises(session: Session, now: datetime) -> Iterator[Notice]:
    """Over all teams: whatever ends soon, has ended, or is overdue."""
    for waiver, run in ending_waivers(session, after=now - LATE, before=now + SOON):
        for person_id in sorted({id_ for id_ in (waiver.asked_id, waiver.decided_id) if id_}):
            yield _waiver(waiver, run, person_id, now)
    for row, run in overdue_assignments(session, now.date(), settled=SETTLED):
        if row.owner_id is not None and row.due_on is not None:
            yield Notice(
                kind=Kind.CRITERION_OVERDUE,
                team_id=run.team_id,
                person_id=row.owner_id,
                run_id=run.id,
                text=f"{_title(row.criterion)} of run {run.number}, {run.request['title']}, was due on {row.due_on:%Y-%m-%d}.",
                link=link_to("criteria", run=run.id),
                once=f"criterion-overdue:{run.id}:{row.criterion}:{row.due_on}",
            )


def _waiver(waiver: Waiver, run: Run, person_id: UUID, now: datetime) -> Notice:
    has_ended = waiver.expires_at is not None and waiver.expires_at <= now
    says = "has ended" if has_ended else f"ends on {waiver.expires_at:%Y-%m-%d}"
    return Notice(
        kind=Kind.WAIVER_ENDED if has_ended else Kind.WAIVER_ENDS,
        team_id=run.team_id,
        person_id=person_id,
        run_id=run.id,
        text=f"The waiver of {_title(waiver.criterion).lower()} for run {run.number}, {run.request['title']}, {says}.",
        link=link_to("criteria", run=run.id),
        once=f"waiver-{'ended' if has_ended else 'ends'}:{waiver.id}",
    )


def _title(criterion: str) -> str:
    found = find_criterion(criterion)
    return found.title if found else criterion
