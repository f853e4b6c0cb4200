"""The first visit: an empty installation gets its owner and its team, once."""

import ipaddress

from sqlmodel import col, delete

from db.queries.people import any_user, lock_first_visit
from db.tables import OneTimeLink
from services.actors import Role
from services.deps import Deps
from services.errors import Conflict
from services.people.links import Purpose, new_link, open_link
from services.people.passwords import hash_password
from services.people.users import clean_name, clean_username, join_team, new_team, new_user


def is_empty(deps: Deps) -> bool:
    with deps.reading() as session:
        return not any_user(session)


def needs_code(deps: Deps) -> bool:
    """Beyond loopback anybody could be first, so the owner proves to see the console."""
    host = deps.settings.host
    if host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def new_setup_code(deps: Deps) -> str | None:
    """A one-time code for the console when the first visit needs one; older codes stop working."""
    if not is_empty(deps) or not needs_code(deps):
        return None
    with deps.session() as session:
        session.exec(delete(OneTimeLink).where(col(OneTimeLink.purpose) == Purpose.SETUP.value))
        code = new_link(session, deps, Purpose.SETUP, created_by="console")
        session.commit()
    return code


def create_owner(deps: Deps, *, username: str, name: str, password: str, team_name: str, code: str = "") -> str:
    """Makes the account and the team; the user name. Raises: Conflict when somebody was first, InvalidInput, NotSignedIn."""
    hashed = hash_password(password)
    username = clean_username(username)
    with deps.session() as session:
        lock_first_visit(session)
        if any_user(session):
            raise Conflict("This installation has an owner already. Ask them for an invitation.")
        if needs_code(deps):
            open_link(session, deps, code.strip(), Purpose.SETUP).used_at = deps.now()
        user = new_user(session, deps, username, clean_name("name", name))
        user.password_hash = hashed
        session.add(user)
        join_team(session, deps, new_team(session, deps, team_name).id, user.id, Role.OWNER)
        session.commit()
    return username
