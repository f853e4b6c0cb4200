"""Fixtures that every suite shares: a fresh database per test, a clock that only moves when told."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from services.deps import Deps
from services.evidence.environments import find_environments
from services.settings import Settings, read_settings
from tests.browsers import browser
from tests.databases import (
    engine_over,
    postgres_address,
    postgres_template,
    reused_database,
    settings,
    sqlite_template,
)
from tests.machine import a_free_port, missing

__all__ = [
    "browser",
    "engine_over",
    "postgres_address",
    "postgres_template",
    "reused_database",
    "settings",
    "sqlite_template",
]


@dataclass
class Clock:
    at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class RecordingDispatcher:
    """Stands at the door to the durable engine and remembers what was asked of it."""

    dispatched: int = 0
    cancelled: list[str] = field(default_factory=list)

    def dispatch(self) -> None:
        self.dispatched += 1

    def cancel(self, workflow_prefix: str) -> None:
        self.cancelled.append(workflow_prefix)


@pytest.fixture(scope="session")
def service_python() -> Path:
    """The Python of the environment in which generated services run; `make test` builds it."""
    environment = find_environments(read_settings().environments_dir).runtime
    if environment is None:
        missing("The environment for generated services is missing; `python -m services prepare` builds it.")
    return environment / "bin" / "python"


@pytest.fixture
def free_port() -> int:
    return a_free_port()


def ids_in_order() -> Callable[[], UUID]:
    """Each greater than the one before: what is made while the clock stands still is listed as it was made."""
    numbers = itertools.count(uuid4().int)
    return lambda: UUID(int=next(numbers))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deps(settings: Settings, clock: Clock, engine_over: Callable[[str], Engine]) -> Iterator[Deps]:
    engine = engine_over(settings.database_url)
    yield Deps(settings, engine, RecordingDispatcher(), clock, ids_in_order(), ledger_key=b"k" * 32)
    engine.dispose()
