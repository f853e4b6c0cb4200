"""The loop of a worker that tells people what the state of their runs asks of them, and lets go on what waits for no person.

Every worker makes its rounds; what one has told, the others find told. A round looks at the runs that have moved since the
one before, and once a minute at all of them, because dates pass and people change without a run moving.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from db.queries.notifications import active_person, told_before
from db.queries.runs import live_runs
from db.tables import Run
from services.deps import Deps
from services.notifications.telling import Notice, notify
from services.reminders.gates import notices_of
from services.reminders.promises import promises
from services.runs.waiting import resume_waiting

log = logging.getLogger(__name__)

TURN_SECONDS = 2.0
WHOLE_ROUND = timedelta(minutes=1)


@dataclass
class Memory:
    """What one worker saw in its last round: run -> version."""

    versions: dict[UUID, int] = field(default_factory=dict)
    whole_at: datetime | None = None


def run_rounds(deps: Deps, stop: threading.Event) -> None:
    """Until `stop` is set."""
    memory = Memory()
    while not stop.wait(TURN_SECONDS):
        try:
            resume_waiting(deps)
            make_round(deps, memory)
        except Exception:
            # The border of this loop: a database that is away for a moment must not end it.
            log.exception("a round of reminders failed; it is made again")


def make_round(deps: Deps, memory: Memory) -> int:
    """How many things were told that nobody had told before."""
    now = deps.now()
    is_whole = memory.whole_at is None or now - memory.whole_at >= WHOLE_ROUND
    with deps.reading() as session:
        versions = dict(live_runs(session))
        moved = [id_ for id_, version in versions.items() if is_whole or memory.versions.get(id_) != version]
        found = [notice for id_ in moved for notice in _of_run(session, id_, now)]
        found += promises(session, now) if is_whole else []
        new = _untold(session, found)
    told = _tell(deps, new) if new else 0
    memory.versions, memory.whole_at = versions, now if is_whole else memory.whole_at
    return told


def _of_run(session: Session, run_id: UUID, now: datetime) -> Iterable[Notice]:
    run = session.get(Run, run_id)
    return notices_of(session, run, now.date()) if run else ()


def _untold(session: Session, notices: list[Notice]) -> list[Notice]:
    """Those that are new, for people who are still there."""
    told = told_before(session, {notice.once for notice in notices})
    return [
        n
        for n in notices
        if (n.team_id, n.person_id, n.once) not in told and active_person(session, n.team_id, n.person_id)
    ]


def _tell(deps: Deps, notices: list[Notice]) -> int:
    with deps.session() as session:
        told = sum(notify(session, deps, notice) for notice in notices)
        session.commit()
    return told
