"""Every service test runs on both databases: a copied SQLite file, and a PostgreSQL database that is emptied before.

A new PostgreSQL database costs a fifth of a second, an empty one a fiftieth of that.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

import db.tables  # noqa: F401  (completes the metadata)
from db.engine import make_engine
from services.settings import Settings, read_settings
from tests import postgres
from tests.machine import missing


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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds the tables and no rows."""
    path = tmp_path_factory.mktemp("template") / "greenlight.db"
    engine = make_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def reused_database(postgres_address: str, postgres_template: str) -> Iterator[str]:
    url = postgres.new_database(postgres_address, postgres_template)
    yield url
    postgres.drop_database(postgres_address, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings over an empty data folder and a database with tables, once per kind of database."""
    data = tmp_path / "data"
    data.mkdir()
    given = {"GREENLIGHT_DATA": str(data)}
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), data / "greenlight.db")
        return read_settings(given)
    url = request.getfixturevalue("reused_database")
    children_first = reversed(SQLModel.metadata.sorted_tables)
    with psycopg.connect(url) as connection:
        connection.execute("; ".join(f'DELETE FROM "{table.name}"' for table in children_first).encode())
    return read_settings({**given, "DATABASE_URL": url})


@pytest.fixture(scope="session")
def engine_over() -> Callable[[str], Engine]:
    """An engine for an address, one for each kind of database: what it has compiled once serves every test. Whoever gets
    it disposes of it."""

    @cache
    def made(kind: str) -> tuple[Engine, list[str]]:
        # The address of a file: for SQLite in memory the pool closes what other threads are using.
        engine, now = make_engine(f"{kind}:///elsewhere"), list[str]()

        @event.listens_for(engine, "do_connect")
        def _elsewhere(dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
            arguments[:], known = dialect.create_connect_args(make_url(now[-1]))
            options |= known

        return engine, now

    def over(address: str) -> Engine:
        engine, now = made(address.split(":", 1)[0])
        now[:] = [address]
        return engine

    return over
