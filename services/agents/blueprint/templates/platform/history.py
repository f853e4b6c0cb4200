"""What changed, by whom and when. Rows are written in the transaction of the change and never changed."""

import datetime as dt
from typing import Any

from fastapi.encoders import jsonable_encoder
from sqlmodel import JSON, Column, Field, Session, SQLModel

from app import clock
from app.access import Caller


class Change(SQLModel, table=True):
    __tablename__ = "change"
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    record_id: int = Field(index=True)
    act: str
    user: str
    role: str
    at: dt.datetime
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))


def keep(session: Session, caller: Caller, act: str, kind: str, record_id: int, before: Any, after: Any) -> None:
    told = {"before": jsonable_encoder(before), "after": jsonable_encoder(after)}
    who = {"user": caller.user, "role": caller.role}
    session.add(Change(kind=kind, record_id=record_id, act=act, at=clock.now(), **who, **told))
