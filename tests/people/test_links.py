"""Links that let somebody in once: invitations and new passwords."""

from typing import Any

import pytest
from sqlmodel import select

from db.tables import Membership, OneTimeLink, User
from services.actors import Actor, Role
from services.deps import Deps
from services.errors import InvalidInput, NotSignedIn, UserError
from services.people import accounts, teams, users
from tests.builders import a_team
from tests.conftest import Clock
from tests.people.persons import OTHER_PASSWORD, PASSWORD, WRONG, enter, join, may_enter


@pytest.fixture
def ada(deps: Deps, owner: str) -> Actor:
    return enter(deps, owner)[1]


def accept(deps: Deps, secret: str, **other: str) -> str:
    given = {"username": "grace", "name": "Grace Hopper", "password": PASSWORD, **other}
    return accounts.accept_invitation(deps, secret=secret, **given)


def count(deps: Deps, table: Any) -> int:
    with deps.reading() as session:
        return len(session.exec(select(table)).all())


def test_an_invitation_makes_an_account_in_the_team(deps: Deps, ada: Actor) -> None:
    secret = accounts.invite(deps, ada, role=Role.VIEWER, disciplines=("security", "quality"))
    assert accept(deps, secret) == "grace"
    _, grace = enter(deps, "grace")
    assert (grace.team_id, grace.role, grace.name) == (ada.team_id, Role.VIEWER, "Grace Hopper")
    assert grace.disciplines == {"security", "quality"}
    assert may_enter(deps, "grace")


def test_somebody_with_an_account_joins_with_their_password(deps: Deps, ada: Actor) -> None:
    join(deps, a_team(deps, "Search"), "grace")
    accept(deps, accounts.invite(deps, ada, role=Role.MEMBER), username=" GRACE ", name="Somebody else")
    _, grace = enter(deps, "grace")
    assert {team.name for team in teams.my_teams(deps, grace)} == {"Search", "Payments"}
    assert grace.name == "Grace"


def test_joining_with_a_password_keeps_that_password(deps: Deps, ada: Actor) -> None:
    join(deps, a_team(deps, "Search"), "grace")
    accept(deps, accounts.invite(deps, ada, role=Role.MEMBER))
    assert may_enter(deps, "grace", PASSWORD)


@pytest.mark.parametrize("password", [WRONG, "", OTHER_PASSWORD])
def test_without_the_password_nobody_joins_in_anothers_name(deps: Deps, ada: Actor, password: str) -> None:
    join(deps, a_team(deps, "Search"), "grace")
    secret = accounts.invite(deps, ada, role=Role.OWNER)
    with pytest.raises(InvalidInput, match="taken") as refused:
        accept(deps, secret, password=password)
    assert set(refused.value.problems) == {"username"}
    assert [member.username for member in teams.list_members(deps, ada)] == ["ada"]
    assert may_enter(deps, "grace", PASSWORD)


def test_nobody_takes_over_an_account_that_has_no_password_yet(deps: Deps, ada: Actor) -> None:
    users.add_user(deps, username="grace", role=Role.MEMBER)
    with pytest.raises(InvalidInput, match="taken"):
        accept(deps, accounts.invite(deps, ada, role=Role.OWNER))


def test_an_invitation_is_no_way_around_the_lock(deps: Deps, ada: Actor) -> None:
    join(deps, a_team(deps, "Search"), "grace")
    secret = accounts.invite(deps, ada, role=Role.MEMBER)
    for _ in range(5):
        with pytest.raises(UserError):
            accept(deps, secret, password=WRONG)
    with pytest.raises(UserError):
        accept(deps, secret, password=PASSWORD)
    assert not may_enter(deps, "grace", PASSWORD)


def test_a_disabled_account_joins_no_team(deps: Deps, ada: Actor) -> None:
    grace = join(deps, a_team(deps, "Search"), "grace")
    with deps.session() as session:
        user = session.get_one(User, grace.user_id)
        user.is_active = False
        session.add(user)
        session.commit()
    with pytest.raises(UserError):
        accept(deps, accounts.invite(deps, ada, role=Role.MEMBER))
    assert [member.username for member in teams.list_members(deps, ada)] == ["ada"]


def test_somebody_who_is_in_the_team_already_is_told_so(deps: Deps, ada: Actor) -> None:
    join(deps, ada, "grace")
    with pytest.raises(UserError):
        accept(deps, accounts.invite(deps, ada, role=Role.OWNER))
    assert enter(deps, "grace")[1].role is Role.MEMBER


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"username": "?"}, "username"), ({"name": ""}, "name"), ({"password": "short"}, "password")],
)
def test_a_refused_invitation_can_be_used_again(deps: Deps, ada: Actor, wrong: dict[str, str], field: str) -> None:
    secret = accounts.invite(deps, ada, role=Role.MEMBER)
    with pytest.raises(InvalidInput) as refused:
        accept(deps, secret, **wrong)
    assert set(refused.value.problems) == {field}
    assert count(deps, User) == count(deps, Membership) == 1
    assert accept(deps, secret) == "grace"


def test_an_invitation_lets_one_person_in(deps: Deps, ada: Actor) -> None:
    secret = accounts.invite(deps, ada, role=Role.MEMBER)
    accept(deps, secret)
    with pytest.raises(NotSignedIn, match="used already"):
        accept(deps, secret, username="eve")
    assert count(deps, User) == 2


def test_a_password_link_works_once(deps: Deps, ada: Actor) -> None:
    secret = users.reset_password(deps, username="ada")
    assert accounts.set_password_by_link(deps, secret=secret, password=OTHER_PASSWORD) == "ada"
    with pytest.raises(NotSignedIn, match="used already"):
        accounts.set_password_by_link(deps, secret=secret, password=PASSWORD)
    assert may_enter(deps, "ada", OTHER_PASSWORD)
    assert not may_enter(deps, "ada", PASSWORD)


def test_an_unusable_password_leaves_the_link_usable(deps: Deps, ada: Actor) -> None:
    secret = users.reset_password(deps, username="ada")
    with pytest.raises(InvalidInput):
        accounts.set_password_by_link(deps, secret=secret, password="short")
    assert accounts.set_password_by_link(deps, secret=secret, password=OTHER_PASSWORD) == "ada"


def test_an_owner_lets_a_member_in_again(deps: Deps, ada: Actor) -> None:
    grace = join(deps, ada, "grace")
    assert grace.user_id
    secret = teams.new_password_link(deps, ada, user_id=grace.user_id)
    assert accounts.set_password_by_link(deps, secret=secret, password=OTHER_PASSWORD) == "grace"
    assert may_enter(deps, "grace", OTHER_PASSWORD)


@pytest.mark.parametrize(("hours", "works"), [(72, True), (72.1, False)])
def test_an_invitation_lives_for_three_days(deps: Deps, ada: Actor, clock: Clock, hours: float, works: bool) -> None:
    secret = accounts.invite(deps, ada, role=Role.MEMBER)
    clock.advance(hours=hours)
    if works:
        assert accept(deps, secret) == "grace"
        return
    with pytest.raises(NotSignedIn, match="expired"):
        accept(deps, secret)
    assert count(deps, User) == 1


@pytest.mark.parametrize(("hours", "works"), [(24, True), (24.1, False)])
def test_a_password_link_lives_for_a_day(deps: Deps, ada: Actor, clock: Clock, hours: float, works: bool) -> None:
    secret = users.reset_password(deps, username="ada")
    clock.advance(hours=hours)
    if works:
        assert accounts.set_password_by_link(deps, secret=secret, password=OTHER_PASSWORD) == "ada"
        return
    with pytest.raises(NotSignedIn, match="expired"):
        accounts.set_password_by_link(deps, secret=secret, password=OTHER_PASSWORD)
    assert may_enter(deps, "ada", PASSWORD)


def test_an_invitation_sets_no_password(deps: Deps, ada: Actor) -> None:
    with pytest.raises(NotSignedIn, match="not known"):
        accounts.set_password_by_link(deps, secret=accounts.invite(deps, ada, role=Role.OWNER), password=OTHER_PASSWORD)


def test_a_password_link_invites_nobody(deps: Deps, ada: Actor) -> None:
    with pytest.raises(NotSignedIn, match="not known"):
        accept(deps, users.reset_password(deps, username="ada"))
    assert count(deps, User) == 1


@pytest.mark.parametrize("secret", ["", "guessed", "x" * 10_000, "🦊", "\x00"])
def test_a_made_up_link_is_not_known(deps: Deps, ada: Actor, secret: str) -> None:
    with pytest.raises(NotSignedIn, match="not known"):
        accept(deps, secret)
    with pytest.raises(NotSignedIn, match="not known"):
        accounts.set_password_by_link(deps, secret=secret, password=OTHER_PASSWORD)


def test_only_a_hash_of_the_secret_is_stored(deps: Deps, ada: Actor) -> None:
    secrets = [accounts.invite(deps, ada, role=Role.MEMBER), users.reset_password(deps, username="ada")]
    with deps.reading() as session:
        links = session.exec(select(OneTimeLink)).all()
    stored = " ".join(str(link.model_dump()) for link in links)
    assert len(links) == 2
    assert not any(secret in stored for secret in secrets)
    for link in links:
        with pytest.raises(NotSignedIn, match="not known"):
            accept(deps, link.id)


def test_a_link_says_who_made_it(deps: Deps, ada: Actor) -> None:
    accounts.invite(deps, ada, role=Role.MEMBER)
    users.reset_password(deps, username="ada")
    with deps.reading() as session:
        assert set(session.exec(select(OneTimeLink.created_by))) == {"Ada Lovelace", "command line"}


def test_a_link_of_one_team_opens_no_other_team(deps: Deps, ada: Actor) -> None:
    """Whoever invites somebody must not get into that person's other teams with a link of their own making."""
    other = a_team(deps, "Search")
    grace = join(deps, other, "grace")
    accept(deps, accounts.invite(deps, ada, role=Role.MEMBER))
    assert grace.user_id
    try:
        secret = teams.new_password_link(deps, ada, user_id=grace.user_id)
        accounts.set_password_by_link(deps, secret=secret, password=OTHER_PASSWORD)
    except UserError:
        pass
    assert not may_enter(deps, "grace", OTHER_PASSWORD)
