"""What a service function may use from outside; built once per process by bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from services.settings import Settings


class Dispatcher(Protocol):
    """The door to the durable engine, as the services see it."""

    def dispatch(self) -> None:
        """Hand every unsent outbox row to the workers. Repeating it is harmless."""

    def cancel(self, workflow_prefix: str) -> None:
        """Stop the live workflows whose id begins with the prefix."""


@dataclass(frozen=True)
class Deps:
    """`ledger_key` is None in worker processes: nothing that agents drive can sign. `engines`: names of those offered."""

    settings: Settings
    engine: Engine
    dispatcher: Dispatcher
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    ledger_key: bytes | None
    engines: tuple[str, ...] = ()

    def session(self) -> Session:
        """One session, one commit: `with deps.session() as session`."""
        return Session(self.engine, expire_on_commit=False)

    def reading(self) -> Session:
        """A session that only reads and never waits for a writer."""
        return Session(self.engine.execution_options(reading=True), expire_on_commit=False)
