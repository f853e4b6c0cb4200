"""What people do with one-time links and with their own account."""

from db.queries.people import find_user
from db.tables import Membership, User
from services.actors import Actor, ActorKind, Role
from services.deps import Deps
from services.errors import InvalidInput, NotFound
from services.people.events import record_for_team
from services.people.links import Purpose, new_link, open_link, use_up_password_links
from services.people.passwords import hash_password, is_password
from services.people.permissions import Action, require
from services.people.sign_in import check_sign_in, close_all_browsers
from services.people.users import actor_of, clean_name, clean_username, join_team, new_user


def invite(deps: Deps, actor: Actor, *, role: Role, disciplines: tuple[str, ...] = ()) -> str:
    """The secret of a link with which one new person joins the actor's team."""
    require(actor, Action.MANAGE_TEAM)
    with deps.session() as session:
        secret = new_link(
            session,
            deps,
            Purpose.INVITE,
            created_by=actor.name,
            team_id=actor.team_id,
            role=role.value,
            disciplines=disciplines,
        )
        record_for_team(session, deps, actor, "member.invited", role=role.value)
        session.commit()
    return secret


def accept_invitation(deps: Deps, *, secret: str, username: str, name: str, password: str) -> str:
    """Creates the account and joins the team; somebody with an account joins with their password. The user name.

    Raises: NotSignedIn for a bad link or password, InvalidInput.
    """
    username = clean_username(username)
    with deps.session() as session:
        open_link(session, deps, secret, Purpose.INVITE)
        is_known = find_user(session, username) is not None
    if is_known and not check_sign_in(deps, username=username, password=password):
        raise InvalidInput(
            {"username": "This user name is taken. Choose another one, or enter its password to join with it."}
        )
    hashed = None if is_known else hash_password(password)
    with deps.session() as session:
        link = open_link(session, deps, secret, Purpose.INVITE)
        user = find_user(session, username) if is_known else None
        if user is None:
            user = new_user(session, deps, username, clean_name("name", name))
            user.password_hash = hashed
            session.add(user)
        if link.team_id is None or link.role is None:
            raise NotFound("This invitation names no team.")
        join_team(session, deps, link.team_id, user.id, Role(link.role), tuple(link.disciplines))
        link.used_at = deps.now()
        session.add(link)
        joined = actor_of(user, session.get_one(Membership, (link.team_id, user.id)), ActorKind.PERSON, "browser")
        record_for_team(session, deps, joined, "member.joined", invited_by=link.created_by)
        session.commit()
    return username


def set_password_by_link(deps: Deps, *, secret: str, password: str) -> str:
    """A new password for whoever holds the link; every browser is signed out. The user name."""
    hashed = hash_password(password)
    with deps.session() as session:
        link = open_link(session, deps, secret, Purpose.PASSWORD)
        user = session.get(User, link.user_id)
        if user is None:
            raise NotFound("This person does not exist any more.")
        user.password_hash, user.failed_logins, user.locked_until = hashed, 0, None
        session.add(user)
        use_up_password_links(session, deps, user.id)
        close_all_browsers(session, deps, user.id)
        session.commit()
        return user.username


def change_password(deps: Deps, actor: Actor, *, current: str, new: str) -> None:
    """Signs every browser out, this one too. Raises: InvalidInput."""
    hashed = hash_password(new)
    with deps.session() as session:
        user = session.get(User, actor.user_id)
        if user is None or not is_password(current, user.password_hash):
            raise InvalidInput({"current": "This is not your current password."})
        user.password_hash = hashed
        session.add(user)
        use_up_password_links(session, deps, user.id)
        close_all_browsers(session, deps, user.id)
        session.commit()


def change_name(deps: Deps, actor: Actor, *, name: str) -> None:
    with deps.session() as session:
        user = session.get(User, actor.user_id)
        if user is None:
            raise NotFound("This person does not exist any more.")
        user.name = clean_name("name", name)
        session.add(user)
        session.commit()


def sign_out_everywhere(deps: Deps, actor: Actor) -> None:
    if actor.user_id is None:
        return
    with deps.session() as session:
        close_all_browsers(session, deps, actor.user_id)
        session.commit()
