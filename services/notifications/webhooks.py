"""Where a team is told outside, set by its owners: the webhooks, a trial of each, and what could not be delivered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.queries.notifications import find_given_up, find_webhook, given_up, webhooks_of
from db.queries.people import lock_team
from db.tables import Team, Webhook
from services.actors import Actor
from services.deps import Deps
from services.errors import DeliveryFailed, InvalidInput, NotFound
from services.notifications.addresses import parse_target
from services.notifications.deliveries import send_to_webhook
from services.notifications.messages import Format, Message
from services.notifications.secrecy import seal, shown_secret, signing_key
from services.people.events import record_for_team
from services.people.permissions import Action, require
from services.people.users import clean_name

WEBHOOKS_MAX = 10


@dataclass(frozen=True)
class WebhookView:
    id: UUID
    name: str
    format: Format
    shown_url: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Trial:
    """What came of a test message, in words."""

    arrived: bool
    sentence: str


@dataclass(frozen=True)
class GivenUpView:
    """A message that did not arrive. `where`: the webhook's name, or "e-mail"."""

    id: UUID
    at: datetime
    person: str
    text: str
    where: str
    attempts: int
    problem: str


def list_webhooks(deps: Deps, actor: Actor) -> tuple[WebhookView, ...]:
    require(actor, Action.MANAGE_TEAM)
    with deps.reading() as session:
        return tuple(
            WebhookView(w.id, w.name, Format(w.format), w.shown_url, w.created_by, w.created_at)
            for w in webhooks_of(session, actor.team_id)
        )


def add_webhook(deps: Deps, actor: Actor, *, name: str, form: Format, url: str) -> UUID:
    """Raises: InvalidInput with what is wrong with the address."""
    require(actor, Action.MANAGE_TEAM)
    name = clean_name("name", name)
    try:
        target = parse_target(url, allow_private=deps.settings.allow_private_webhooks)
    except DeliveryFailed as error:
        raise InvalidInput({"url": error.reason}) from error
    with deps.session() as session:
        lock_team(session, actor.team_id)
        if len(webhooks_of(session, actor.team_id)) >= WEBHOOKS_MAX:
            raise InvalidInput({"url": f"A team has at most {WEBHOOKS_MAX} webhooks. Remove one first."})
        webhook = Webhook(
            id=deps.new_id(),
            team_id=actor.team_id,
            name=name,
            format=form.value,
            sealed_url=seal(deps, url.strip()),
            shown_url=target.shown,
            created_by=actor.name,
            created_at=deps.now(),
        )
        session.add(webhook)
        record_for_team(session, deps, actor, "webhook.added", name=name, format=form.value)
        session.commit()
        return webhook.id


def remove_webhook(deps: Deps, actor: Actor, *, webhook_id: UUID) -> None:
    """With whatever was on its way there. Raises: NotFound."""
    require(actor, Action.MANAGE_TEAM)
    with deps.session() as session:
        webhook = _own(session, actor, webhook_id)
        record_for_team(session, deps, actor, "webhook.removed", name=webhook.name)
        session.delete(webhook)
        session.commit()


def read_secret(deps: Deps, actor: Actor, *, webhook_id: UUID) -> str:
    """What a receiver verifies signatures with. Raises: NotFound."""
    require(actor, Action.MANAGE_TEAM)
    with deps.reading() as session:
        webhook = _own(session, actor, webhook_id)
        return shown_secret(signing_key(deps, webhook.id, webhook.generation))


def renew_secret(deps: Deps, actor: Actor, *, webhook_id: UUID) -> None:
    """The secret before is worthless at once. Raises: NotFound."""
    require(actor, Action.MANAGE_TEAM)
    with deps.session() as session:
        webhook = _own(session, actor, webhook_id)
        webhook.generation += 1
        session.add(webhook)
        record_for_team(session, deps, actor, "webhook.secret_renewed", name=webhook.name)
        session.commit()


def try_webhook(deps: Deps, actor: Actor, *, webhook_id: UUID) -> Trial:
    """Sends one message now and waits for the answer. Raises: NotFound."""
    require(actor, Action.MANAGE_TEAM)
    with deps.reading() as session:
        webhook = _own(session, actor, webhook_id)
        team = session.get_one(Team, actor.team_id).name
    message = Message(
        id=deps.new_id(),
        kind="test",
        title="A test from Greenlight",
        text="If you can read this, the webhook works.",
        url=f"{deps.settings.public_url}/team",
        team=team,
        person=actor.name,
        at=deps.now(),
    )
    try:
        send_to_webhook(deps, webhook, message)
    except DeliveryFailed as failed:
        return Trial(arrived=False, sentence=failed.reason)
    return Trial(arrived=True, sentence="The test message arrived.")


def list_given_up(deps: Deps, actor: Actor) -> tuple[GivenUpView, ...]:
    """What could not be delivered, newest first."""
    require(actor, Action.MANAGE_TEAM)
    with deps.reading() as session:
        return tuple(
            GivenUpView(
                d.id, d.given_up_at or d.due_at, user.name, told.text, hook.name if hook else "e-mail", d.attempts,
                d.problem or "",
            )
            for d, told, user, hook in given_up(session, actor.team_id)
        )  # fmt: skip


def send_again(deps: Deps, actor: Actor, *, delivery_id: UUID) -> None:
    """Takes a message that was given up into the outbox once more. Raises: NotFound."""
    require(actor, Action.MANAGE_TEAM)
    with deps.session() as session:
        row = find_given_up(session, actor.team_id, delivery_id)
        if row is None:
            raise NotFound("This message does not wait for another try in your team.")
        row.given_up_at, row.attempts, row.due_at = None, 0, deps.now()
        session.add(row)
        session.commit()


def _own(session: Session, actor: Actor, webhook_id: UUID) -> Webhook:
    webhook = find_webhook(session, actor.team_id, webhook_id)
    if webhook is None:
        raise NotFound("This webhook does not exist in your team.")
    return webhook
