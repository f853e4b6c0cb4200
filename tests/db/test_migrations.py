"""The migrations make exactly the tables of the code, and can be taken back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

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


DOCUMENT = {"name": "notes.md", "kind": "business", "text": "Größe"}


def test_documents_of_before_keep_their_text_and_say_what_they_are(engine: sa.Engine) -> None:
    upgrade(engine, "0001")
    put_document(engine, DOCUMENT)
    upgrade(engine)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT name, text, media_type, size, data, preview FROM context_document")
        ).all()
    assert [tuple(row) for row in rows] == [("notes.md", "Größe", "text/plain", 7, None, None)]


def test_on_the_way_down_pictures_are_lost_and_texts_stay(engine: sa.Engine) -> None:
    upgrade(engine)
    put_document(engine, {**DOCUMENT, "media_type": "application/pdf", "size": 9})
    put_document(engine, {**DOCUMENT, "text": "", "media_type": "image/png", "size": 1, "data": b"x", "preview": b"y"})
    frozen = [
        {**DOCUMENT, "media_type": "application/pdf"},
        {"name": "a.png", "kind": "data", "media_type": "image/png", "tree": "0"},
    ]
    put_run(engine, frozen)
    downgrade(engine, "0001")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT text FROM context_document")).scalars().all() == ["Größe"]
        assert connection.execute(sa.select(table("run", connection).c.documents)).scalars().all() == [[DOCUMENT]]
    upgrade(engine)


def test_what_was_spent_before_belongs_to_the_team_and_stays_with_its_run_on_the_way_down(engine: sa.Engine) -> None:
    upgrade(engine, "0010")
    put_run(engine, [])
    with engine.begin() as connection:
        run = connection.execute(sa.select(*table("run", connection).c["id", "team_id"])).one()
        values = {"task_key": "risk", "revision": 1, "key": "turn-1", "model": "m", "held_usd": 0.5, "cost_usd": 0.25}
        rows = table("spending", connection)
        row = {"id": uuid4(), "run_id": run.id, "created_at": datetime(2026, 3, 2, tzinfo=UTC), **values}
        connection.execute(rows.insert().values(**row))
    upgrade(engine)
    with engine.connect() as connection:
        kept = connection.execute(
            sa.select(*table("spending", connection).c["id", "team_id", "run_id", "cost_usd"])
        ).all()
    assert [tuple(one) for one in kept] == [(row["id"], run.team_id, run.id, 0.25)]
    downgrade(engine, "0010")
    with engine.connect() as connection:
        back = connection.execute(sa.select(*table("spending", connection).c["id", "run_id", "cost_usd"])).all()
    assert [tuple(one) for one in back] == [(row["id"], run.id, 0.25)]


def table(name: str, connection: sa.Connection) -> sa.Table:
    """As it stands in the database at this revision."""
    found = sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    for column in found.columns:
        if name != "context_document" and column.name in ("documents", "request", "defaults"):
            column.type = sa.JSON()
        elif column.name == "id" or column.name.endswith("_id"):
            column.type = sa.Uuid()
    return found


def put_feature(connection: sa.Connection) -> dict[str, Any]:
    team, feature, now = uuid4(), uuid4(), datetime(2026, 3, 2, tzinfo=UTC)
    connection.execute(table("team", connection).insert().values(id=team, name="Payments", defaults={}, created_at=now))
    values = {"id": feature, "team_id": team, "title": "x", "request": {}, "created_at": now, "changed_at": now}
    connection.execute(table("feature", connection).insert().values(**values))
    return {"team_id": team, "feature_id": feature, "created_at": now}


def put_document(engine: sa.Engine, values: dict[str, Any]) -> None:
    with engine.begin() as connection:
        of = put_feature(connection)
        of.pop("team_id")
        connection.execute(table("context_document", connection).insert().values(id=uuid4(), **of, **values))


def put_run(engine: sa.Engine, documents: list[dict[str, Any]]) -> None:
    with engine.begin() as connection:
        values = {
            **put_feature(connection), "id": uuid4(), "number": 1, "requester_name": "Ada", "channel": "browser",
            "engine": "blueprint", "request": {}, "documents": documents, "status": "waiting", "phase": 1, "segment": 1,
            "version": 0,
        }  # fmt: skip
        connection.execute(table("run", connection).insert().values(**values))
