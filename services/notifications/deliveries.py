"""What goes outside: taken from the outbox under a lease, sent, tried again later, given up after a bounded number of tries.

Its loop runs in a thread of its own in each worker; nothing here waits for a run, and no run waits for it. The lease is longer
than any sending takes, so two senders never hold the same delivery; only a sender that is killed in the middle of one
leaves it open whether it arrived, and it is sent again with the same id.
"""

import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from db.queries.notifications import active_person, any_due, held, take_due
from db.queries.runs import database_now
from db.tables import Delivery, Notification, Team, User, Webhook
from services.deps import Deps
from services.errors import DeliveryFailed
from services.notifications.kinds import KINDS, Kind
from services.notifications.mail import is_address, send_mail
from services.notifications.messages import Format, Message, as_body, as_mail, signature_headers
from services.notifications.posting import post
from services.notifications.secrecy import signing_key, unseal

log = logging.getLogger(__name__)

ATTEMPTS_MAX = 8
LEASE = timedelta(minutes=5)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 10.0, 3_600.0
TURN_SECONDS = 1.0
_LOTS = secrets.SystemRandom()


@dataclass(frozen=True)
class _Parcel:
    """One delivery with all that sending it needs, read while the session was open. `email` or a webhook."""

    id: UUID
    lease: UUID
    message: Message
    email: str | None
    webhook: Webhook | None
    is_member: bool


def run_deliveries(deps: Deps, stop: threading.Event) -> None:
    """Until `stop` is set: sends what is due."""
    while not stop.wait(TURN_SECONDS):
        try:
            while not stop.is_set() and deliver_next(deps):
                pass
        except Exception:
            # The border of this loop: a database that is away for a moment must not end it.
            log.exception("deliveries failed; they are tried again")


def deliver_next(deps: Deps) -> bool:
    """Sends the delivery that has waited longest. False when none is due."""
    parcel = _take(deps)
    if parcel is None:
        return False
    try:
        _send(deps, parcel)
    except DeliveryFailed as failed:
        _end(deps, parcel, failed)
    else:
        _end(deps, parcel, None)
    return True


def pause_seconds(attempts: int, share: float) -> float:
    """Full jitter: anything up to a bound that doubles. `share` 0..1 is drawn by lot.

    Source: Marc Brooker, Exponential Backoff And Jitter, 2015.
    """
    return share * min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (attempts - 1))


def send_to_webhook(deps: Deps, webhook: Webhook, message: Message) -> None:
    """Raises: DeliveryFailed."""
    body = as_body(Format(webhook.format), message)
    key = signing_key(deps, webhook.id, webhook.generation)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Greenlight",
        **signature_headers(key, message.id, body, deps.now()),
    }
    post(unseal(deps, webhook.sealed_url), body, headers, allow_private=deps.settings.allow_private_webhooks)


def _take(deps: Deps) -> _Parcel | None:
    with deps.reading() as session:
        if not any_due(session, database_now(session, deps.now())):
            return None
    with deps.session() as session:
        now = database_now(session, deps.now())
        row = take_due(session, now)
        if row is None:
            return None
        session.add(row)
        if row.attempts >= ATTEMPTS_MAX:  # a sender ended in the middle of the last try
            row.given_up_at, row.problem = now, row.problem or "Sending it was broken off again and again."
            session.commit()
            return None
        row.lease, row.leased_until, row.attempts = deps.new_id(), now + LEASE, row.attempts + 1
        parcel = _packed(session, deps, row, row.lease)
        session.commit()
    return parcel


def _packed(session: Session, deps: Deps, row: Delivery, lease: UUID) -> _Parcel:
    told = session.get_one(Notification, row.notification_id)
    person = session.get_one(User, told.person_id)
    message = Message(
        id=row.id,
        kind=told.kind,
        title=KINDS[Kind(told.kind)].title,
        text=told.text,
        url=f"{deps.settings.public_url}/{told.link}",
        team=session.get_one(Team, told.team_id).name,
        person=person.name,
        at=told.at,
    )
    webhook = session.get(Webhook, row.webhook_id) if row.webhook_id else None
    is_member = active_person(session, told.team_id, told.person_id) is not None
    return _Parcel(row.id, lease, message, person.email, webhook, is_member)


def _send(deps: Deps, parcel: _Parcel) -> None:
    if not parcel.is_member:
        raise DeliveryFailed("This person has left the team.", is_final=True)
    if parcel.webhook is not None:
        send_to_webhook(deps, parcel.webhook, parcel.message)
        return
    mail, base = deps.settings.mail, deps.settings.public_url
    if mail is None:
        raise DeliveryFailed("This installation sends no e-mail; GREENLIGHT_SMTP_HOST is not set.", is_final=True)
    if not parcel.email or not is_address(parcel.email):
        raise DeliveryFailed("This person has no e-mail address any more.", is_final=True)
    send_mail(mail, as_mail(parcel.message, sender=mail.sender, to=parcel.email, base_url=base), from_url=base)


def _end(deps: Deps, parcel: _Parcel, failed: DeliveryFailed | None) -> None:
    with deps.session() as session:
        row = held(session, parcel.id, parcel.lease)
        if row is None:
            return
        now = database_now(session, deps.now())
        row.lease, row.leased_until = None, None
        row.problem = failed.reason if failed else None
        if failed is None:
            row.sent_at = now
        elif failed.is_final or row.attempts >= ATTEMPTS_MAX:
            row.given_up_at = now
        else:
            row.due_at = now + timedelta(seconds=pause_seconds(row.attempts, _LOTS.random()))
        session.add(row)
        session.commit()
    if failed is not None:
        log.warning("the delivery %s did not arrive (try %s): %s", parcel.id, row.attempts, failed.reason)
