"""Signing in and staying signed in: lockout and browsers live in the database, the cookie only carries a random id."""

import secrets
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select, update

from db.queries.people import find_user, teams_of
from db.tables import AuthSession, User
from services.actors import Actor, ActorKind
from services.deps import Deps
from services.errors import NotFound
from services.people.links import hashed
from services.people.passwords import is_password
from services.people.users import actor_of

FAILURES_MAX = 5
LOCKED_FOR = timedelta(minutes=15)
SIGNED_IN_FOR = timedelta(hours=12)
# Of the hash that is the id of the browser's row: enough to find the row, useless for signing in.
SIGN_IN_LENGTH = 16


def check_sign_in(deps: Deps, *, username: str, password: str) -> bool:
    """Counts failures; five in a row lock the account for 15 minutes, in every browser."""
    with deps.reading() as session:  # comparing takes long; nobody else has to wait for it
        user = find_user(session, username)
        stored = user.password_hash if user else None
    matches = is_password(password, stored)
    with deps.session() as session:
        user = find_user(session, username, lock=True)
        if user is None or not user.is_active or (user.locked_until and user.locked_until > deps.now()):
            return False
        matches = matches and user.password_hash == stored
        if matches:
            user.failed_logins, user.locked_until = 0, None
        else:
            user.failed_logins += 1
            if user.failed_logins >= FAILURES_MAX:
                user.failed_logins, user.locked_until = 0, deps.now() + LOCKED_FOR
        session.add(user)
        session.commit()
    return matches


def open_browser(deps: Deps, *, username: str) -> str:
    """The random id for a browser whose person has just been recognised."""
    sid = secrets.token_urlsafe(32)
    with deps.session() as session:
        user = find_user(session, username)
        if user is None:
            raise NotFound("This person does not exist.")
        teams = teams_of(session, user.id)
        session.add(
            AuthSession(
                id=hashed(sid),
                user_id=user.id,
                team_id=teams[0][1].id if teams else None,
                created_at=deps.now(),
                expires_at=deps.now() + SIGNED_IN_FOR,
            )
        )
        session.commit()
    return sid


def actor_in_browser(deps: Deps, sid: str | None) -> Actor | None:
    """Who this browser is, in which team; asked on every rerun and before every write. None: sign in again."""
    if not sid:
        return None
    with deps.reading() as session:
        browser = session.get(AuthSession, hashed(sid))
        if browser is None or browser.revoked_at is not None or browser.expires_at < deps.now():
            return None
        user = session.get(User, browser.user_id)
        if user is None or not user.is_active:
            return None
        teams = teams_of(session, user.id)
        chosen = [m for m, team in teams if team.id == browser.team_id] or [m for m, _ in teams]
        if not chosen:
            return None
        return replace(actor_of(user, chosen[0], ActorKind.PERSON, "browser"), sign_in=browser.id[:SIGN_IN_LENGTH])


def username_in_browser(deps: Deps, sid: str | None) -> str | None:
    """The user name that a cookie with this id must carry."""
    actor = actor_in_browser(deps, sid)
    if actor is None or actor.user_id is None:
        return None
    with deps.reading() as session:
        user = session.get(User, actor.user_id)
        return user.username if user else None


def close_browser(deps: Deps, sid: str | None) -> None:
    """Signs one browser out; a copied cookie is worth nothing afterwards."""
    if not sid:
        return
    with deps.session() as session:
        browser = session.get(AuthSession, hashed(sid))
        if browser is not None:
            browser.revoked_at = deps.now()
            session.add(browser)
            session.commit()


def close_all_browsers(session: Session, deps: Deps, user_id: UUID) -> None:
    """Inside the caller's transaction: after a new password, or when somebody is disabled."""
    session.exec(
        update(AuthSession)
        .where(col(AuthSession.user_id) == user_id, col(AuthSession.revoked_at).is_(None))
        .values(revoked_at=deps.now())
    )


def switch_team(deps: Deps, actor: Actor, *, sid: str, team_id: UUID) -> None:
    """Raises: NotFound for a team that the person is not in."""
    with deps.session() as session:
        browser = session.get(AuthSession, hashed(sid))
        mine = [team.id for _, team in teams_of(session, actor.user_id)] if actor.user_id else []
        if browser is None or browser.user_id != actor.user_id or team_id not in mine:
            raise NotFound("You are not in this team.")
        browser.team_id = team_id
        session.add(browser)
        session.commit()


def list_usernames(deps: Deps) -> tuple[str, ...]:
    """Everybody who may sign in; streamlit-authenticator wants the names beforehand, never the hashes."""
    with deps.reading() as session:
        return tuple(session.exec(select(User.username).where(col(User.is_active))))
