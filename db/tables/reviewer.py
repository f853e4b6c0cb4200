"""Who was asked by name to review a gate, and until when."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import moment, reference


class Reviewer(SQLModel, table=True):
    """`phase` 0: every gate of the run."""

    __tablename__ = "reviewer"
    run_id: UUID = reference("run.id", primary_key=True)
    phase: int = Field(primary_key=True)
    user_id: UUID = reference("user_account.id", primary_key=True)
    due_on: date | None = None
    asked_id: UUID | None = None
    asked_name: str
    at: datetime = moment()
