"""The breaker of each model: after some outages in a row nobody asks it for a while, then one request tries.

The state is a row that all processes share; every change is made under its lock. Who tries holds a lease, so that a process
that dies keeps nobody out for ever; the task that holds it has it still when another worker goes on with its work.
Source: M. Nygard, Release It!, the circuit breaker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from db.queries.breakers import breakers_of, find_breaker, lock_breaker
from db.tables import Breaker
from services.agents.engine import Outcome
from services.deps import Deps
from services.errors import ModelAway

FAULTS_IN_A_ROW = 5  # as many as one call makes attempts
WINDOW = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
LONGEST_ASKED = timedelta(hours=2)
LEASE = timedelta(minutes=16)  # one answer may take fifteen


@dataclass(frozen=True)
class BreakerView:
    """An open one. `fault`: kind of the newest outage; `is_tried`: a request of somebody tries now."""

    provider: str
    model: str
    faults: int
    fault: str
    opened_at: datetime
    retry_at: datetime
    is_due: bool
    is_tried: bool

    @property
    def sentence(self) -> str:
        """Which model, since when, why, and when it is tried again."""
        again = "One request tries it now." if self.is_tried else f"It is tried again at {_time(self.retry_at)}."
        return (
            f"{self.model} at {self.provider} is not asked since {_time(self.opened_at)}, after {self.faults} faults in a row "
            f"({self.fault.replace('_', ' ')}). {'It is tried again now.' if self.is_due and not self.is_tried else again}"
        )


def admit(deps: Deps, provider: str, model: str, *, who: str) -> None:
    """Leave for one request. `who`: run and task, with a colon between.

    Raises: ModelAway while the breaker is open, or while somebody else tries.
    """
    with deps.reading() as session:
        row = find_breaker(session, provider, model)
        if row is None or row.opened_at is None:
            return
    with deps.session() as session:
        row = lock_breaker(session, provider, model)
        if row.opened_at is None:
            return
        if not may_try(row, deps.now(), who=who):
            raise ModelAway("paused", f"{model} does not answer.", waits_for=(provider, model))
        lend(row, deps.now(), who=who, lease=LEASE)
        session.add(row)
        session.commit()


def came_of(deps: Deps, provider: str, model: str, outcome: Outcome, *, who: str) -> None:
    """Counts what came of a request. One that was sent before the breaker opened changes nothing any more."""
    with deps.reading() as session:
        row = find_breaker(session, provider, model)
        if not outcome.fault and (row is None or (row.opened_at is None and not row.faults)):
            return
    with deps.session() as session:
        row, now = lock_breaker(session, provider, model), deps.now()
        tries = row.opened_at is not None and row.probe == who
        if row.opened_at is not None and not tries:
            return
        if outcome.is_answer:
            close(row, now)
        elif outcome.fault:
            _count(row, now, outcome, tries=tries)
        elif tries:
            row.probe = row.probe_until = None
        session.add(row)
        session.commit()


def close_breaker(deps: Deps, provider: str, model: str) -> None:
    """A trial by a person has shown that the model answers."""
    with deps.session() as session:
        row = find_breaker(session, provider, model)
        if row is None or row.opened_at is None:
            return
        row = lock_breaker(session, provider, model)
        close(row, deps.now())
        session.add(row)
        session.commit()


def may_try(row: Breaker, now: datetime, *, who: str) -> bool:
    """Whether `who`, a run or one of its tasks, may be the one that tries."""
    if row.retry_at is None or now < row.retry_at:
        return False
    is_lent = row.probe is not None and row.probe_until is not None and now < row.probe_until
    return not is_lent or row.probe in (who, who.partition(":")[0])


def lend(row: Breaker, now: datetime, *, who: str, lease: timedelta) -> None:
    row.probe, row.probe_until = who, now + lease


def close(row: Breaker, now: datetime) -> None:
    """No fault counts any more; whoever waited goes on where it was open."""
    row.closed_at = now if row.opened_at else row.closed_at
    row.faults, row.fault, row.wait_seconds = 0, "", 0.0
    row.first_at = row.opened_at = row.retry_at = row.probe = row.probe_until = None


def view(row: Breaker | None, now: datetime) -> BreakerView | None:
    """None while it is closed."""
    if row is None or row.opened_at is None or row.retry_at is None:
        return None
    is_due = now >= row.retry_at
    is_tried = is_due and row.probe_until is not None and now < row.probe_until
    return BreakerView(
        row.provider, row.model, row.faults, row.fault, row.opened_at, row.retry_at, is_due=is_due, is_tried=is_tried
    )


def open_breakers(session: Session, provider: str, now: datetime) -> tuple[BreakerView, ...]:
    """Those of one address, by model."""
    return tuple(seen for row in breakers_of(session, provider) if (seen := view(row, now)))


def _count(row: Breaker, now: datetime, outcome: Outcome, *, tries: bool) -> None:
    if not tries and (row.first_at is None or now - row.first_at > WINDOW):
        row.first_at, row.faults = now, 0
    row.faults, row.fault = row.faults + 1, outcome.fault
    asked = timedelta(seconds=min(outcome.wait_seconds or 0.0, LONGEST_ASKED.total_seconds()))
    if tries or row.faults >= FAULTS_IN_A_ROW or asked > FIRST_WAIT:
        longer = min(max(FIRST_WAIT, 2 * timedelta(seconds=row.wait_seconds)), LONGEST_WAIT)
        row.opened_at, row.retry_at, row.wait_seconds = (
            row.opened_at or now,
            now + max(longer, asked),
            longer.total_seconds(),
        )
        row.probe = row.probe_until = None


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
