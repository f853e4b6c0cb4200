"""What another system is asked for, or could not be asked at the moment: kept with the change itself, done by
`python -m app.deliver`.
"""

import datetime as dt
import importlib
import secrets
from typing import Any

from sqlmodel import JSON, Column, Field, Session

from app import clock
from app.outbox import Sendable
from app.resilience import carefully


class Errand(Sendable, table=True):
    """`system` is a module beside this one, `act` one of its functions."""

    __tablename__ = "integration_call"
    system: str
    act: str
    reference: str
    given: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


def later(session: Session, system: str, act: str, reference: str, given: dict[str, Any]) -> None:
    session.add(Errand(system=system, act=act, reference=reference, given=given, made_at=clock.now()))


def ask(session: Session, system: str, act: str, about: str, given: dict[str, Any], every: int = 0) -> None:
    """Once for a change of a record, in its transaction, under a reference of its own.

    `every`: seconds; it is sent when the span of this length ends, counted from midnight UTC.
    """
    reference, now = f"{about}-{secrets.token_hex(4)}", clock.now()
    due = now + dt.timedelta(seconds=every - now.timestamp() % every) if every else None
    session.add(Errand(system=system, act=act, reference=reference, given=given, made_at=now, due_at=due))


def run(errand: Errand) -> None:
    """Under the same reference as before."""
    module = importlib.import_module(f"app.integrations.{errand.system}")
    call = getattr(module.adapter, errand.act)
    carefully(
        module.NAME, lambda: call(errand.reference, **errand.given), is_idempotent=False, seconds=module.TIMEOUT_SECONDS
    )
