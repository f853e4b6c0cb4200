"""Before anybody is signed in: the first visit, the sign-in, links that let somebody in."""

from collections.abc import Iterator

import pytest
from streamlit import config
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
from streamlit.testing.v1 import AppTest
from streamlit_authenticator import Authenticate

from app import PAGES
from pages.components import session
from pages.components.session import get_deps
from services.actors import Role
from services.deps import Deps
from services.people import accounts, setup
from services.people.teams import list_members, new_password_link
from tests.pages import screens
from tests.pages.homes import MARKUP, PASSWORD, People, team_name
from tests.pages.screens import press, said


def first_visit(**given: str) -> AppTest:
    at = screens.app().run()
    filled = {"team": "Payments", "name": "Ada", "username": "ada", "password": PASSWORD, **given}
    for field, value in filled.items():
        at.text_input(key=f"setup_{field}").set_value(value)
    return press(at, "Create account and team")


def test_an_empty_installation_welcomes_its_first_visitor(nobody: Deps) -> None:
    at = screens.app().run()
    assert screens.titles(at) == ["Welcome to Greenlight"]
    assert not at.sidebar.button


def test_every_page_is_known_before_the_cookie_can_ask_for_a_rerun(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[int] = []
    made = session.authenticator

    def looking(deps: Deps) -> Authenticate:
        context = get_script_run_ctx()
        known.append(len(context.pages_manager.get_pages()) if context else 0)
        return made(deps)

    monkeypatch.setattr(session, "authenticator", looking)
    screens.app().run()
    assert known == [len(PAGES)]


@pytest.mark.parametrize("file", screens.FILES)
def test_no_page_of_an_empty_installation_shows_anything_alone(nobody: Deps, file: str) -> None:
    at = screens.alone(file).run()
    assert not at.exception
    assert screens.seen(at) == ""


def test_the_first_visitor_makes_the_account_and_the_team_and_is_asked_to_sign_in(nobody: Deps) -> None:
    at = first_visit()
    assert "Your account is ready" in said(at)
    assert screens.buttons(at) == {"Sign in"}
    assert not setup.is_empty(nobody)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "é" * 40}, "at most 72 bytes"),
        ({"username": "Ada Lovelace!"}, "2 to 64 letters"),
        ({"name": "  "}, "1 to 120 characters"),
        ({"team": ""}, "1 to 120 characters"),
        ({"team": "x" * 121}, "1 to 120 characters"),
    ],
)
def test_a_first_visit_that_cannot_be_says_why_and_makes_nothing(
    nobody: Deps, given: dict[str, str], sentence: str
) -> None:
    at = first_visit(**given)
    assert sentence in said(at)
    assert setup.is_empty(nobody)


def test_a_second_first_visitor_is_too_late(nobody: Deps) -> None:
    at = screens.app().run()
    setup.create_owner(nobody, username="eve", name="Eve", password=PASSWORD, team_name="Hers")
    for field, value in {"team": "Payments", "name": "Ada", "username": "ada", "password": PASSWORD}.items():
        at.text_input(key=f"setup_{field}").set_value(value)
    at = at.button[0].click().run()
    assert not at.exception
    assert screens.buttons(at) == {"Sign in"}


@pytest.fixture(params=["the server listens everywhere", "a proxy stands before it"])
def beyond_this_machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = config.get_option("server.address")
    if request.param.startswith("a proxy"):
        monkeypatch.setenv("GREENLIGHT_HOST", "greenlight.example.org")
    else:
        config.set_option("server.address", "0.0.0.0")
    get_deps.clear()
    yield
    config.set_option("server.address", before)


@pytest.mark.usefixtures("nobody", "beyond_this_machine")
def test_beyond_this_machine_the_first_visit_asks_for_the_code_of_the_console() -> None:
    assert "One-time code" in screens.app().run().text_input(key="setup_code").label
    assert "not known" in said(first_visit(code="guessed"))
    code = setup.new_setup_code(get_deps())
    assert code
    assert "Your account is ready" in said(first_visit(code=code))


def sign_in(username: str, password: str) -> AppTest:
    at = screens.app().run()
    at.text_input[0].set_value(username)
    at.text_input[1].set_value(password)
    return press(at, "Sign in")


@pytest.fixture
def with_password(people: People) -> People:
    assert people.ada.user_id is not None
    secret = new_password_link(people.deps, people.ada, user_id=people.ada.user_id)
    accounts.set_password_by_link(people.deps, secret=secret, password=PASSWORD)
    return people


def test_the_right_password_leads_home(with_password: People) -> None:
    assert screens.titles(sign_in("ada", PASSWORD).run()) == ["Home"]


@pytest.mark.parametrize(("username", "password"), [("ada", "wrong"), ("nobody-here", PASSWORD), ("vera", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(
    with_password: People, username: str, password: str
) -> None:
    at = sign_in(username, password)
    assert "User name or password is wrong" in said(at)
    assert screens.titles(at) == []


def test_after_five_failures_the_right_password_does_not_help(with_password: People) -> None:
    for _ in range(5):
        sign_in("ada", "wrong")
    at = sign_in("ada", PASSWORD)
    assert "locked for 15 minutes" in said(at)
    assert screens.titles(at) == []


def open_link(**query: str) -> AppTest:
    at = screens.app()
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def join(secret: str, **given: str) -> AppTest:
    at = open_link(invite=secret)
    for field, value in {"name": "Zoe", "username": "zoe", "password": PASSWORD, **given}.items():
        at.text_input(key=f"invite_{field}").set_value(value)
    return press(at, "Join")


def test_an_invitation_makes_an_account_in_the_team_in_the_role_it_names(people: People) -> None:
    at = join(accounts.invite(people.deps, people.ada, role=Role.VIEWER))
    assert "Your account is ready" in said(at)
    zoe = next(m for m in list_members(people.deps, people.ada) if m.username == "zoe")
    assert zoe.role is Role.VIEWER


def test_an_invitation_works_once(people: People) -> None:
    secret = accounts.invite(people.deps, people.ada, role=Role.VIEWER)
    join(secret)
    assert "used already" in said(join(secret, username="yan"))


@pytest.mark.parametrize("secret", ["garbage", "x" * 5000, MARKUP])
def test_a_link_that_nobody_made_is_refused_in_a_sentence(people: People, secret: str) -> None:
    assert "This link is not known" in said(join(secret))


def test_a_link_sets_a_new_password(people: People) -> None:
    assert people.ben.user_id is not None
    at = open_link(reset=new_password_link(people.deps, people.ada, user_id=people.ben.user_id))
    at.text_input(key="reset_password").set_value(PASSWORD)
    assert "Your account is ready" in said(press(at, "Set password"))
    assert screens.titles(sign_in("ben", PASSWORD).run()) == ["Home"]


def test_an_invitation_is_no_password_link(people: People) -> None:
    at = open_link(reset=accounts.invite(people.deps, people.ada, role=Role.OWNER))
    at.text_input(key="reset_password").set_value(PASSWORD)
    assert "not known" in said(press(at, "Set password"))


def test_somebody_signed_in_sees_the_name_of_the_team_as_it_was_typed(people: People) -> None:
    at = screens.open_page(people.deps, "ada", "team")
    assert team_name(people.deps, people.ada) in [text.value for text in at.text]
