"""Fixtures that every suite shares: a fresh database per test, a clock that only moves when told."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest
from sqlmodel import SQLModel

import db.tables  # noqa: F401  (completes the metadata)
from db.engine import make_engine
from services.deps import Deps
from services.evidence.environments import find_environment
from services.settings import Settings, read_settings
from tests import postgres


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


def missing(what: str) -> NoReturn:
    """A part that a test needs is not on this machine: skipped by hand, failed in CI."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    folder = postgres.programs()
    if folder is None:
        missing(postgres.HOW_TO_GET_IT)
    with postgres.server(folder) as address:
        yield address


@pytest.fixture(scope="session")
def postgres_template(postgres_address: str) -> str:
    """The name of a database that holds the tables and no rows."""
    url = postgres.new_database(postgres_address)
    engine = make_engine(read_settings({"DATABASE_URL": url}).database_url)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return url.rsplit("/", 1)[-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings over an empty data folder and a database with tables, once per kind of database."""
    given = {"GREENLIGHT_DATA": str(tmp_path / "data")}
    (tmp_path / "data").mkdir()
    if request.param == "sqlite":
        found = read_settings(given)
        engine = make_engine(found.database_url)
        SQLModel.metadata.create_all(engine)
        engine.dispose()
        yield found
        return
    address = request.getfixturevalue("postgres_address")
    url = postgres.new_database(address, request.getfixturevalue("postgres_template"))
    yield read_settings({**given, "DATABASE_URL": url})
    postgres.drop_database(address, url)


@pytest.fixture(scope="session")
def service_python() -> Path:
    """The Python of the environment in which generated services run; `make test` builds it."""
    environment = find_environment(read_settings().environments_dir)
    if environment is None:
        missing("The environment for generated services is missing; `python -m services prepare` builds it.")
    return environment / "bin" / "python"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deps(settings: Settings, clock: Clock) -> Iterator[Deps]:
    engine = make_engine(settings.database_url)
    yield Deps(settings, engine, RecordingDispatcher(), clock, uuid4, ledger_key=b"k" * 32)
    engine.dispose()
