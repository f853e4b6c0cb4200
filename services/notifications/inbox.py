"""What a person was told in a team: by urgency, marked as read one by one or all at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl
from uuid import UUID

from sqlmodel import col, func, select

from db.queries import notifications as queries
from db.tables import Notification
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.notifications.kinds import KINDS, URGENT, Kind
from services.people.permissions import Action, require

PAGE_SIZE = 20


@dataclass(frozen=True)
class NotificationView:
    """`page` and `query` lead to the exact place."""

    id: UUID
    kind: Kind
    title: str
    text: str
    page: str
    query: dict[str, str]
    at: datetime
    is_read: bool


@dataclass(frozen=True)
class InboxView:
    """`needs`: what asks the person to do something now. `others`: one page of the rest, of `pages` pages."""

    needs: tuple[NotificationView, ...]
    others: tuple[NotificationView, ...]
    pages: int


@dataclass(frozen=True)
class Pulse:
    """Moves when the inbox must be drawn again: a cheap question for a timer."""

    unread: int
    newest: datetime | None


def list_inbox(
    deps: Deps, actor: Actor, *, kinds: Collection[Kind] = (), unread_only: bool = False, page: int = 1
) -> InboxView:
    """Newest first. `kinds`: only these; none: all. `page` counts from 1."""
    require(actor, Action.VIEW)
    if actor.user_id is None:
        return InboxView((), (), 1)
    wanted = [kind.value for kind in kinds or Kind]
    with deps.reading() as session:
        needs = queries.needs_of(session, actor.team_id, actor.user_id, URGENT)
        rest = queries.informing(session, actor.team_id, actor.user_id, URGENT, wanted, unread=unread_only)
        count = session.exec(select(func.count()).select_from(rest.subquery())).one()
        newest = rest.order_by(col(Notification.at).desc(), col(Notification.id))
        others = session.exec(newest.offset(PAGE_SIZE * (max(page, 1) - 1)).limit(PAGE_SIZE)).all()
    shown = [row for row in _one_per_gate(needs) if row.kind in wanted and not (unread_only and row.read_at)]
    return InboxView(
        needs=tuple(_view(row) for row in shown),
        others=tuple(_view(row) for row in others),
        pages=max(1, -(-count // PAGE_SIZE)),
    )


def pulse(deps: Deps, actor: Actor) -> Pulse:
    """How much is unread; gates that have been passed ask for nothing any more."""
    require(actor, Action.VIEW)
    if actor.user_id is None:
        return Pulse(0, None)
    with deps.reading() as session:
        return Pulse(*queries.unread_of(session, actor.team_id, actor.user_id))


def mark_read(deps: Deps, actor: Actor, *, notification_id: UUID) -> None:
    """Of a gate everything that was said about it. Raises: NotFound, also for what somebody else was told."""
    require(actor, Action.VIEW)
    with deps.session() as session:
        person = actor.user_id
        row = queries.find_notification(session, actor.team_id, person, notification_id) if person else None
        if person is None or row is None:
            raise NotFound("This notification is not in your inbox.")
        queries.mark_read(session, actor.team_id, person, deps.now(), row)
        session.commit()


def mark_all_read(deps: Deps, actor: Actor) -> None:
    require(actor, Action.VIEW)
    if actor.user_id is None:
        return
    with deps.session() as session:
        queries.mark_read(session, actor.team_id, actor.user_id, deps.now())
        session.commit()


# Of one gate the first of these speaks: a reminder, then whoever asks by name; both say until when.
_SAYS_MORE = (Kind.REVIEW_OVERDUE, Kind.REVIEWER)


def _one_per_gate(rows: Sequence[Notification]) -> list[Notification]:
    """In the order of the rows, newest first."""
    spoken: dict[object, Notification] = {}
    for row in sorted(rows, key=_rank):
        spoken.setdefault((row.run_id, row.phase, row.segment) if row.phase is not None else row.id, row)
    ids = {row.id for row in spoken.values()}
    return [row for row in rows if row.id in ids]


def _rank(row: Notification) -> int:
    kind = Kind(row.kind)
    return _SAYS_MORE.index(kind) if kind in _SAYS_MORE else len(_SAYS_MORE)


def _view(row: Notification) -> NotificationView:
    kind, (page, _, query) = Kind(row.kind), row.link.partition("?")
    return NotificationView(
        row.id, kind, KINDS[kind].title, row.text, page, dict(parse_qsl(query)), row.at, row.read_at is not None
    )
