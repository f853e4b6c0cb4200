"""What people are told, how they want to be told, and what is on its way to them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from db.tables.columns import moment, reference, root_id


class Notification(SQLModel, table=True):
    """One thing that one person was told. `once` names the thing, so that it is told once however often it is found.

    `phase` and `segment` are set where it is about a gate: it asks for something only while the run stands there. `question_id`:
    of an agent, and it asks only while the question waits.
    `link`: page and query, without the address of the installation.
    """

    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("team_id", "person_id", "once"),)
    id: UUID = root_id()
    team_id: UUID = reference("team.id")
    person_id: UUID = reference("user_account.id")
    run_id: UUID | None = reference("run.id", nullable=True)
    phase: int | None = None
    segment: int | None = None
    question_id: UUID | None = reference("question.id", nullable=True)
    kind: str
    text: str
    link: str
    once: str
    at: datetime = moment(index=True)
    read_at: datetime | None = moment(nullable=True)


class NotificationChoice(SQLModel, table=True):
    """Where a person wants one kind of notification besides the inbox: "email" or "webhook"; no row: nowhere."""

    __tablename__ = "notification_choice"
    user_id: UUID = reference("user_account.id", primary_key=True)
    kind: str = Field(primary_key=True)
    channel: str


class Webhook(SQLModel, table=True):
    """Where a team is told. `sealed_url` can be read only with the key in the data folder: such addresses are secrets.

    `shown_url`: as much of the address as owners recognise it by. `generation` moves when its signing secret is renewed.
    """

    __tablename__ = "webhook"
    id: UUID = root_id()
    team_id: UUID = reference("team.id")
    name: str
    format: str
    sealed_url: str
    shown_url: str
    generation: int = 1
    created_by: str
    created_at: datetime = moment()


class Delivery(SQLModel, table=True):
    """A notification on its way by e-mail (no webhook) or to a webhook.

    Open while neither sent nor given up; whoever holds the lease is sending it. `problem`: why it has not arrived.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("notification_id", "webhook_id"),)
    id: UUID = root_id()
    notification_id: UUID = reference("notification.id")
    webhook_id: UUID | None = reference("webhook.id", nullable=True)
    attempts: int = 0
    due_at: datetime = moment(index=True)
    lease: UUID | None = None
    leased_until: datetime | None = moment(nullable=True)
    problem: str | None = None
    sent_at: datetime | None = moment(nullable=True)
    given_up_at: datetime | None = moment(nullable=True)
