"""What was measured, and what was concluded from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from db.tables.columns import document, moment, reference, root_id


class Evidence(SQLModel, table=True):
    """One check over one workspace tree. `outcome`: "passed", "failed" or "not_measured"; `log` at most 256 KB.

    `findings`: what it found wrong, worst first, each with rule, severity, place, message, advice and task.

    `figures["files"]`: id of the tree of files that the check left, where it left some.
    """

    __tablename__ = "evidence"
    id: UUID = root_id()
    run_id: UUID = reference("run.id")
    phase: int
    segment: int
    check: str
    tool: str
    tool_version: str
    isolation: str
    enforced: dict[str, str] = document()
    tree: str
    outcome: str
    reason: str
    figures: dict[str, Any] = document()
    findings: list[dict[str, str]] = document()
    log: str
    started_at: datetime = moment()
    duration_seconds: float


class Verdict(SQLModel, table=True):
    """A criterion as judged after one segment; the newest row per criterion is the current one."""

    __tablename__ = "verdict"
    id: UUID = root_id()
    run_id: UUID = reference("run.id")
    segment: int
    phase: int
    criterion: str
    outcome: str
    reason: str
    evidence: list[str] = document()
    tree: str
    at: datetime = moment()
