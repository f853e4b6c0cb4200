"""Staying signed in: the cookie only carries a random id, and the database can take it back."""

from uuid import uuid4

import pytest
from sqlmodel import select

from db.queries.people import find_user
from db.tables import AuthSession
from services.actors import Actor, Role
from services.deps import Deps
from services.errors import InvalidInput, NotFound
from services.people import accounts, sign_in, teams, users
from services.people.sign_in import actor_in_browser, username_in_browser
from tests.builders import a_team
from tests.conftest import Clock
from tests.people.persons import OTHER_PASSWORD, PASSWORD, WRONG, enter, join, may_enter


def rows(deps: Deps) -> list[AuthSession]:
    with deps.reading() as session:
        return list(session.exec(select(AuthSession)))


def test_a_browser_says_who_acts_and_from_where(deps: Deps, owner: str) -> None:
    sid, ada = enter(deps, owner)
    assert (ada.kind, ada.channel, ada.name, ada.role) == ("person", "browser", "Ada Lovelace", Role.OWNER)
    assert username_in_browser(deps, sid) == "ada"


def test_only_a_hash_of_the_id_is_stored(deps: Deps, owner: str) -> None:
    sid, _ = enter(deps, owner)
    stored = rows(deps)[0]
    assert sid not in str(stored.model_dump())
    assert actor_in_browser(deps, stored.id) is None


def test_every_browser_has_an_id_of_its_own(deps: Deps, owner: str) -> None:
    assert len({enter(deps, owner)[0] for _ in range(5)}) == len(rows(deps)) == 5


@pytest.mark.parametrize("sid", [None, "", "guessed", "0" * 64, "\x00", "🦊"])
def test_an_unknown_browser_is_nobody(deps: Deps, owner: str, sid: str | None) -> None:
    enter(deps, owner)
    assert actor_in_browser(deps, sid) is None
    assert username_in_browser(deps, sid) is None


def test_nobody_opens_no_browser(deps: Deps) -> None:
    with pytest.raises(NotFound):
        sign_in.open_browser(deps, username="nobody")
    assert rows(deps) == []


@pytest.mark.parametrize(("hours", "known"), [(0, True), (11.9, True), (12, True), (12.1, False), (100, False)])
def test_a_browser_is_known_for_twelve_hours(deps: Deps, owner: str, clock: Clock, hours: float, known: bool) -> None:
    sid, _ = enter(deps, owner)
    clock.advance(hours=hours)
    assert (actor_in_browser(deps, sid) is not None) is known


def test_looking_at_it_does_not_make_it_last_longer(deps: Deps, owner: str, clock: Clock) -> None:
    sid, _ = enter(deps, owner)
    clock.advance(hours=11)
    assert actor_in_browser(deps, sid) is not None
    clock.advance(hours=2)
    assert actor_in_browser(deps, sid) is None


def test_signing_out_ends_one_browser(deps: Deps, owner: str) -> None:
    (here, _), (elsewhere, _) = enter(deps, owner), enter(deps, owner)
    sign_in.close_browser(deps, here)
    assert actor_in_browser(deps, here) is None
    assert actor_in_browser(deps, elsewhere) is not None


@pytest.mark.parametrize("sid", [None, "", "guessed"])
def test_signing_out_without_a_browser_harms_nobody(deps: Deps, owner: str, sid: str | None) -> None:
    here, _ = enter(deps, owner)
    sign_in.close_browser(deps, sid)
    assert actor_in_browser(deps, here) is not None


def test_signing_out_everywhere_ends_all_of_ones_own_browsers_only(deps: Deps, owner: str) -> None:
    (here, ada), (elsewhere, _) = enter(deps, owner), enter(deps, owner)
    join(deps, ada, "grace")
    hers, _ = enter(deps, "grace")
    accounts.sign_out_everywhere(deps, ada)
    assert [actor_in_browser(deps, sid) for sid in (here, elsewhere)] == [None, None]
    assert actor_in_browser(deps, hers) is not None


def test_changing_the_password_ends_every_browser(deps: Deps, owner: str) -> None:
    (here, ada), (elsewhere, _) = enter(deps, owner), enter(deps, owner)
    accounts.change_password(deps, ada, current=PASSWORD, new=OTHER_PASSWORD)
    assert [actor_in_browser(deps, sid) for sid in (here, elsewhere)] == [None, None]
    assert may_enter(deps, owner, OTHER_PASSWORD)
    assert not may_enter(deps, owner, PASSWORD)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [(WRONG, OTHER_PASSWORD, "current"), ("", OTHER_PASSWORD, "current"), (PASSWORD, "short", "password")],
)
def test_a_refused_new_password_changes_nothing(deps: Deps, owner: str, current: str, new: str, field: str) -> None:
    sid, ada = enter(deps, owner)
    with pytest.raises(InvalidInput) as refused:
        accounts.change_password(deps, ada, current=current, new=new)
    assert set(refused.value.problems) == {field}
    assert actor_in_browser(deps, sid) is not None
    assert may_enter(deps, owner, PASSWORD)


def test_a_password_by_link_ends_every_browser(deps: Deps, owner: str) -> None:
    sid, _ = enter(deps, owner)
    accounts.set_password_by_link(deps, secret=users.reset_password(deps, username=owner), password=OTHER_PASSWORD)
    assert actor_in_browser(deps, sid) is None


def test_a_disabled_member_is_signed_out_and_nobody_afterwards(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    grace = join(deps, ada, "grace")
    hers, _ = enter(deps, "grace")
    set_active(deps, ada, grace, is_active=False)
    assert actor_in_browser(deps, hers) is None
    assert actor_in_browser(deps, sign_in.open_browser(deps, username="grace")) is None


def test_a_member_who_is_let_in_again_has_to_sign_in_again(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    grace = join(deps, ada, "grace")
    hers, _ = enter(deps, "grace")
    set_active(deps, ada, grace, is_active=False)
    set_active(deps, ada, grace, is_active=True)
    assert actor_in_browser(deps, hers) is None
    assert enter(deps, "grace")[1].user_id == grace.user_id


def set_active(deps: Deps, owner: Actor, member: Actor, *, is_active: bool) -> None:
    assert member.user_id
    teams.change_member(deps, owner, user_id=member.user_id, role=Role.MEMBER, disciplines=(), is_active=is_active)


def test_a_browser_of_a_disabled_account_is_nobody_at_once(deps: Deps, owner: str) -> None:
    sid, _ = enter(deps, owner)
    with deps.session() as session:
        ada = find_user(session, owner)
        assert ada is not None
        ada.is_active = False
        session.add(ada)
        session.commit()
    assert actor_in_browser(deps, sid) is None


def test_a_new_role_counts_from_the_next_click(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    join(deps, ada, "grace", Role.OWNER)
    hers, grace = enter(deps, "grace")
    assert grace.user_id
    teams.change_member(deps, ada, user_id=grace.user_id, role=Role.VIEWER, disciplines=(), is_active=True)
    again = actor_in_browser(deps, hers)
    assert again is not None
    assert again.role is Role.VIEWER


def test_a_person_in_two_teams_begins_in_the_older_one_and_switches(deps: Deps, owner: str, clock: Clock) -> None:
    sid, ada = enter(deps, owner)
    clock.advance(minutes=1)
    second = teams.create_team(deps, ada, name="Search")
    assert [team.name for team in teams.my_teams(deps, ada)] == ["Payments", "Search"]
    assert enter(deps, owner)[1].team_id == ada.team_id
    sign_in.switch_team(deps, ada, sid=sid, team_id=second)
    there = actor_in_browser(deps, sid)
    assert there is not None
    assert teams.current_team(deps, there).name == "Search"


def test_switching_moves_only_this_browser(deps: Deps, owner: str) -> None:
    (here, ada), (elsewhere, _) = enter(deps, owner), enter(deps, owner)
    second = teams.create_team(deps, ada, name="Search")
    sign_in.switch_team(deps, ada, sid=here, team_id=second)
    other = actor_in_browser(deps, elsewhere)
    assert other is not None
    assert other.team_id == ada.team_id


def test_nobody_switches_into_a_team_that_is_not_theirs(deps: Deps, owner: str) -> None:
    sid, ada = enter(deps, owner)
    for foreign in (a_team(deps, "Foreign").team_id, uuid4()):
        with pytest.raises(NotFound, match="not in this team"):
            sign_in.switch_team(deps, ada, sid=sid, team_id=foreign)
    assert actor_in_browser(deps, sid) == ada


def test_nobody_switches_somebody_elses_browser(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    join(deps, ada, "grace")
    hers, _ = enter(deps, "grace")
    with pytest.raises(NotFound):
        sign_in.switch_team(deps, ada, sid=hers, team_id=ada.team_id)


def test_nobody_switches_back_into_a_team_that_disabled_them(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    grace = join(deps, ada, "grace")
    own = teams.create_team(deps, grace, name="Grace's")
    set_active(deps, ada, grace, is_active=False)
    sid, again = enter(deps, "grace")
    assert again.team_id == own
    with pytest.raises(NotFound):
        sign_in.switch_team(deps, again, sid=sid, team_id=ada.team_id)


def test_whoever_is_disabled_in_the_team_of_the_browser_goes_on_in_another(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    grace = join(deps, ada, "grace")
    own = teams.create_team(deps, grace, name="Grace's")
    set_active(deps, ada, grace, is_active=False)
    assert enter(deps, "grace")[1].team_id == own
