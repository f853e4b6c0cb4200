"""`notify`: the one way to tell somebody something. What it writes stands or falls with the caller's transaction."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import Session

from db.queries.notifications import active_person, insert_once, webhooks_of
from db.tables import Delivery, NotificationChoice
from services.deps import Deps
from services.errors import legible
from services.notifications.kinds import Channel, Kind

TEXT_MAX = 500


@dataclass(frozen=True, kw_only=True)
class Notice:
    """`once` names the thing ("review:RUN:1:2"): the same person is told it once, whoever finds it and how often.

    `link`: from `link_to`. `gate`: (phase, segment) of a run, where it asks for something only while the run stands there.
    `question_id`: of an agent's question, where it asks only while that waits.
    """

    kind: Kind
    team_id: UUID
    person_id: UUID
    text: str
    link: str
    once: str
    run_id: UUID | None = None
    gate: tuple[int, int] | None = None
    question_id: UUID | None = None


def link_to(page: str, **query: object) -> str:
    """The exact place, without the address of the installation: "run?run=...&step=backend"."""
    return f"{page}?{urlencode({name: str(value) for name, value in query.items()})}" if query else page


def notify(session: Session, deps: Deps, notice: Notice) -> bool:
    """Tells a person of the team, and sends it on the way that they chose. Nothing is sent outside in here.

    False where they were told before, or cannot sign in to this team.
    """
    if active_person(session, notice.team_id, notice.person_id) is None:
        return False
    id_ = deps.new_id()
    phase, segment = notice.gate or (None, None)
    is_new = insert_once(
        session,
        {
            "id": id_,
            "team_id": notice.team_id,
            "person_id": notice.person_id,
            "run_id": notice.run_id,
            "phase": phase,
            "segment": segment,
            "question_id": notice.question_id,
            "kind": notice.kind.value,
            "text": one_line(notice.text),
            "link": notice.link,
            "once": notice.once,
            "at": deps.now(),
        },
    )
    if is_new:
        _send_on(session, deps, notice, id_)
    return is_new


def one_line(text: str) -> str:
    """What people typed, fit for a list, a subject and a message; cut where it is too long."""
    said = legible(" ".join(text.split()))
    return said if len(said) <= TEXT_MAX else f"{said[: TEXT_MAX - 3]}..."


def _send_on(session: Session, deps: Deps, notice: Notice, id_: UUID) -> None:
    choice = session.get(NotificationChoice, (notice.person_id, notice.kind.value))
    if choice is None:
        return
    targets: list[UUID | None] = [None]
    if choice.channel == Channel.WEBHOOK:
        targets = [webhook.id for webhook in webhooks_of(session, notice.team_id)]
    for target in targets:
        session.add(Delivery(id=deps.new_id(), notification_id=id_, webhook_id=target, due_at=deps.now()))
