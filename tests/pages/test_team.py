"""The team: everybody sees who is in it, owners invite and change, nobody locks the team out."""

import pytest

from services.actors import Role
from services.people.teams import list_members, my_teams
from services.reviews.team_policies import list_policies
from services.runs.team_limits import team_limits
from services.workflow.gates import GatePolicy
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import buttons, open_page, press, said, seen


def role_of(people: People, username: str) -> Role:
    return next(member.role for member in list_members(people.deps, people.ada) if member.username == username)


@pytest.mark.parametrize("username", ["ada", "ben", "vera"])
def test_everybody_sees_who_is_in_the_team_and_nobody_of_another(people: People, username: str) -> None:
    names = set(open_page(people.deps, username, "team").dataframe[0].value["User name"])
    assert {"ada", "ben", "vera"} <= names
    assert "otto" not in names


@pytest.mark.parametrize("username", ["ben", "vera"])
def test_only_owners_have_the_buttons_of_an_owner(people: People, username: str) -> None:
    assert buttons(open_page(people.deps, username, "team")) == {"Sign out", "Create team", "Verify the ledger"}
    assert {"Make a link", "Save"} <= buttons(open_page(people.deps, "ada", "team"))


def test_an_invitation_is_shown_once(people: People) -> None:
    at = press(open_page(people.deps, "ada", "team"), "Make a link")
    assert "/?invite=" in at.code[0].value
    at.run()
    assert not at.code


def test_a_link_for_a_forgotten_password_is_for_the_chosen_member(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    at = at.selectbox(key="team_member").set_value(people.ben.user_id).run()
    at = press(at, "One-time link for a forgotten password")
    assert "/?reset=" in at.code[0].value


def test_an_owner_changes_a_role(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    at = at.selectbox(key="team_member").set_value(people.ben.user_id).run()
    next(box for box in at.selectbox if box.label == "Role" and box.key != "team_invite_role").set_value(Role.VIEWER)
    press(at, "Save")
    assert role_of(people, "ben") is Role.VIEWER


def test_the_last_owner_cannot_step_down(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    at = at.selectbox(key="team_member").set_value(people.ada.user_id).run()
    next(box for box in at.selectbox if box.label == "Role" and box.key != "team_invite_role").set_value(Role.MEMBER)
    at = press(at, "Save")
    assert "A team needs an active owner." in said(at)
    assert role_of(people, "ada") is Role.OWNER


def test_everybody_sees_what_gates_ask_for_and_owners_set_it(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    at.selectbox(key="team_policy_1_kind").set_value("Own")
    save = [button for button in at.button if button.label == "Save policy"]
    assert len(save) == 4
    at = save[0].click().run()
    assert not at.exception
    assert list_policies(people.deps, people.ada)[0].policy == GatePolicy(1)
    assert "1 Discovery & requirements**: 1 approval" in screens.plain_text(
        seen(open_page(people.deps, "vera", "team"))
    )


def test_a_policy_that_nobody_can_satisfy_is_refused_with_the_reason(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    at.selectbox(key="team_policy_2_kind").set_value("Own")
    at.number_input(key="team_policy_2_approvals").set_value(3)
    at = [button for button in at.button if button.label == "Save policy"][1].click().run()
    assert "3 approvals take 4 people who may decide" in said(at)
    assert list_policies(people.deps, people.ada)[1].policy is None


def test_an_owner_sets_what_the_team_may_spend_and_everybody_sees_it(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    assert "0.00 USD spent or held, no cap" in seen(at)
    at.number_input(key="team_month_usd").set_value(50.0)
    at.number_input(key="team_run_usd").set_value(5.0)
    assert not press(at, "Save limits").exception
    told = seen(open_page(people.deps, "vera", "team"))
    assert "0.00 USD spent or held, of at most 50.00 USD" in told
    assert "New runs begin with a limit of 5.00 USD." in told
    limits = team_limits(people.deps, people.ada)
    assert (limits.month_usd, limits.run_usd, limits.set_by) == (50.0, 5.0, people.ada.name)


def test_a_limit_of_nothing_is_refused(people: People) -> None:
    at = open_page(people.deps, "ada", "team")
    at.number_input(key="team_month_usd").set_value(0.0)
    assert "amount in USD above 0" in said(press(at, "Save limits"))


def test_the_ledger_is_verified_by_a_button(at_gate: People) -> None:
    at = press(open_page(at_gate.deps, "vera", "team"), "Verify the ledger")
    assert "The ledger is whole: 2 entries" in screens.plain_text(said(at))


@pytest.mark.parametrize("username", ["ada", "vera"])
def test_anybody_may_make_another_team_and_then_choose_between_them(people: People, username: str) -> None:
    at = open_page(people.deps, username, "team")
    at.text_input(key="team_new_name").set_value(f"New {MARKUP}"[:120])
    at = press(at, "Create team")
    actor = people.ada if username == "ada" else people.vera
    assert len(my_teams(people.deps, actor)) == 2
    assert len(at.sidebar.selectbox(key="frame_team").options) == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_team_without_a_proper_name_is_not_made(people: People, name: str) -> None:
    at = open_page(people.deps, "ben", "team")
    at.text_input(key="team_new_name").set_value(name)
    assert "1 to 120 characters" in said(press(at, "Create team"))
    assert len(my_teams(people.deps, people.ben)) == 1


def test_choosing_another_team_shows_that_team_only(at_gate: People) -> None:
    at = open_page(at_gate.deps, "vera", "team")
    at.text_input(key="team_new_name").set_value("Mine")
    at = press(at, "Create team")
    other = next(team.id for team in my_teams(at_gate.deps, at_gate.vera) if team.name == "Mine")
    at = at.sidebar.selectbox(key="frame_team").set_value(other).run()
    assert not at.exception
    at = at.switch_page("pages/home.py").run()
    assert "Nothing here yet." in screens.seen(at)
