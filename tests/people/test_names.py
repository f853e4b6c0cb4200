"""User names and names for people to read."""

import pytest

from services.actors import Role
from services.deps import Deps
from services.errors import Conflict, InvalidInput
from services.people import accounts, setup, teams, users
from services.people.users import clean_name, clean_username
from tests.people.persons import PASSWORD, enter


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ada", "ada"),
        ("  Ada ", "ada"),
        ("ada\n", "ada"),
        ("ADA.LOVELACE@example.org", "ada.lovelace@example.org"),
        ("4d", "4d"),
        ("a-b_c.d", "a-b_c.d"),
        ("a" * 64, "a" * 64),
    ],
)
def test_a_user_name_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert clean_username(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", " ", "a", "a" * 65, "-ada", ".ada", "_ada", "@ada", "ada lovelace", "ada\nx", "ada\x00", "Zoë", "адa", "ada🦊",
     "<b>ada</b>", "ada;--", "ada/..", "ada\u200b", "K" + "\u0301" + "a"],
)  # fmt: skip
def test_any_other_user_name_is_refused_in_words(typed: str) -> None:
    with pytest.raises(InvalidInput, match="2 to 64 letters") as refused:
        clean_username(typed)
    assert set(refused.value.problems) == {"username"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada \t\n Lovelace ", "Ada Lovelace"),
        ("Zoë Ångström", "Zoë Ångström"),
        ("محمد", "محمد"),
        ("李雷", "李雷"),
        ("🦊", "🦊"),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("x" * 120, "x" * 120),
    ],
)
def test_a_name_is_kept_as_people_write_it(typed: str, kept: str) -> None:
    assert clean_name("name", typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\n", "x" * 121, "Ada\x00", "Ada\x1b[31m", "Ada\u202e", "Ada\ud800"])
def test_a_name_that_nobody_can_read_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 120 characters") as refused:
        clean_name("team", typed)
    assert set(refused.value.problems) == {"team"}


def test_a_person_changes_the_own_name(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    accounts.change_name(deps, ada, name=" Countess  Lovelace ")
    assert enter(deps, owner)[1].name == "Countess Lovelace"


def test_a_refused_name_changes_nothing(deps: Deps, owner: str) -> None:
    _, ada = enter(deps, owner)
    with pytest.raises(InvalidInput):
        accounts.change_name(deps, ada, name="")
    assert enter(deps, owner)[1].name == "Ada Lovelace"


@pytest.mark.parametrize("taken", ["ada", "ADA", " ada "])
def test_a_user_name_belongs_to_one_person(deps: Deps, owner: str, taken: str) -> None:
    with pytest.raises(Conflict, match="ada already"):
        users.add_user(deps, username=taken, role=Role.MEMBER)


@pytest.mark.parametrize("name", ["", "x" * 121, "\x00"])
def test_a_team_needs_a_name_too(deps: Deps, owner: str, name: str) -> None:
    _, ada = enter(deps, owner)
    with pytest.raises(InvalidInput):
        teams.create_team(deps, ada, name=name)
    assert len(teams.my_teams(deps, ada)) == 1


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "فريق", "'; DROP TABLE team; --"])
def test_a_name_that_looks_like_code_stays_text(deps: Deps, name: str) -> None:
    setup.create_owner(deps, username="ada", name=name, password=PASSWORD, team_name=name)
    _, ada = enter(deps, "ada")
    assert (ada.name, teams.current_team(deps, ada).name) == (name, name)
