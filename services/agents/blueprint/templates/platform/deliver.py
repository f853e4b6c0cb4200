"""Hands over what is to be told: `python -m app.deliver`, from a scheduler, as often as you like.

A row is marked before it is handed over and released again when that fails, so nothing is sent twice and nothing is lost.
The local adapter appends JSON lines to NOTIFICATION_LOG; put the one of your e-mail or chat provider into ADAPTERS.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from sqlmodel import Session, col, select, update

from app import clock, database
from app.calls import Unavailable, carefully
from app.notifications import Notification


def to_log(message: dict[str, str]) -> None:
    with Path(os.environ.get("NOTIFICATION_LOG", "notifications.jsonl")).open("a", encoding="utf-8") as log:
        log.write(json.dumps(message, sort_keys=True) + "\n")


# Channel -> how a message is handed over; a channel that is not here goes to the log.
ADAPTERS: dict[str, Callable[[dict[str, str]], None]] = {}


def main() -> dict[str, int]:
    """How many were sent, and how many have to be tried again."""
    done = {"sent": 0, "left": 0}
    with Session(database.engine()) as session:
        ids = session.exec(select(Notification.id).where(col(Notification.sent_at).is_(None)).order_by(col(Notification.id))).all()
        for id_ in ids:
            done[_hand_over(session, id_)] += 1
    return done


def _hand_over(session: Session, id_: int | None) -> str:
    mine = update(Notification).where(col(Notification.id) == id_, col(Notification.sent_at).is_(None))
    if session.exec(mine.values(sent_at=clock.now())).rowcount != 1:
        return "left"  # another process was faster
    session.commit()
    told = session.get_one(Notification, id_)
    message = {"to": told.recipient, "subject": told.subject, "about": f"{told.kind}/{told.record_id}", "id": str(told.id)}
    try:
        carefully(told.channel, lambda: ADAPTERS.get(told.channel, to_log)(message), is_idempotent=False)
    except Unavailable:
        told.sent_at = None
        session.add(told)
        session.commit()
        return "left"
    return "sent"


if __name__ == "__main__":
    print(json.dumps(main()))
