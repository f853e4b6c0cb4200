"""People and their memberships."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from db.tables import Membership, Team, User


def find_user(session: Session, username: str, *, lock: bool = False) -> User | None:
    """User names are stored in lower case; case never tells two people apart. `lock` keeps other writers away."""
    if "\x00" in username:  # PostgreSQL cannot even be asked for it
        return None
    query = select(User).where(User.username == username.strip().lower())
    return session.exec(query.with_for_update() if lock else query).first()


def lock_team(session: Session, team_id: UUID) -> None:
    """One change of a team's members at a time."""
    session.exec(select(Team.id).where(Team.id == team_id).with_for_update()).first()


def lock_first_visit(session: Session) -> None:
    """One first person at a time. SQLite's immediate transaction already holds the only write lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(724502)"))


def any_user(session: Session) -> bool:
    return session.exec(select(User.id).limit(1)).first() is not None


def active_members(session: Session, team_id: UUID) -> Sequence[tuple[Membership, User]]:
    """Members who can sign in now."""
    query = (
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(Membership.team_id == team_id, col(Membership.is_active), col(User.is_active))
        .order_by(User.username)
    )
    return list(session.exec(query).all())


def members(session: Session, team_id: UUID) -> Sequence[tuple[Membership, User]]:
    query = (
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(Membership.team_id == team_id)
        .order_by(User.username)
    )
    return list(session.exec(query).all())


def teams_of(session: Session, user_id: UUID) -> Sequence[tuple[Membership, Team]]:
    """The teams in which a person is active, oldest membership first."""
    query = (
        select(Membership, Team)
        .join(Team, col(Team.id) == col(Membership.team_id))
        .where(Membership.user_id == user_id, col(Membership.is_active))
        .order_by(col(Membership.created_at), Team.name)
    )
    return list(session.exec(query).all())
