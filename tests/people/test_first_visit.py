"""An empty installation gets its owner and its team, once."""

from dataclasses import replace

import pytest
from sqlmodel import select

from db.tables import OneTimeLink, Team, User
from services.actors import Role
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotSignedIn
from services.people import setup, teams
from tests.conftest import Clock
from tests.people.persons import OTHER_PASSWORD, PASSWORD, enter, may_enter


def create(deps: Deps, *, username: str = "ada", team_name: str = "Payments", code: str = "") -> str:
    return setup.create_owner(deps, username=username, name="Ada", password=PASSWORD, team_name=team_name, code=code)


def listening_on(deps: Deps, host: str) -> Deps:
    return replace(deps, settings=replace(deps.settings, host=host))


@pytest.fixture
def public(deps: Deps) -> Deps:
    """An installation that other machines can reach."""
    return listening_on(deps, "0.0.0.0")


def code_of(deps: Deps) -> str:
    code = setup.new_setup_code(deps)
    assert code is not None
    return code


def test_the_first_person_owns_the_first_team(deps: Deps) -> None:
    assert setup.is_empty(deps)
    create(deps)
    assert not setup.is_empty(deps)
    _, ada = enter(deps, "ada")
    assert (ada.name, ada.role, ada.channel) == ("Ada", Role.OWNER, "browser")
    assert teams.current_team(deps, ada).name == "Payments"


def test_the_first_person_can_sign_in(deps: Deps) -> None:
    create(deps)
    assert may_enter(deps, "ada", PASSWORD)


def test_nobody_else_can_be_first(deps: Deps) -> None:
    create(deps)
    with pytest.raises(Conflict, match="has an owner already"):
        create(deps, username="eve", team_name="Eve's")
    with deps.reading() as session:
        assert [user.username for user in session.exec(select(User))] == ["ada"]
        assert [team.name for team in session.exec(select(Team))] == ["Payments"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": "a"}, "username"),
        ({"name": "  "}, "name"),
        ({"password": "short"}, "password"),
        ({"team_name": ""}, "team"),
    ],
)
def test_a_refused_first_visit_leaves_the_installation_empty(deps: Deps, wrong: dict[str, str], field: str) -> None:
    given = {"username": "ada", "name": "Ada", "password": PASSWORD, "team_name": "Payments", **wrong}
    with pytest.raises(InvalidInput) as refused:
        setup.create_owner(deps, **given)
    assert set(refused.value.problems) == {field}
    with deps.reading() as session:
        assert session.exec(select(User)).all() == []
        assert session.exec(select(Team)).all() == []


@pytest.mark.parametrize(
    ("host", "needed"),
    [
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("::1", False),
        ("localhost", False),
        ("0.0.0.0", True),
        ("::", True),
        ("192.168.1.20", True),
        ("greenlight.example.org", True),
        ("", True),
    ],
)
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_only_beyond_loopback_a_code_is_needed(deps: Deps, host: str, needed: bool) -> None:
    there = listening_on(deps, host)
    assert setup.needs_code(there) is needed
    assert (setup.new_setup_code(there) is not None) is needed


@pytest.mark.parametrize("code", ["", "guessed", "0" * 43])
def test_without_the_code_nobody_becomes_owner(public: Deps, code: str) -> None:
    code_of(public)
    with pytest.raises(NotSignedIn):
        create(public, code=code)
    assert setup.is_empty(public)


def test_the_code_from_the_console_lets_the_owner_in_however_it_was_pasted(public: Deps) -> None:
    assert create(public, code=f"  {code_of(public)}\n") == "ada"


def test_the_code_is_used_up_with_the_first_owner(public: Deps, clock: Clock) -> None:
    code = code_of(public)
    create(public, code=code)
    with public.reading() as session:
        assert session.exec(select(OneTimeLink.used_at)).all() == [clock.at]
    with pytest.raises(Conflict):
        create(public, username="eve", code=code)


def test_a_refused_try_does_not_use_up_the_code(public: Deps) -> None:
    code = code_of(public)
    with pytest.raises(InvalidInput):
        create(public, team_name="", code=code)
    assert create(public, code=code) == "ada"


def test_a_new_code_ends_the_older_one(public: Deps) -> None:
    older, newer = code_of(public), code_of(public)
    with pytest.raises(NotSignedIn, match="not known"):
        create(public, code=older)
    assert create(public, code=newer) == "ada"


@pytest.mark.parametrize(("hours", "works"), [(24, True), (24.1, False)])
def test_a_code_lives_for_a_day(public: Deps, clock: Clock, hours: float, works: bool) -> None:
    code = code_of(public)
    clock.advance(hours=hours)
    if works:
        assert create(public, code=code) == "ada"
        return
    with pytest.raises(NotSignedIn, match="expired"):
        create(public, code=code)


def test_an_installation_with_an_owner_makes_no_more_codes(public: Deps) -> None:
    create(public, code=code_of(public))
    assert setup.new_setup_code(public) is None


def test_the_password_of_a_second_try_changes_nothing(deps: Deps) -> None:
    create(deps)
    with pytest.raises(Conflict):
        setup.create_owner(deps, username="ada", name="Ada", password=OTHER_PASSWORD, team_name="Payments")
    assert may_enter(deps, "ada", PASSWORD)
    assert not may_enter(deps, "ada", OTHER_PASSWORD)
