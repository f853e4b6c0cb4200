"""What a team asks for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from db.tables.columns import document, moment, reference, root_id


class Feature(SQLModel, table=True):
    """`request` holds the form as typed, valid or not; `submitted_at` is None while it is a draft."""

    __tablename__ = "feature"
    id: UUID = root_id()
    team_id: UUID = reference("team.id")
    author_id: UUID | None = reference("user_account.id", nullable=True)
    title: str
    request: dict[str, Any] = document()
    created_at: datetime = moment()
    changed_at: datetime = moment()
    submitted_at: datetime | None = moment(nullable=True)
    archived_at: datetime | None = moment(nullable=True)


class ContextDocument(SQLModel, table=True):
    """`size`: bytes of the file that was uploaded. A picture has no text: `data` is the file, `preview` a small JPEG."""

    __tablename__ = "context_document"
    id: UUID = root_id()
    feature_id: UUID = reference("feature.id")
    name: str
    kind: str
    media_type: str = "text/plain"
    size: int = 0
    text: str = ""
    data: bytes | None = None
    preview: bytes | None = None
    created_at: datetime = moment()
