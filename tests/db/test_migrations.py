"""The migrations make exactly the tables of the code, and can be taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import db.tables  # noqa: F401  (completes the metadata)
from db.engine import make_engine
from db.migrate import current_revision, downgrade, newest_revision, upgrade
from services.settings import read_settings
from tests import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = read_settings(
            {"DATABASE_URL": postgres.new_database(request.getfixturevalue("postgres_address"))}
        ).database_url
    engine = make_engine(url)
    yield engine
    engine.dispose()


def tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_makes_what_the_code_declares(engine: sa.Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_up_down_and_up_again(engine: sa.Engine) -> None:
    upgrade(engine)
    everything = tables(engine)
    downgrade(engine)
    assert tables(engine) == set()
    upgrade(engine)
    assert tables(engine) == everything
    assert current_revision(engine) == newest_revision()


def test_up_twice_changes_nothing(engine: sa.Engine) -> None:
    upgrade(engine)
    upgrade(engine)
    assert current_revision(engine) == newest_revision()
