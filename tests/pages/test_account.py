"""My account: my name, my password, my browsers."""

import pytest
from streamlit.testing.v1 import AppTest

from services.people import accounts
from services.people.sign_in import check_sign_in
from services.people.teams import new_password_link
from tests.pages import screens
from tests.pages.homes import MARKUP, PASSWORD, People
from tests.pages.screens import open_page, press, said

NEW = "another battery of horses"


@pytest.fixture
def with_password(people: People) -> People:
    assert people.vera.user_id is not None
    secret = new_password_link(people.deps, people.ada, user_id=people.vera.user_id)
    accounts.set_password_by_link(people.deps, secret=secret, password=PASSWORD)
    return people


def change_password(people: People, current: str, new: str) -> AppTest:
    at = open_page(people.deps, "vera", "account")
    at.text_input(key="account_current").set_value(current)
    at.text_input(key="account_new").set_value(new)
    return press(at, "Change password")


@pytest.mark.parametrize("name", ["Vera Rubin", f"V {MARKUP}"[:120], "שלום"])
def test_anybody_changes_the_own_name(people: People, name: str) -> None:
    at = open_page(people.deps, "vera", "account")
    at.text_input(key="account_name").set_value(name)
    at = press(at, "Save name")
    assert f"{name} (viewer)" in [text.value for text in at.sidebar.text]


@pytest.mark.parametrize("name", ["", "x" * 121, "tab\x07bell"], ids=["empty", "long", "bell"])
def test_a_name_that_cannot_be_read_is_refused(people: People, name: str) -> None:
    at = open_page(people.deps, "vera", "account")
    at.text_input(key="account_name").set_value(name)
    assert "1 to 120 characters" in said(press(at, "Save name"))


def test_a_new_password_signs_every_browser_out_and_opens_the_door(with_password: People) -> None:
    other = open_page(with_password.deps, "vera", "home")
    assert screens.buttons(change_password(with_password, PASSWORD, NEW)) == {"Sign in"}
    assert screens.buttons(other.run()) == {"Sign in"}
    assert check_sign_in(with_password.deps, username="vera", password=NEW)
    assert not check_sign_in(with_password.deps, username="vera", password=PASSWORD)


@pytest.mark.parametrize(
    ("current", "new", "sentence"),
    [("wrong", NEW, "not your current password"), (PASSWORD, "short", "at least 12"), (PASSWORD, "é" * 40, "72 bytes")],
)
def test_a_password_that_cannot_be_changed_says_why_and_stays(
    with_password: People, current: str, new: str, sentence: str
) -> None:
    assert sentence in said(change_password(with_password, current, new))
    assert check_sign_in(with_password.deps, username="vera", password=PASSWORD)


def test_signing_out_everywhere_ends_this_browser_and_the_others(people: People) -> None:
    other = open_page(people.deps, "vera", "home")
    at = press(open_page(people.deps, "vera", "account"), "Sign out everywhere")
    assert screens.buttons(at) == {"Sign in"}
    assert screens.buttons(other.run()) == {"Sign in"}


def test_other_people_stay_signed_in(people: People) -> None:
    ben = open_page(people.deps, "ben", "home")
    press(open_page(people.deps, "vera", "account"), "Sign out everywhere")
    assert screens.titles(ben.run()) == ["Home"]
