"""Who has to be told of what: written with the change itself, sent afterwards by `python -m app.deliver`."""

from sqlmodel import Session

from app import clock
from app.outbox import Sendable


class Notification(Sendable, table=True):
    """`recipient` is a person's name, or a role."""

    __tablename__ = "notification"
    recipient: str
    channel: str
    subject: str
    kind: str
    record_id: int


def tell(session: Session, to: str, channel: str, subject: str, kind: str, record_id: int) -> None:
    told = {"recipient": to, "channel": channel, "subject": subject, "kind": kind, "record_id": record_id}
    session.add(Notification(**told, made_at=clock.stored()))
