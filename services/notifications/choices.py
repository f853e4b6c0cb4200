"""How a person wants to be told: per kind in the inbox only, by e-mail too, or on the webhooks of the team too."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, select

from db.queries.notifications import webhooks_of
from db.tables import NotificationChoice, User
from services.actors import Actor
from services.deps import Deps
from services.errors import InvalidInput, NotFound
from services.notifications.kinds import Channel, Kind
from services.notifications.mail import is_address
from services.people.permissions import Action, require


@dataclass(frozen=True)
class ChoicesView:
    """`sends_mail`: this installation can; `has_webhook`: the team has one."""

    email: str
    channels: dict[Kind, Channel]
    sends_mail: bool
    has_webhook: bool


def my_choices(deps: Deps, actor: Actor) -> ChoicesView:
    require(actor, Action.VIEW)
    with deps.reading() as session:
        user = session.get(User, actor.user_id) if actor.user_id else None
        chosen = _chosen(session, user) if user else {}
        return ChoicesView(
            email=(user.email if user else None) or "",
            channels={kind: Channel(chosen[kind].channel) if kind in chosen else Channel.INBOX for kind in Kind},
            sends_mail=deps.settings.mail is not None,
            has_webhook=bool(webhooks_of(session, actor.team_id)),
        )


def save_choices(deps: Deps, actor: Actor, *, email: str, channels: Mapping[Kind, Channel]) -> None:
    """In every team of the person. Kinds that are not named stay as they were. Raises: InvalidInput."""
    require(actor, Action.VIEW)
    address = email.strip()
    if address and not is_address(address):
        raise InvalidInput({"email": "This is not an e-mail address. It looks like name@example.org."})
    if Channel.EMAIL in channels.values() and not address:
        raise InvalidInput({"email": "Enter the e-mail address that messages go to, or choose the inbox only."})
    with deps.session() as session:
        user = session.get(User, actor.user_id) if actor.user_id else None
        if user is None:
            raise NotFound("This person does not exist any more.")
        before = _chosen(session, user)
        adds_mail = any(
            channel is Channel.EMAIL and (kind not in before or before[kind].channel != channel)
            for kind, channel in channels.items()
        )
        if adds_mail and deps.settings.mail is None:
            raise InvalidInput({"channels": "This installation sends no e-mail; whoever runs it can set that up."})
        user.email = address or None
        session.add(user)
        for kind, channel in channels.items():
            _keep(session, user, kind, channel, before.get(kind))
        session.commit()


def _keep(session: Session, user: User, kind: Kind, channel: Channel, row: NotificationChoice | None) -> None:
    if channel is Channel.INBOX:
        if row is not None:
            session.delete(row)
        return
    row = row or NotificationChoice(user_id=user.id, kind=kind.value, channel=channel.value)
    row.channel = channel.value
    session.add(row)


def _chosen(session: Session, user: User) -> dict[str, NotificationChoice]:
    """Kind -> where it goes besides the inbox."""
    query = select(NotificationChoice).where(NotificationChoice.user_id == user.id)
    return {row.kind: row for row in session.exec(query)}
