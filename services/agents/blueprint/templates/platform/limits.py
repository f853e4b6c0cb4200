"""How often a person did something, and whose turn it is; in the database, so that all processes count together."""

import datetime as dt

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, func, select, update

from app import clock


class Use(SQLModel, table=True):
    __tablename__ = "use"
    id: int | None = Field(default=None, primary_key=True)
    user: str = Field(index=True)
    act: str
    kind: str
    at: dt.datetime


class Turn(SQLModel, table=True):
    """A row per kind of record, only to be locked."""

    __tablename__ = "turn"
    kind: str = Field(primary_key=True)


def take_turn(session: Session, kind: str) -> None:
    """Waits until no other transaction has the turn: what is counted now is still true when it is stored."""
    mine = update(Turn).where(col(Turn.kind) == kind).values(kind=kind).execution_options(synchronize_session=False)
    if session.execute(mine).rowcount:
        return
    try:
        with session.begin_nested():
            session.add(Turn(kind=kind))
    except IntegrityError:  # somebody was first at the very first time
        session.execute(mine)


def used(session: Session, user: str, act: str, kind: str, since: dt.datetime) -> int:
    query = select(func.count()).select_from(Use).where(Use.user == user, Use.act == act, Use.kind == kind)
    return session.exec(query.where(col(Use.at) > since)).one()


def count(session: Session, user: str, act: str, kind: str) -> None:
    session.add(Use(user=user, act=act, kind=kind, at=clock.now()))
