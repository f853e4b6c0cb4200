"""How often a person did something, kept in the database so that all processes count together."""

import datetime as dt

from sqlmodel import Field, Session, SQLModel, col, func, select

from app import clock


class Use(SQLModel, table=True):
    __tablename__ = "use"
    id: int | None = Field(default=None, primary_key=True)
    user: str = Field(index=True)
    act: str
    kind: str
    at: dt.datetime


def used(session: Session, user: str, act: str, kind: str, since: dt.datetime) -> int:
    query = select(func.count()).select_from(Use).where(Use.user == user, Use.act == act, Use.kind == kind)
    return session.exec(query.where(col(Use.at) > since)).one()


def count(session: Session, user: str, act: str, kind: str) -> None:
    session.add(Use(user=user, act=act, kind=kind, at=clock.now()))
