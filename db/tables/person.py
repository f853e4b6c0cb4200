"""People, their teams, their browsers, and the links that let them in once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import document, moment, reference, root_id


class Team(SQLModel, table=True):
    """`ledger_entries`: how many the team's chain must have, so that one taken away from its end is missed."""

    __tablename__ = "team"
    id: UUID = root_id()
    name: str
    defaults: dict[str, Any] = document()
    ledger_entries: int = 0
    created_at: datetime = moment()


class User(SQLModel, table=True):
    """`password_hash` is None until the person has used the first one-time link."""

    __tablename__ = "user_account"
    id: UUID = root_id()
    username: str = Field(unique=True, index=True, max_length=64)
    name: str = Field(max_length=120)
    password_hash: str | None = None
    is_active: bool = True
    failed_logins: int = 0
    locked_until: datetime | None = moment(nullable=True)
    created_at: datetime = moment()


class Membership(SQLModel, table=True):
    __tablename__ = "membership"
    team_id: UUID = reference("team.id", primary_key=True)
    user_id: UUID = reference("user_account.id", primary_key=True)
    role: str
    disciplines: list[str] = document()
    is_active: bool = True
    created_at: datetime = moment()


class AuthSession(SQLModel, table=True):
    """`id` is the SHA-256 of the random id that the browser's cookie carries."""

    __tablename__ = "auth_session"
    id: str = Field(primary_key=True, max_length=64)
    user_id: UUID = reference("user_account.id")
    team_id: UUID | None = reference("team.id", nullable=True)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment(nullable=True)


class OneTimeLink(SQLModel, table=True):
    """`id` is the SHA-256 of the secret in the link. `purpose`: "invite", "password" or "setup"."""

    __tablename__ = "one_time_link"
    id: str = Field(primary_key=True, max_length=64)
    purpose: str
    team_id: UUID | None = reference("team.id", nullable=True)
    user_id: UUID | None = reference("user_account.id", nullable=True)
    role: str | None = None
    disciplines: list[str] = document()
    created_by: str
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)
