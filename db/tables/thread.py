"""What people discuss about a revision, and what its agent answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, UniqueConstraint

from db.tables.columns import moment, reference, root_id, rows


class Thread(SQLModel, table=True):
    """About one place of revision `revision` of a task, and kept with the text that stood there (`quote`).

    `kind`: "paragraph", "record" or "lines". `place`: empty for a paragraph of the report, a dotted path of a record, or the
    path of a file. `first`, `last`: number of the paragraph, or lines of the file, from 1; 0 for a record.
    """

    __tablename__ = "thread"
    __table_args__ = (UniqueConstraint("run_id", "number"),)
    id: UUID = root_id()
    run_id: UUID = reference("run.id")
    number: int
    task_key: str
    revision: int
    kind: str
    place: str
    first: int
    last: int
    quote: str
    created_at: datetime = moment()
    resolved_at: datetime | None = moment(nullable=True)
    resolved_id: UUID | None = None
    resolved_name: str | None = None


class ThreadComment(SQLModel, table=True):
    """Somebody's words, or an agent's answer with its revision.

    `mentions`: ids of the people whose user names are in the text. `answers`: of an agent, what became of each line that it was
    asked for: line, is_applied, text.
    """

    __tablename__ = "thread_comment"
    __table_args__ = (UniqueConstraint("thread_id", "number"),)
    id: UUID = root_id()
    thread_id: UUID = reference("thread.id")
    number: int
    author_kind: str
    author_id: UUID | None = None
    author_name: str
    text: str
    mentions: list[str] = rows()
    revision: int | None = None
    answers: list[dict[str, Any]] = rows()
    at: datetime = moment()
    edited_at: datetime | None = moment(nullable=True)
