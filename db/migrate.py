"""Brings the schema of a database up, or takes it down."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

HEAD, BASE = "head", "base"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def current_revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def upgrade(engine: Engine, to: str = HEAD) -> None:
    """Everything up to a revision. Doing it twice, or from two processes at once, is harmless."""
    with engine.begin() as connection:
        _one_at_a_time(connection)
        command.upgrade(_config(connection), to)


def downgrade(engine: Engine, to: str = BASE) -> None:
    with engine.begin() as connection:
        _one_at_a_time(connection)
        command.downgrade(_config(connection), to)


def _one_at_a_time(connection: Connection) -> None:
    # SQLite: BEGIN IMMEDIATE already holds the only write lock.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(724501)")
