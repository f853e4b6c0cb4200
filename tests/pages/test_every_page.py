"""What holds for every page: nothing for strangers, no trace of an exception, no markup of people's."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.session import SID
from services.actors import Role
from services.people.sign_in import close_browser, open_browser
from services.people.teams import change_member
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import FILES, TITLES, open_page

EVERYBODY = ("ada", "ben", "vera")


def drawn(at: AppTest) -> list[str]:
    """Kinds of everything on the screen, containers aside."""
    return [element.type for block in (at.main, at.sidebar) for element in block if element is not block]


@pytest.mark.parametrize("file", FILES)
def test_a_page_file_draws_nothing_for_nobody(at_gate: People, file: str) -> None:
    at = screens.alone(file)
    at.query_params["run"] = str(at_gate.run)
    at.run()
    assert not at.exception
    assert drawn(at) == []


@pytest.mark.parametrize("file", FILES)
def test_a_page_file_of_a_cold_server_draws_nothing_for_nobody(cold: People, file: str) -> None:
    at = screens.alone(file).run()
    assert not at.exception
    assert drawn(at) == []


@pytest.mark.parametrize("file", FILES)
def test_the_same_file_draws_for_somebody_who_is_signed_in(at_gate: People, file: str) -> None:
    at = screens.alone(file)
    at.session_state[SID] = open_browser(at_gate.deps, username="ada")
    assert len(drawn(at.run())) > 2


@pytest.mark.parametrize("file", FILES)
def test_a_page_file_draws_nothing_for_somebody_who_signed_out(at_gate: People, file: str) -> None:
    at = screens.alone(file)
    sid = open_browser(at_gate.deps, username="ada")
    close_browser(at_gate.deps, sid)
    at.session_state[SID] = sid
    at.run()
    assert not at.exception
    assert drawn(at) == []


@pytest.mark.parametrize("file", FILES)
def test_a_page_of_an_empty_team_has_its_title(people: People, file: str) -> None:
    at = open_page(people.deps, "ada", file)
    assert screens.titles(at) == [TITLES[file]]


@pytest.mark.parametrize("username", EVERYBODY)
@pytest.mark.parametrize("file", [file for file in FILES if file != "run"])
def test_a_page_with_a_run_has_its_title_for_every_role(at_gate: People, file: str, username: str) -> None:
    at = open_page(at_gate.deps, username, file)
    shown = screens.titles(at)
    assert shown == [TITLES[file]] or (file == "configure" and username == "vera")


@pytest.mark.parametrize("value", ["garbage", "99", "00000000-0000-0000-0000-000000000000", "<b>\x00", "x" * 5000])
@pytest.mark.parametrize("file", FILES[1:])
def test_no_parameter_of_the_address_breaks_a_page(at_gate: People, file: str, value: str) -> None:
    query = dict.fromkeys(("run", "step", "revision", "feature", "x"), value)
    assert screens.titles(open_page(at_gate.deps, "ada", file, **query))


@pytest.mark.parametrize("file", FILES)
def test_what_people_typed_is_never_read_as_markup(at_gate: People, file: str) -> None:
    at = open_page(at_gate.deps, "ada", file)
    live = [(fragment, text) for text in screens.markdown(at) for fragment in screens.FRAGMENTS if fragment in text]
    assert live == []


@pytest.mark.parametrize("file", ["home", "run", "criteria"])
def test_what_people_typed_is_shown_as_it_was_typed(at_gate: People, file: str) -> None:
    at = open_page(at_gate.deps, "ada", file)
    assert MARKUP in screens.plain_text(screens.seen(at))


def test_the_sidebar_says_who_i_am_and_in_which_role(people: People) -> None:
    at = open_page(people.deps, "vera", "home")
    assert "Vera (viewer)" in [text.value for text in at.sidebar.text]
    assert [button.label for button in at.sidebar.button] == ["Sign out"]


def test_somebody_who_was_disabled_sees_the_sign_in_at_the_next_turn(people: People) -> None:
    at = open_page(people.deps, "vera", "team")
    assert people.vera.user_id is not None
    change_member(
        people.deps, people.ada, user_id=people.vera.user_id, role=Role.VIEWER, disciplines=(), is_active=False
    )
    at.run()
    assert screens.buttons(at) == {"Sign in"}


def test_signing_out_ends_the_page_and_the_browser(people: People) -> None:
    at = screens.press(open_page(people.deps, "ben", "team"), "Sign out")
    assert SID not in at.session_state
    assert screens.buttons(at) == {"Sign in"}
