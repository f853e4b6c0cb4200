"""People without a browser: added, let in again, and found for the command line."""

import re
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from db.queries.people import any_user, find_user, lock_first_visit, teams_of
from db.tables import Membership, Team, User
from services.actors import Actor, ActorKind, Discipline, Role, TeamId, UserId
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotFound
from services.people.links import Purpose, new_link

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
DEFAULT_TEAM = "My team"


def clean_username(text: str) -> str:
    """Lower case. Raises: InvalidInput."""
    name = text.strip().lower()
    if not _USERNAME.fullmatch(name):
        raise InvalidInput(
            {"username": "A user name has 2 to 64 letters, digits or . _ - @ and begins with a letter or digit."}
        )
    return name


def clean_name(field: str, text: str) -> str:
    """A name for people to read. Raises: InvalidInput."""
    name = " ".join(text.split())
    if not name or len(name) > 120 or not name.isprintable():
        raise InvalidInput({field: "Enter a name of 1 to 120 characters."})
    return name


def new_user(session: Session, deps: Deps, username: str, name: str) -> User:
    """Raises: Conflict when the name is taken."""
    if find_user(session, username):
        raise Conflict(f"There is somebody with the user name {username} already.")
    user = User(id=deps.new_id(), username=username, name=name, created_at=deps.now())
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"Somebody has just taken the user name {username}.") from error
    return user


def join_team(
    session: Session, deps: Deps, team_id: UUID, user_id: UUID, role: Role, disciplines: tuple[str, ...] = ()
) -> None:
    """Raises: Conflict for somebody who is, or was, in the team: only an owner lets them in again."""
    before = session.get(Membership, (team_id, user_id))
    if before is not None and before.is_active:
        raise Conflict("You are in this team already. Sign in.")
    if before is not None:
        raise Conflict("You were in this team before. An owner can let you in again on the page Team.")
    session.add(
        Membership(
            team_id=team_id, user_id=user_id, role=role.value, disciplines=list(disciplines), created_at=deps.now()
        )
    )


def new_team(session: Session, deps: Deps, name: str) -> Team:
    team = Team(id=deps.new_id(), name=clean_name("team", name), defaults={}, created_at=deps.now())
    session.add(team)
    session.flush()
    return team


def add_user(deps: Deps, *, username: str, role: Role, team_name: str | None = None) -> str:
    """The secret of a one-time link that sets the password. The first person makes the team and owns it.

    Raises: InvalidInput, Conflict, NotFound.
    """
    username = clean_username(username)
    with deps.session() as session:
        lock_first_visit(session)
        is_first = not any_user(session)
        team = new_team(session, deps, team_name or DEFAULT_TEAM) if is_first else _team_named(session, team_name)
        user = new_user(session, deps, username, username)
        join_team(session, deps, team.id, user.id, Role.OWNER if is_first else role)
        secret = new_link(session, deps, Purpose.PASSWORD, created_by="command line", user_id=user.id)
        session.commit()
    return secret


def reset_password(deps: Deps, *, username: str) -> str:
    """The secret of a one-time link. Raises: NotFound."""
    with deps.session() as session:
        user = find_user(session, username)
        if user is None:
            raise NotFound(f"There is nobody with the user name {username}.")
        secret = new_link(session, deps, Purpose.PASSWORD, created_by="command line", user_id=user.id)
        session.commit()
    return secret


def actor_for_command_line(deps: Deps, username: str) -> Actor:
    """Whoever holds the machine acts in this person's name, and every record says so. Raises: NotFound."""
    with deps.reading() as session:
        user = find_user(session, username)
        if user is None or not user.is_active:
            raise NotFound(
                f"There is nobody with the user name {username}; `python -m services user add {username}` adds them."
            )
        teams = teams_of(session, user.id)
    if not teams:
        raise NotFound(f"{username} is in no team.")
    return actor_of(user, teams[0][0], ActorKind.COMMAND_LINE, "command line")


def actor_of(user: User, membership: Membership, kind: ActorKind, channel: str) -> Actor:
    return Actor(
        kind=kind,
        team_id=TeamId(membership.team_id),
        name=user.name,
        channel=channel,
        user_id=UserId(user.id),
        role=Role(membership.role),
        disciplines=frozenset(Discipline(d) for d in membership.disciplines),
    )


def _team_named(session: Session, name: str | None) -> Team:
    teams = session.exec(select(Team)).all()
    found = [team for team in teams if name is None or team.name == name]
    if len(found) != 1:
        raise InvalidInput({"team": f"Say which team with --team: {', '.join(sorted(team.name for team in teams))}."})
    return found[0]
