"""Short ways to tell somebody something, and to what became of it."""

from dataclasses import replace
from typing import TypeVar
from uuid import UUID, uuid4

from sqlmodel import SQLModel, select

from db.tables import Delivery, Notification
from services.actors import Actor
from services.deps import Deps
from services.notifications.choices import save_choices
from services.notifications.kinds import Channel, Kind
from services.notifications.messages import Format
from services.notifications.telling import Notice, link_to, notify
from services.notifications.webhooks import add_webhook
from services.settings import MailSettings

Row = TypeVar("Row", bound=SQLModel)
TEXT = "Ada mentions you: look at *this*, <b>please</b> & soon."


def a_notice(person: Actor, *, once: str | None = None, kind: Kind = Kind.MENTION, text: str = TEXT) -> Notice:
    assert person.user_id
    return Notice(
        kind=kind,
        team_id=person.team_id,
        person_id=person.user_id,
        text=text,
        link=link_to("run", run="1"),
        once=once or str(uuid4()),
    )


def tell(deps: Deps, person: Actor, *, once: str | None = None, kind: Kind = Kind.MENTION, text: str = TEXT) -> bool:
    with deps.session() as session:
        is_new = notify(session, deps, a_notice(person, once=once, kind=kind, text=text))
        session.commit()
    return is_new


def wants(deps: Deps, person: Actor, channel: Channel, *, kind: Kind = Kind.MENTION, email: str = "") -> None:
    save_choices(deps, person, email=email, channels={kind: channel})


def a_webhook(deps: Deps, owner: Actor, address: str, form: Format = Format.JSON) -> UUID:
    return add_webhook(deps, owner, name="Chat", form=form, url=f"{address}/hook")


def private(deps: Deps) -> Deps:
    """An installation that may reach receivers of its own machine."""
    return replace(deps, settings=replace(deps.settings, allow_private_webhooks=True))


def mailing(deps: Deps, port: int, **told: str) -> Deps:
    """An installation with a mail server on loopback."""
    given = {"host": "127.0.0.1", "security": "none", "user": "", "password": "", "sender": "greenlight@example.org"}
    return replace(deps, settings=replace(deps.settings, mail=MailSettings(port=port, **{**given, **told})))


def all_of(deps: Deps, table: type[Row]) -> list[Row]:
    with deps.reading() as session:
        return list(session.exec(select(table)))


def deliveries(deps: Deps) -> list[Delivery]:
    return all_of(deps, Delivery)


def notifications(deps: Deps) -> list[Notification]:
    return all_of(deps, Notification)
