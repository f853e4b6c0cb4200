"""One byte that is changed anywhere in any column of any row is found, and the row is named."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from db.tables import LedgerEntry
from services import ledger
from services.actors import Actor
from services.deps import Deps
from tests.builders import a_team

COLUMNS = [column.name for column in LedgerEntry.__table__.columns]  # type: ignore[attr-defined]
ENTRIES = 4


@pytest.fixture
def sealed(deps: Deps) -> Actor:
    """Whoever signed a chain."""
    actor = replace(a_team(deps), sign_in="0123456789abcdef")
    for number in range(ENTRIES):
        payload = {"phase": number, "note": "é & more", "shown": {"risk": [1, 2.5, None, True]}}
        with deps.session() as session:
            ledger.append(
                session, key=b"k" * 32, actor=actor, act="approve", payload=payload, at=deps.now(), shown_hash="ab" * 32
            )
            session.commit()
    return actor


@contextmanager
def raw(deps: Deps) -> Iterator[sqlite3.Connection]:
    """The file itself, below every type of the product; given back as it was."""
    path = Path(str(make_url(deps.settings.database_url).database))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM ledger_entry")
    connection.execute("COMMIT")
    try:
        yield connection
    finally:
        connection.execute("DELETE FROM ledger_entry")
        connection.execute("INSERT INTO ledger_entry SELECT * FROM kept")
        connection.close()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", COLUMNS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(row=st.integers(1, ENTRIES), place=st.integers(0, 400), bits=st.integers(1, 255))
@example(row=ENTRIES, place=0, bits=1)
@example(row=ENTRIES, place=25, bits=0x40)  # the last digit of a microsecond becomes a letter
@example(row=1, place=10, bits=0x01)  # the blank between date and time
@example(row=2, place=9, bits=0x29)  # a blank of the payload becomes a tab
def test_a_flipped_byte_is_found(deps: Deps, sealed: Actor, column: str, row: int, place: int, bits: int) -> None:
    with raw(deps) as connection:
        flip(connection, column, row, place, bits)
        report = ledger.verify(deps, sealed)
        assert not report.is_whole
        assert report.broken_at in (row, None if row == ENTRIES else row)
    assert ledger.verify(deps, sealed).is_whole


def flip(connection: sqlite3.Connection, column: str, row: int, place: int, bits: int) -> None:
    """Changes bits of one byte of what is stored, whatever comes of it."""
    query = f"SELECT CAST({column} AS BLOB), typeof({column}) FROM ledger_entry WHERE number = ?"
    stored, kind = connection.execute(query, (row,)).fetchone()
    changed = bytearray(stored)
    changed[place % len(changed)] ^= bits
    value = f"CAST(? AS {'TEXT' if kind == 'text' else kind})"
    if kind == "integer":  # kept as a number: its lowest bits
        connection.execute(f"UPDATE ledger_entry SET {column} = ({column} | 1024) + ? WHERE number = ?", (bits, row))
        return
    connection.execute(f"UPDATE ledger_entry SET {column} = {value} WHERE number = ?", (bytes(changed), row))


# PostgreSQL itself refuses what is no value of the column's type; everything else is tried.
CHANGES = {
    "team_id": "'00000000-0000-0000-0000-000000000001'",
    "number": "number + 1000",
    "at": "at + interval '1 microsecond'",
    "actor": "actor || ' '",
    "sign_in": "sign_in || ' '",
    "act": "upper(act)",
    "shown_hash": "overlay(shown_hash placing '0' from 5)",
    "payload": "(payload::text || ' ')::json",
    "previous": "overlay(previous placing 'x' from 1)",
    "mac": "upper(mac) || ' '",
}


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_is_found_on_postgresql_too(deps: Deps, sealed: Actor, column: str) -> None:
    address = make_url(deps.settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    for row in range(1, ENTRIES + 1):
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM ledger_entry")
            connection.execute(f"UPDATE ledger_entry SET {column} = {CHANGES[column]} WHERE number = {row}".encode())
            connection.commit()
            report = ledger.verify(deps, sealed)
            connection.execute("DELETE FROM ledger_entry")
            connection.execute("INSERT INTO ledger_entry SELECT * FROM kept")
            connection.commit()
        assert not report.is_whole
        assert report.broken_at in (row, None)
    assert ledger.verify(deps, sealed).is_whole


def test_every_column_is_tried() -> None:
    assert set(CHANGES) == set(COLUMNS)
    assert sa.inspect(LedgerEntry).columns.keys() == COLUMNS
