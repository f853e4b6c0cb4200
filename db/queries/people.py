"""People and their memberships."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Membership, Team, User


def find_user(session: Session, username: str) -> User | None:
    """User names are stored in lower case; case never tells two people apart."""
    return session.exec(select(User).where(User.username == username.strip().lower())).first()


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
