"""Decisions of people, and the chain that keeps them honest."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import document, moment, reference, root_id, rows


class Decision(SQLModel, table=True):
    """`kind`: "approve" or "request_changes". `shown_hash` binds it to exactly what was on the screen.

    `threads`: ids of those whose words are among the remarks.
    """

    __tablename__ = "decision"
    id: UUID = root_id()
    team_id: UUID = reference("team.id")
    run_id: UUID = reference("run.id")
    phase: int
    segment: int
    kind: str
    actor_kind: str
    actor_name: str
    actor_id: UUID | None = None
    channel: str
    shown_hash: str
    shown: dict[str, Any] = document()
    policy: dict[str, Any] = document()
    remarks: dict[str, str] = document()
    threads: list[str] = rows()
    counts: bool
    at: datetime = moment()


class LedgerEntry(SQLModel, table=True):
    """`mac` = HMAC-SHA256(key, previous mac + canonical payload). `number` runs from 1 per team without a gap.

    `team_id` is no foreign key and rows are never deleted: the chain outlives what it tells of.
    """

    __tablename__ = "ledger_entry"
    team_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime = moment()
    actor: str
    act: str
    payload: dict[str, Any] = document()
    previous: str
    mac: str
