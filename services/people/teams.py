"""Teams and their members: who is in, in which role, with which disciplines."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from db.queries.people import lock_team, members, teams_of
from db.tables import Membership, Team
from services.actors import Actor, Discipline, Role
from services.deps import Deps
from services.errors import Conflict, NotFound
from services.people.events import record_for_team
from services.people.links import Purpose, new_link
from services.people.permissions import Action, require
from services.people.sign_in import close_all_browsers
from services.people.users import join_team
from services.people.users import new_team as make_team


@dataclass(frozen=True)
class MemberView:
    user_id: UUID
    username: str
    name: str
    role: Role
    disciplines: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True)
class TeamView:
    id: UUID
    name: str


def my_teams(deps: Deps, actor: Actor) -> tuple[TeamView, ...]:
    if actor.user_id is None:
        return ()
    with deps.reading() as session:
        return tuple(TeamView(team.id, team.name) for _, team in teams_of(session, actor.user_id))


def current_team(deps: Deps, actor: Actor) -> TeamView:
    with deps.reading() as session:
        team = session.get(Team, actor.team_id)
        if team is None:
            raise NotFound("This team does not exist any more.")
        return TeamView(team.id, team.name)


def list_members(deps: Deps, actor: Actor) -> tuple[MemberView, ...]:
    require(actor, Action.VIEW)
    with deps.reading() as session:
        return tuple(
            MemberView(u.id, u.username, u.name, Role(m.role), tuple(m.disciplines), m.is_active and u.is_active)
            for m, u in members(session, actor.team_id)
        )


def change_member(
    deps: Deps, actor: Actor, *, user_id: UUID, role: Role, disciplines: tuple[Discipline, ...], is_active: bool
) -> None:
    """Raises: Conflict when the team would be left without an active owner, NotFound for somebody of another team."""
    require(actor, Action.MANAGE_TEAM)
    with deps.session() as session:
        lock_team(session, actor.team_id)
        membership = _member(session, actor, user_id)
        membership.role, membership.is_active = role.value, is_active
        membership.disciplines = [d.value for d in disciplines]
        session.add(membership)
        session.flush()
        owners = [m for m, u in members(session, actor.team_id) if m.role == Role.OWNER and m.is_active and u.is_active]
        if not owners:
            raise Conflict("A team needs an active owner. Make somebody else an owner first.")
        record_for_team(
            session,
            deps,
            actor,
            "member.changed",
            user_id=str(user_id),
            role=role.value,
            disciplines=membership.disciplines,
            is_active=is_active,
        )
        if not is_active:
            close_all_browsers(session, deps, user_id)
        session.commit()


def new_password_link(deps: Deps, actor: Actor, *, user_id: UUID) -> str:
    """The secret of a one-time link for a member who forgot the password.

    Raises: Conflict for somebody who is in other teams too, because the link would open those as well.
    """
    require(actor, Action.MANAGE_TEAM)
    with deps.session() as session:
        _member(session, actor, user_id)
        if any(team.id != actor.team_id for _, team in teams_of(session, user_id)):
            raise Conflict(
                "This person is in other teams too, so no single team may let them in. Whoever runs the installation "
                "can: python -m services user reset-password NAME."
            )
        secret = new_link(session, deps, Purpose.PASSWORD, created_by=actor.name, user_id=user_id)
        record_for_team(session, deps, actor, "member.password_link_made", user_id=str(user_id))
        session.commit()
    return secret


def create_team(deps: Deps, actor: Actor, *, name: str) -> UUID:
    """Another team, owned by the actor."""
    if actor.user_id is None:
        raise NotFound("Only people make teams.")
    with deps.session() as session:
        team = make_team(session, deps, name)
        join_team(session, deps, team.id, actor.user_id, Role.OWNER)
        session.commit()
        return team.id


def _member(session: Session, actor: Actor, user_id: UUID) -> Membership:
    membership = session.get(Membership, (actor.team_id, user_id))
    if membership is None:
        raise NotFound("This person is not in your team.")
    return membership
