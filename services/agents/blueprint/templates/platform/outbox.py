"""What has to leave the service: written in the transaction of the change, sent afterwards by `python -m app.deliver`.

A row is taken for a minute before it is sent, so two processes never send it at once. Whoever stops in the middle leaves
it to the next one, which sends it again under the same id: a receiver drops what it has seen. So nothing is lost, and
nothing arrives twice.
"""

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, or_, select, update

from app import clock
from app.resilience import Refused, Unavailable

ATTEMPTS = 6
LEASE_SECONDS = 60
_random = secrets.SystemRandom()


class Sendable(SQLModel):
    """`sent_at` is empty until it arrived. `failed` says why nobody tries any more."""

    id: int | None = Field(default=None, primary_key=True)
    made_at: dt.datetime
    sent_at: dt.datetime | None = Field(default=None, index=True)
    due_at: dt.datetime | None = None
    attempts: int = 0
    failed: str | None = None


def drain(session: Session, model: Any, send: Callable[[Any], None]) -> dict[str, int]:
    """How many were sent, how many are tried again later, how many were set aside."""
    done = {"sent": 0, "later": 0, "set_aside": 0}
    waiting = select(model.id).where(*_is_due(model)).order_by(model.id)
    for id_ in session.exec(waiting).all():
        if _take(session, model, id_):
            row = session.get_one(model, id_)
            done[_send(row, send)] += 1
            session.add(row)
            session.commit()
    return done


def again(session: Session, model: Any) -> None:
    """What was set aside is tried once more, from the beginning."""
    session.execute(update(model).where(col(model.failed).is_not(None)).values(failed=None, attempts=0, due_at=None))
    session.commit()


def _is_due(model: Any) -> tuple[Any, ...]:
    is_now = or_(col(model.due_at).is_(None), col(model.due_at) <= clock.now())
    return col(model.sent_at).is_(None), col(model.failed).is_(None), is_now


def _take(session: Session, model: Any, id_: int) -> bool:
    """False when another process was faster."""
    until = clock.now() + dt.timedelta(seconds=LEASE_SECONDS)
    mine = update(model).where(model.id == id_, *_is_due(model)).values(due_at=until, attempts=model.attempts + 1)
    is_mine = session.execute(mine.execution_options(synchronize_session=False)).rowcount == 1
    session.commit()
    return is_mine


def _send(row: Any, send: Callable[[Any], None]) -> str:
    try:
        send(row)
    except (Refused, Unavailable) as error:
        if row.attempts >= ATTEMPTS or isinstance(error, Refused):
            row.failed = str(error)[:500]
            return "set_aside"
        wait = _random.uniform(0, min(60, 2**row.attempts))  # full jitter, so that many do not come back at once
        row.due_at = clock.now() + dt.timedelta(seconds=wait)
        return "later"
    row.sent_at = clock.now()
    return "sent"
