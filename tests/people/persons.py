"""Short ways to people who really signed up, and to their browsers."""

from services.actors import Actor, Role
from services.deps import Deps
from services.people import accounts
from services.people.sign_in import actor_in_browser, check_sign_in, open_browser

PASSWORD = "correct horse battery"
OTHER_PASSWORD = "staple of a new kind"
WRONG = "this is not the password"


def enter(deps: Deps, username: str) -> tuple[str, Actor]:
    """A signed-in browser: its id, and who it is."""
    sid = open_browser(deps, username=username)
    actor = actor_in_browser(deps, sid)
    assert actor is not None
    return sid, actor


def join(deps: Deps, inviter: Actor, username: str, role: Role = Role.MEMBER) -> Actor:
    """A new person in the inviter's team, by invitation."""
    secret = accounts.invite(deps, inviter, role=role)
    accounts.accept_invitation(deps, secret=secret, username=username, name=username.title(), password=PASSWORD)
    return enter(deps, username)[1]


def may_enter(deps: Deps, username: str, password: str = PASSWORD) -> bool:
    return check_sign_in(deps, username=username, password=password)
