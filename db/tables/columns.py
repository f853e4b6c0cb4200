"""Column types that every table shares."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field


class UtcDateTime(TypeDecorator[datetime]):
    """Timezone-aware UTC in Python on both databases; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_enum(kind: type[StrEnum], *, nullable: bool = False, index: bool = False) -> Any:
    """A StrEnum stored by its value as text, so that adding a member needs no migration."""
    values = Enum(
        kind, native_enum=False, create_constraint=False, length=40, values_callable=lambda e: [m.value for m in e]
    )
    return Field(sa_column=Column(values, nullable=nullable, index=index))


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    """A point in time, UTC."""
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


def document(*, nullable: bool = False) -> Any:
    """A JSON value."""
    return Field(default=None, sa_column=Column(JSON, nullable=nullable))


def rows() -> Any:
    """A JSON list, empty until something is in it."""
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))


def root_id() -> Any:
    return Field(primary_key=True)


def reference(target: str, *, nullable: bool = False, primary_key: bool = False) -> Any:
    """A foreign key whose row goes when its target goes."""
    default: UUID | None = None
    if nullable:
        return Field(default=default, foreign_key=target, nullable=True, index=True, ondelete="CASCADE")
    return Field(foreign_key=target, index=not primary_key, primary_key=primary_key, ondelete="CASCADE")
