"""Who is in the team, in which role, and what only owners change."""

from dataclasses import replace

import pytest
from sqlmodel import select

from db.tables import Membership, OneTimeLink
from services.actors import Actor, Discipline, Role, system_actor
from services.deps import Deps
from services.errors import Conflict, NotAllowed, NotFound
from services.people import accounts, teams
from tests.builders import a_member, a_team
from tests.people.persons import enter, join


@pytest.fixture
def ada(deps: Deps, owner: str) -> Actor:
    return enter(deps, owner)[1]


def change(deps: Deps, actor: Actor, member: Actor, role: Role, *, is_active: bool = True) -> None:
    assert member.user_id
    teams.change_member(deps, actor, user_id=member.user_id, role=role, disciplines=(), is_active=is_active)


def roles(deps: Deps, actor: Actor) -> dict[str, tuple[str, bool]]:
    return {m.username: (m.role.value, m.is_active) for m in teams.list_members(deps, actor)}


def test_members_are_listed_by_user_name(deps: Deps, ada: Actor) -> None:
    for username in ("zoe", "bob"):
        join(deps, ada, username)
    assert list(roles(deps, ada)) == ["ada", "bob", "zoe"]


@pytest.mark.parametrize("role", list(Role))
def test_an_owner_gives_any_role(deps: Deps, ada: Actor, role: Role) -> None:
    grace = join(deps, ada, "grace")
    change(deps, ada, grace, role)
    assert roles(deps, ada) == {"ada": ("owner", True), "grace": (role.value, True)}


def test_an_owner_gives_disciplines(deps: Deps, ada: Actor) -> None:
    grace = join(deps, ada, "grace")
    assert grace.user_id
    wanted = (Discipline.SECURITY, Discipline.OPERATIONS)
    teams.change_member(deps, ada, user_id=grace.user_id, role=Role.MEMBER, disciplines=wanted, is_active=True)
    assert enter(deps, "grace")[1].disciplines == set(wanted)


@pytest.mark.parametrize(
    ("role", "is_active"), [(Role.MEMBER, True), (Role.VIEWER, True), (Role.OWNER, False), (Role.VIEWER, False)]
)
def test_the_last_owner_can_neither_be_demoted_nor_disabled(
    deps: Deps, ada: Actor, role: Role, is_active: bool
) -> None:
    join(deps, ada, "grace")
    with pytest.raises(Conflict, match="needs an active owner"):
        change(deps, ada, ada, role, is_active=is_active)
    assert roles(deps, ada)["ada"] == ("owner", True)
    entered = enter(deps, "ada")[1]
    assert replace(entered, sign_in=ada.sign_in) == ada  # in another browser


def test_a_disabled_owner_does_not_count_as_one(deps: Deps, ada: Actor) -> None:
    grace = join(deps, ada, "grace", Role.OWNER)
    change(deps, ada, grace, Role.OWNER, is_active=False)
    with pytest.raises(Conflict):
        change(deps, ada, ada, Role.MEMBER)


def test_an_owner_of_another_team_does_not_count_as_one(deps: Deps, ada: Actor) -> None:
    join(deps, a_team(deps, "Search"), "grace", Role.OWNER)
    with pytest.raises(Conflict):
        change(deps, ada, ada, Role.VIEWER)


def test_an_owner_may_step_down_when_there_is_another(deps: Deps, ada: Actor) -> None:
    join(deps, ada, "grace", Role.OWNER)
    change(deps, ada, ada, Role.MEMBER)
    assert roles(deps, ada) == {"ada": ("member", True), "grace": ("owner", True)}


def test_whoever_stepped_down_manages_nothing_any_more(deps: Deps, ada: Actor) -> None:
    grace = join(deps, ada, "grace", Role.OWNER)
    change(deps, ada, ada, Role.MEMBER)
    _, again = enter(deps, "ada")
    with pytest.raises(NotAllowed, match="takes the role owner"):
        change(deps, again, grace, Role.VIEWER)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_nobody_but_an_owner_manages_the_team(deps: Deps, ada: Actor, role: Role) -> None:
    bob = join(deps, ada, "bob", role)
    assert ada.user_id
    with deps.reading() as session:
        links = len(session.exec(select(OneTimeLink)).all())
    with pytest.raises(NotAllowed):
        accounts.invite(deps, bob, role=Role.OWNER)
    with pytest.raises(NotAllowed):
        change(deps, bob, bob, Role.OWNER)
    with pytest.raises(NotAllowed):
        teams.new_password_link(deps, bob, user_id=ada.user_id)
    assert roles(deps, ada) == {"ada": ("owner", True), "bob": (role.value, True)}
    with deps.reading() as session:
        assert len(session.exec(select(OneTimeLink)).all()) == links


def test_somebody_of_another_team_is_not_found(deps: Deps, ada: Actor) -> None:
    other = a_team(deps, "Search")
    stranger = a_member(deps, other.team_id, username="eve")
    assert stranger.user_id
    with pytest.raises(NotFound, match="not in your team"):
        change(deps, ada, stranger, Role.OWNER)
    with pytest.raises(NotFound, match="not in your team"):
        teams.new_password_link(deps, ada, user_id=stranger.user_id)
    assert roles(deps, other)["eve"] == ("member", True)


def test_a_role_in_one_team_says_nothing_about_another(deps: Deps, ada: Actor) -> None:
    grace = join(deps, a_team(deps, "Search"), "grace", Role.OWNER)
    assert grace.user_id
    with deps.session() as session:
        session.add(
            Membership(team_id=ada.team_id, user_id=grace.user_id, role="viewer", disciplines=[], created_at=deps.now())
        )
        session.commit()
    change(deps, ada, grace, Role.MEMBER)
    assert [m.role for m in teams.list_members(deps, grace) if m.username == "grace"] == [Role.OWNER]


def test_whoever_makes_a_team_owns_it(deps: Deps, ada: Actor) -> None:
    bob = join(deps, ada, "bob", Role.VIEWER)
    made = teams.create_team(deps, bob, name=" Bob's  team ")
    assert teams.TeamView(made, "Bob's team") in teams.my_teams(deps, bob)
    with deps.reading() as session:
        assert session.get_one(Membership, (made, bob.user_id)).role == "owner"


def test_the_product_itself_makes_no_team_and_is_in_none(deps: Deps, ada: Actor) -> None:
    machine = system_actor(ada.team_id)
    with pytest.raises(NotFound, match="Only people"):
        teams.create_team(deps, machine, name="Machines")
    assert teams.my_teams(deps, machine) == ()
