"""Who has to be told of what: written with the change itself, sent afterwards by `python -m app.deliver`."""

import json
import os
from pathlib import Path

from sqlmodel import Session

from app import clock
from app.outbox import Sendable

Message = dict[str, str]


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
    session.add(Notification(**told, made_at=clock.now()))


def to_log(message: Message) -> None:
    """The local way of every channel: a line in NOTIFICATION_LOG, once. Raises: LookupError where that is not set."""
    place = os.environ.get("NOTIFICATION_LOG")
    if not place:
        raise LookupError("no adapter, and no NOTIFICATION_LOG")
    with Path(place).open("a+", encoding="utf-8") as lines:
        lines.seek(0)
        if not any(json.loads(line)["id"] == message["id"] for line in lines):
            lines.write(json.dumps(message, sort_keys=True) + "\n")
