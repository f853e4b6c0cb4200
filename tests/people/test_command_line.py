"""People without a browser: whoever holds the machine adds them, lets them in again, and acts in their name."""

import pytest
from sqlmodel import select

from db.queries.people import find_user
from db.tables import Team, User
from services.actors import Actor, ActorKind, Role
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotFound
from services.people import accounts, setup, teams, users
from services.people.users import actor_for_command_line, add_user, reset_password
from tests.conftest import Clock
from tests.people.persons import OTHER_PASSWORD, PASSWORD, enter, join, may_enter


@pytest.mark.parametrize("role", list(Role))
def test_the_first_person_owns_the_first_team_whatever_was_asked(deps: Deps, role: Role) -> None:
    add_user(deps, username="ada", role=role)
    _, ada = enter(deps, "ada")
    assert ada.role is Role.OWNER
    assert teams.current_team(deps, ada).name == users.DEFAULT_TEAM


def test_the_first_team_can_be_named(deps: Deps) -> None:
    add_user(deps, username="ada", role=Role.OWNER, team_name="Payments")
    assert teams.current_team(deps, enter(deps, "ada")[1]).name == "Payments"


def test_after_the_first_person_there_is_no_first_visit(deps: Deps) -> None:
    add_user(deps, username="ada", role=Role.OWNER)
    with pytest.raises(Conflict):
        setup.create_owner(deps, username="eve", name="Eve", password=PASSWORD, team_name="Eve's")


@pytest.mark.parametrize("role", list(Role))
def test_everybody_after_that_joins_the_only_team_in_the_role_asked_for(deps: Deps, owner: str, role: Role) -> None:
    add_user(deps, username="grace", role=role)
    _, grace = enter(deps, "grace")
    assert grace.role is role
    assert teams.current_team(deps, grace).name == "Payments"


def test_among_several_teams_one_is_named(deps: Deps, owner: str) -> None:
    teams.create_team(deps, enter(deps, owner)[1], name="Search")
    add_user(deps, username="grace", role=Role.MEMBER, team_name="Search")
    assert teams.current_team(deps, enter(deps, "grace")[1]).name == "Search"


@pytest.mark.parametrize("team_name", [None, "Nowhere", "payments"])
def test_a_team_that_is_not_clear_is_asked_for(deps: Deps, owner: str, team_name: str | None) -> None:
    teams.create_team(deps, enter(deps, owner)[1], name="Search")
    with pytest.raises(InvalidInput, match="--team: Payments, Search"):
        add_user(deps, username="grace", role=Role.MEMBER, team_name=team_name)
    with deps.reading() as session:
        assert find_user(session, "grace") is None


@pytest.mark.parametrize("username", ["", "?", "a b"])
def test_a_refused_user_name_adds_nothing(deps: Deps, username: str) -> None:
    with pytest.raises(InvalidInput):
        add_user(deps, username=username, role=Role.OWNER)
    with deps.reading() as session:
        assert session.exec(select(User)).all() == []
        assert session.exec(select(Team)).all() == []


def test_the_link_of_a_new_person_sets_the_first_password(deps: Deps) -> None:
    secret = add_user(deps, username="ada", role=Role.OWNER)
    assert not may_enter(deps, "ada", PASSWORD)
    assert accounts.set_password_by_link(deps, secret=secret, password=PASSWORD) == "ada"
    assert may_enter(deps, "ada", PASSWORD)


@pytest.mark.parametrize("written", ["ada", " ADA "])
def test_a_forgotten_password_is_replaced_by_link(deps: Deps, owner: str, written: str) -> None:
    secret = reset_password(deps, username=written)
    assert may_enter(deps, owner, PASSWORD)
    accounts.set_password_by_link(deps, secret=secret, password=OTHER_PASSWORD)
    assert not may_enter(deps, owner, PASSWORD)
    assert may_enter(deps, owner, OTHER_PASSWORD)


def test_nobody_has_no_password_to_reset(deps: Deps, owner: str) -> None:
    with pytest.raises(NotFound, match="nobody with the user name eve"):
        reset_password(deps, username="eve")


def test_the_command_line_acts_in_a_persons_name_and_says_so(deps: Deps, owner: str) -> None:
    actor = actor_for_command_line(deps, "ADA")
    assert (actor.kind, actor.channel) == (ActorKind.COMMAND_LINE, "command line")
    assert (actor.name, actor.role) == ("Ada Lovelace", Role.OWNER)
    assert actor.user_id == enter(deps, owner)[1].user_id


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_the_command_line_may_no_more_than_the_person(deps: Deps, owner: str, role: Role) -> None:
    join(deps, enter(deps, owner)[1], "grace", role)
    assert actor_for_command_line(deps, "grace").role is role


def test_the_command_line_acts_in_the_oldest_team(deps: Deps, owner: str, clock: Clock) -> None:
    clock.advance(hours=1)
    teams.create_team(deps, enter(deps, owner)[1], name="Another")
    assert teams.current_team(deps, actor_for_command_line(deps, owner)).name == "Payments"


def test_nobody_acts_for_somebody_unknown(deps: Deps, owner: str) -> None:
    with pytest.raises(NotFound, match="user add eve"):
        actor_for_command_line(deps, "eve")


def test_nobody_acts_for_a_disabled_account(deps: Deps, owner: str) -> None:
    with deps.session() as session:
        ada = find_user(session, owner)
        assert ada is not None
        ada.is_active = False
        session.add(ada)
        session.commit()
    with pytest.raises(NotFound):
        actor_for_command_line(deps, owner)


def test_nobody_acts_for_somebody_who_is_disabled_in_every_team(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    disable(deps, ada, join(deps, ada, "grace"))
    with pytest.raises(NotFound, match="in no team"):
        actor_for_command_line(deps, "grace")


def disable(deps: Deps, owner: Actor, member: Actor) -> None:
    assert member.user_id
    teams.change_member(deps, owner, user_id=member.user_id, role=Role.MEMBER, disciplines=(), is_active=False)
