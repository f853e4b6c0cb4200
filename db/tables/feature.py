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
    __tablename__ = "context_document"
    id: UUID = root_id()
    feature_id: UUID = reference("feature.id")
    name: str
    kind: str
    text: str
    created_at: datetime = moment()
