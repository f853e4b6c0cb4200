"""A creation that is sent twice with the same Idempotency-Key is made once; another body under the same key is refused."""

import datetime as dt
import hashlib
import json
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel

from app import clock
from app.problems import Problem


class Made(SQLModel, table=True):
    __tablename__ = "made"
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    record_id: int
    digest: str
    at: dt.datetime


def _digest(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _own(user: str, key: str) -> str:
    return hashlib.sha256(f"{user}\0{key}".encode()).hexdigest()


def find_made(session: Session, kind: str, user: str, key: str | None, body: Any) -> int | None:
    """Raises: Problem 422 when the key was used for something else."""
    made = session.get(Made, (kind, _own(user, key))) if key else None
    if made and made.digest != _digest(body):
        raise Problem(422, "Another request", "This Idempotency-Key was used with another body; take a new key.")
    return made.record_id if made else None


def remember_made(session: Session, kind: str, user: str, key: str | None, body: Any, record_id: int | None) -> None:
    """Raises: Problem 409 when the same was sent twice at the same moment, and the other one was faster."""
    if not key or record_id is None:
        return
    told = {"record_id": record_id, "digest": _digest(body), "at": clock.now()}
    session.add(Made(kind=kind, key=_own(user, key), **told))
    try:
        session.flush()
    except IntegrityError as error:
        session.rollback()
        raise Problem(409, "Sent twice at once", "The same is being made already; send it again to get it.") from error
