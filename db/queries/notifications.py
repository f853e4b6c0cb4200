"""What people were told, and what is still on its way to them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, func, select, update

from db.queries.questions import waits
from db.tables import Decision, Delivery, Membership, Notification, Question, Run, User, Webhook
from db.tables.run import RunStatus


def active_person(session: Session, team_id: UUID, user_id: UUID) -> User | None:
    """Somebody who can sign in to this team now."""
    query = (
        select(User)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(Membership.team_id == team_id, User.id == user_id, col(Membership.is_active), col(User.is_active))
    )
    return session.exec(query).first()


def insert_once(session: Session, values: Mapping[str, Any]) -> bool:
    """False where this person was told this thing before, by whichever process."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = SQLModel.metadata.tables["notification"]
    row = dialect.insert(table).values(**values).on_conflict_do_nothing().returning(table.c.id)
    return session.connection().execute(row).first() is not None


def told_before(session: Session, keys: Collection[str]) -> set[tuple[UUID, UUID, str]]:
    """(team, person, once) of what was told already, of these things."""
    query = select(Notification.team_id, Notification.person_id, Notification.once)
    return {(row[0], row[1], row[2]) for row in session.exec(query.where(col(Notification.once).in_(list(keys))))}


def _stands(person_id: UUID) -> sa.ColumnElement[bool]:
    """The run still stands, waiting or failed, where it is about, and this person has not decided there."""
    waits = sa.exists().where(
        col(Run.id) == col(Notification.run_id),
        col(Run.status).in_([RunStatus.WAITING, RunStatus.FAILED]),
        col(Run.phase) == col(Notification.phase),
        col(Run.segment) == col(Notification.segment),
        col(Run.archived_at).is_(None),
    )
    decided = sa.exists().where(
        col(Decision.run_id) == col(Notification.run_id),
        col(Decision.phase) == col(Notification.phase),
        col(Decision.segment) == col(Notification.segment),
        col(Decision.actor_id) == person_id,
    )
    return sa.and_(waits, sa.not_(decided))


def _asks() -> sa.ColumnElement[bool]:
    """The question that it is about waits for an answer."""
    return sa.exists().where(col(Question.id) == col(Notification.question_id), waits())


def _is_loose() -> sa.ColumnElement[bool]:
    """About no gate and no question: it asks until it was read."""
    return sa.and_(col(Notification.phase).is_(None), col(Notification.question_id).is_(None))


def _of(team_id: UUID, person_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(col(Notification.team_id) == team_id, col(Notification.person_id) == person_id)


def _needs(person_id: UUID, urgent: Collection[str]) -> sa.ColumnElement[bool]:
    """It asks the person to do something: a gate that stands, a question that waits, or something urgent, not read yet."""
    loose = sa.and_(_is_loose(), col(Notification.read_at).is_(None))
    return sa.and_(col(Notification.kind).in_(list(urgent)), sa.or_(loose, _asks(), _stands(person_id)))


def needs_of(session: Session, team_id: UUID, person_id: UUID, urgent: Collection[str]) -> Sequence[Notification]:
    """Newest first."""
    query = select(Notification).where(_of(team_id, person_id), _needs(person_id, urgent))
    return session.exec(query.order_by(col(Notification.at).desc(), col(Notification.id)).limit(200)).all()


def informing(
    session: Session, team_id: UUID, person_id: UUID, urgent: Collection[str], kinds: Collection[str], *, unread: bool
) -> Any:
    """The query of everything else, for a count and for a page. `kinds`: only these."""
    query = select(Notification).where(_of(team_id, person_id), sa.not_(_needs(person_id, urgent)))
    query = query.where(col(Notification.kind).in_(list(kinds)))
    return query.where(col(Notification.read_at).is_(None)) if unread else query


def unread_of(session: Session, team_id: UUID, person_id: UUID) -> tuple[int, datetime | None]:
    """How many things are unread, and when the newest was told: one cheap question.

    A gate counts once, however often the person was told of it, and not at all once it was passed; nor does an answered question.
    """
    counts = sa.or_(_is_loose(), _asks(), _stands(person_id))
    thing = sa.case((col(Notification.phase).is_(None), col(Notification.id)), else_=col(Notification.run_id))
    query = select(func.count(sa.distinct(thing)), func.max(Notification.at)).where(
        _of(team_id, person_id), col(Notification.read_at).is_(None), counts
    )
    return session.exec(query).one()


def find_notification(session: Session, team_id: UUID, person_id: UUID, id_: UUID) -> Notification | None:
    return session.exec(select(Notification).where(_of(team_id, person_id), Notification.id == id_)).first()


def mark_read(session: Session, team_id: UUID, person_id: UUID, at: datetime, only: Notification | None = None) -> None:
    """Every unread one; or only one, with whatever else was said about the same gate."""
    change = update(Notification).where(_of(team_id, person_id), col(Notification.read_at).is_(None))
    if only is not None and only.phase is None:
        change = change.where(col(Notification.id) == only.id)
    elif only is not None:
        change = change.where(
            col(Notification.run_id) == only.run_id,
            col(Notification.phase) == only.phase,
            col(Notification.segment) == only.segment,
        )
    session.exec(change.values(read_at=at))


def webhooks_of(session: Session, team_id: UUID) -> Sequence[Webhook]:
    """Oldest first."""
    query = select(Webhook).where(Webhook.team_id == team_id)
    return session.exec(query.order_by(col(Webhook.created_at), Webhook.name)).all()


def find_webhook(session: Session, team_id: UUID, webhook_id: UUID) -> Webhook | None:
    """The webhook, if the team has it."""
    return session.exec(select(Webhook).where(Webhook.id == webhook_id, Webhook.team_id == team_id)).first()


def _open(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(Delivery.sent_at).is_(None),
        col(Delivery.given_up_at).is_(None),
        col(Delivery.due_at) <= now,
        sa.or_(col(Delivery.leased_until).is_(None), col(Delivery.leased_until) <= now),
    )


def any_due(session: Session, now: datetime) -> bool:
    return session.exec(select(Delivery.id).where(*_open(now)).limit(1)).first() is not None


def take_due(session: Session, now: datetime) -> Delivery | None:
    """The one that has waited longest, kept from other senders until the commit."""
    query = select(Delivery).where(*_open(now)).order_by(col(Delivery.due_at), col(Delivery.id)).limit(1)
    return session.exec(query.with_for_update(skip_locked=True)).first()


def held(session: Session, delivery_id: UUID, lease: UUID) -> Delivery | None:
    """The delivery, while this lease is still the one that counts."""
    query = select(Delivery).where(Delivery.id == delivery_id, Delivery.lease == lease, col(Delivery.sent_at).is_(None))
    return session.exec(query.with_for_update()).first()


def given_up(session: Session, team_id: UUID) -> Sequence[tuple[Delivery, Notification, User, Webhook | None]]:
    """What could not be delivered in a team, newest first."""
    query = (
        select(Delivery, Notification, User, Webhook)
        .join(Notification, col(Notification.id) == col(Delivery.notification_id))
        .join(User, col(User.id) == col(Notification.person_id))
        .outerjoin(Webhook, col(Webhook.id) == col(Delivery.webhook_id))
        .where(Notification.team_id == team_id, col(Delivery.given_up_at).is_not(None))
        .order_by(col(Delivery.given_up_at).desc(), col(Delivery.id))
        .limit(100)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.exec(query)]


def find_given_up(session: Session, team_id: UUID, delivery_id: UUID) -> Delivery | None:
    query = (
        select(Delivery)
        .join(Notification, col(Notification.id) == col(Delivery.notification_id))
        .where(Delivery.id == delivery_id, Notification.team_id == team_id, col(Delivery.given_up_at).is_not(None))
    )
    return session.exec(query.with_for_update(of=Delivery)).first()
