"""Links that let somebody in once: invitations, new passwords, the first set-up. Only a hash is stored."""

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session, col, update

from db.tables import OneTimeLink
from services.deps import Deps
from services.errors import NotSignedIn


class Purpose(StrEnum):
    INVITE = "invite"
    PASSWORD = "password"  # noqa: S105
    SETUP = "setup"


LIFETIME = {
    Purpose.INVITE: timedelta(hours=72),
    Purpose.PASSWORD: timedelta(hours=24),
    Purpose.SETUP: timedelta(hours=24),
}


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def new_link(
    session: Session,
    deps: Deps,
    purpose: Purpose,
    *,
    created_by: str,
    team_id: UUID | None = None,
    user_id: UUID | None = None,
    role: str | None = None,
    disciplines: tuple[str, ...] = (),
) -> str:
    """The secret of a new link; it is shown once and cannot be read back."""
    secret = secrets.token_urlsafe(32)
    session.add(
        OneTimeLink(
            id=hashed(secret),
            purpose=purpose.value,
            team_id=team_id,
            user_id=user_id,
            role=role,
            disciplines=list(disciplines),
            created_by=created_by,
            created_at=deps.now(),
            expires_at=deps.now() + LIFETIME[purpose],
        )
    )
    return secret


def use_up_password_links(session: Session, deps: Deps, user_id: UUID) -> None:
    """A new password makes every open link for one worthless."""
    session.exec(
        update(OneTimeLink)
        .where(
            col(OneTimeLink.user_id) == user_id,
            col(OneTimeLink.purpose) == Purpose.PASSWORD.value,
            col(OneTimeLink.used_at).is_(None),
        )
        .values(used_at=deps.now())
    )


def open_link(session: Session, deps: Deps, secret: str, purpose: Purpose) -> OneTimeLink:
    """The link, if it can still be used; whoever uses it sets `used_at`. Raises: NotSignedIn."""
    link = session.get(OneTimeLink, hashed(secret), with_for_update=True)
    if link is None or link.purpose != purpose.value:
        raise NotSignedIn("This link is not known. Ask for a new one.")
    if link.used_at is not None:
        raise NotSignedIn("This link has been used already. Ask for a new one.")
    if link.expires_at < deps.now():
        raise NotSignedIn("This link has expired. Ask for a new one.")
    return link
