"""What people say of criteria: what they vouch for, what they waive, who sees to it, and what was remarked."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import moment, reference, root_id


class Attestation(SQLModel, table=True):
    """Somebody vouches, or denies (`holds` false), for what no program can measure. The newest row per criterion and item counts.

    `item`: id of an acceptance criterion, empty where it is about the criterion as a whole. `basis`: fingerprint of the files
    that it is about.
    """

    __tablename__ = "attestation"
    id: UUID = root_id()
    run_id: UUID = reference("run.id")
    criterion: str
    item: str
    holds: bool
    comment: str
    basis: str
    actor_id: UUID
    actor_name: str
    at: datetime = moment()
    expires_at: datetime = moment()


class Waiver(SQLModel, table=True):
    """One person asks to do without a criterion for some days, a second one grants or refuses it."""

    __tablename__ = "waiver"
    id: UUID = root_id()
    run_id: UUID = reference("run.id")
    criterion: str
    reason: str
    days: int
    asked_id: UUID
    asked_name: str
    asked_at: datetime = moment()
    is_granted: bool | None = None
    decided_id: UUID | None = None
    decided_name: str | None = None
    decided_at: datetime | None = moment(nullable=True)
    expires_at: datetime | None = moment(nullable=True)


class Assignment(SQLModel, table=True):
    """Who sees to a criterion of a run, and until when."""

    __tablename__ = "criterion_assignment"
    run_id: UUID = reference("run.id", primary_key=True)
    criterion: str = Field(primary_key=True)
    owner_id: UUID | None = reference("user_account.id", nullable=True)
    due_on: date | None = None


class CriterionComment(SQLModel, table=True):
    """What somebody remarked on a criterion of a run."""

    __tablename__ = "criterion_comment"
    id: UUID = root_id()
    run_id: UUID = reference("run.id")
    criterion: str
    text: str
    actor_id: UUID
    actor_name: str
    at: datetime = moment()
