"""The database: SQLite beside the service by default, any other by DATABASE_URL. Its tables come from `migrations/`."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, create_engine

ROOT = Path(__file__).parent.parent
# What a kind of database needs to be told; moments are kept in UTC.
_ARGUMENTS: dict[str, dict[str, Any]] = {
    "sqlite": {"check_same_thread": False, "timeout": 5},
    "postgresql": {"options": "-c timezone=utc", "connect_timeout": 5},
}


@cache
def engine() -> Engine:
    url = os.environ.get("DATABASE_URL", "sqlite:///service.db")
    kind = url.split(":", 1)[0].split("+", 1)[0]
    return create_engine(url, connect_args=_ARGUMENTS.get(kind, {}), pool_pre_ping=True)


def migrations() -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def migrate() -> None:
    command.upgrade(migrations(), "head")


@cache
def newest() -> str | None:
    """The migration that this version of the service needs."""
    return ScriptDirectory.from_config(migrations()).get_current_head()


def is_current() -> bool:
    with engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()


def create_tables() -> None:
    """For tests, which need no migrations."""
    SQLModel.metadata.create_all(engine())


def get_session() -> Iterator[Session]:
    with Session(engine()) as session:
        yield session
