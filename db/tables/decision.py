"""Decisions of people, and the chain that keeps them honest."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import document, moment, reference, root_id, rows


class Decision(SQLModel, table=True):
    """`kind`: "approve" or "request_changes". `shown_hash` binds it to exactly what was on the screen.

    `about_hash`: what an approval is about, the same for whoever approves it; `evidence_hash`: the part of it that was measured.
    `disciplines`: what the person held then. `threads`: ids of those whose words are among the remarks.
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
    about_hash: str = ""
    evidence_hash: str = ""
    disciplines: list[str] = document()
    shown: dict[str, Any] = document()
    policy: dict[str, Any] = document()
    remarks: dict[str, str] = document()
    threads: list[str] = rows()
    counts: bool
    at: datetime = moment()


class LedgerEntry(SQLModel, table=True):
    """`mac` = HMAC-SHA256(key, previous mac + canonical payload). `number` runs from 1 per team without a gap.

    `sign_in`: the first characters of the id of the browser's row, empty where nobody was signed in. `shown_hash`: of what was
    on the screen, empty where nothing was. Both are None in entries that were written before they were kept.

    `team_id` is no foreign key and rows are never deleted: the chain outlives what it tells of.
    """

    __tablename__ = "ledger_entry"
    team_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime = moment()
    actor: str
    sign_in: str | None = None
    act: str
    shown_hash: str | None = None
    payload: dict[str, Any] = document()
    previous: str
    mac: str
