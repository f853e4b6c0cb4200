"""What the screens show of models: who answers, a test of the connection, the choice in the form, the limit of a run."""

from collections.abc import Iterator
from uuid import UUID

import pytest
import streamlit as st
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from db.tables import Run
from services.__main__ import main
from services.features import store
from services.runs.views import get_run
from tests.builders import REQUEST
from tests.claude.playing import BY_CLAUDE, Players, bodies_of, playing
from tests.claude.playing import connected as with_a_provider
from tests.pages.homes import People
from tests.pages.screens import browser, buttons, open_page, plain_text, press, said, seen
from tests.runs.building import a_run, work_off
from tests.servers import troubles as t
from tests.servers.messages_api import KEY, MessagesApi, serving


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with serving(MessagesApi(Players())) as server:
        yield server


@pytest.fixture
def connected(people: People, api: MessagesApi, monkeypatch: pytest.MonkeyPatch) -> People:
    """As after a restart with a key and an address in the environment."""
    monkeypatch.setenv("GREENLIGHT_MODEL_URL", api.address)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    st.cache_resource.clear()
    return people


def parked_run(people: People, api: MessagesApi) -> UUID:
    """A run of the claude engine whose key was taken away after its first answer."""
    engine = playing(api)
    request = BY_CLAUDE.model_copy(update={"cost_limit_usd": 3.5})
    run_id = a_run(with_a_provider(people.deps), people.ada, request)
    api.troubles = [None, *[t.status(401, "authentication_error")] * 3]
    work_off(people.deps, run_id, engine=engine)
    return run_id


def form(people: People) -> AppTest:
    at = browser(people.deps, "ada").run()
    at = at.switch_page("pages/configure.py").run()
    assert not at.exception
    return at


def test_the_page_of_agents_says_who_answers_and_tries_it(connected: People, api: MessagesApi) -> None:
    at = open_page(connected.deps, "ada", "agents")
    assert "Models: claude-sonnet-5-5 for agents, hard tasks, records, at" in seen(at).replace("\\", "")
    assert api.received == []
    api.script = lambda _request: Players().turns("business")[-1]
    at = press(at, "Test the connection")
    assert "answered in" in said(at)
    assert len(api.received) == 1


def test_a_wrong_key_is_said_there(connected: People, api: MessagesApi) -> None:
    api.key = "sk-another"
    at = press(open_page(connected.deps, "ada", "agents"), "Test the connection")
    assert "does not accept the key" in said(at)
    assert KEY not in seen(at)


def test_a_model_that_nobody_asks_now_is_named_where_agents_run_and_by_doctor(
    connected: People, api: MessagesApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.troubles = [t.status(529, "overloaded_error")] * 5
    runs = [a_run(with_a_provider(connected.deps), connected.ada, BY_CLAUDE) for _ in range(2)]
    for run_id in runs:
        work_off(connected.deps, run_id, engine=playing(api))
    away = f"claude-sonnet-5-5 at {api.address} is not asked since"
    assert away in said(open_page(connected.deps, "vera", "agents")).replace("\\", "")
    assert away in said(open_page(connected.deps, "vera", "run", run=str(runs[1]))).replace("\\", "")
    assert main(["doctor"]) == 0
    assert away in capsys.readouterr().out
    api.script = lambda _request: Players().turns("business")[-1]
    press(open_page(connected.deps, "ada", "agents"), "Test the connection")
    assert away not in said(open_page(connected.deps, "vera", "agents")).replace("\\", "")


def test_who_only_looks_cannot_try(connected: People) -> None:
    assert "Test the connection" not in buttons(open_page(connected.deps, "vera", "agents"))


def test_the_form_offers_models_and_a_limit_only_where_somebody_answers(people: People) -> None:
    at = form(people)
    engines = [c.options for c in at.segmented_control if c.label == "Engine"]
    assert engines == [["blueprint"]]
    assert "Spending limit (USD)" not in [field.label for field in at.text_input]


def test_the_form_offers_models_with_what_that_means(connected: People) -> None:
    at = form(connected)
    control = next(c for c in at.segmented_control if c.label == "Engine")
    assert control.options == ["blueprint", "claude"]
    at = control.set_value("claude").run()
    at = at.text_input(key=f"configure_{at.query_params['feature']}_title").set_value("Expenses").run()
    assert "No run with claude and today's models has ended in your team yet, so how long it works is n/a" in told(at)
    assert "What it costs is n/a: there is nothing to take it from. No limit stops it." in told(at)
    assert "go to the provider, and cost money" in seen(at)
    limit = next(field for field in at.text_input if field.label == "Spending limit (USD)")
    assert limit.value == ""
    limit.set_value("7.50")
    assert "At most 7.50 USD: there its limit stops it." in told(at.run())


def told(at: AppTest) -> str:
    return plain_text(seen(at))


def test_single_steps_are_given_to_another_engine_and_the_run_says_so(connected: People, api: MessagesApi) -> None:
    at = form(connected)
    key = f"configure_{at.query_params['feature']}"
    for name, value in (("title", REQUEST.title), ("description", REQUEST.description)):
        field = at.text_input if name == "title" else at.text_area
        at = field(key=f"{key}_{name}").set_value(value).run()
    for label, value in (("Methodology", "traditional"), ("Complexity", "simple")):
        at = next(c for c in at.segmented_control if c.label == label).set_value(value).run()
    assert [m.label for m in at.multiselect] == ["Steps that claude does"]
    at = at.multiselect(key=f"{key}_steps_claude").set_value(["architecture", "risk"]).run()
    at = press(at, "Start run")
    assert not at.exception
    with connected.deps.reading() as session:
        run = session.exec(select(Run)).one()
    assert run.request["step_engines"] == [
        {"step": "architecture", "engine": "claude"},
        {"step": "risk", "engine": "claude"},
    ]
    at = open_page(connected.deps, "ada", "run", run=str(run.id))
    assert "blueprint; claude for technical architecture, feasibility & risk" in seen(at).replace("\\", "")


def test_what_was_chosen_for_steps_is_there_when_the_form_is_opened_again(connected: People) -> None:
    form_ = {"title": "Expenses", "engine": "claude", "step_engines": [{"step": "data", "engine": "blueprint"}]}
    feature_id = store.save_draft(connected.deps, connected.ada, form=form_)
    at = open_page(connected.deps, "ada", "configure", feature=str(feature_id))
    assert [(m.label, m.value) for m in at.multiselect] == [("Steps that blueprint does", ["data"])]
    at = at.text_input(key=f"configure_{feature_id}_title").set_value("Expense claims").run()
    kept = store.get_feature(connected.deps, connected.ada, feature_id=feature_id).form
    assert (kept["title"], kept["step_engines"]) == ("Expense claims", form_["step_engines"])


def test_a_parked_run_says_why_and_its_limit_can_be_set(connected: People, api: MessagesApi) -> None:
    run_id = parked_run(connected, api)
    at = open_page(connected.deps, "ada", "run", run=str(run_id))
    assert "does not accept the key" in said(at)
    assert "of at most 3.50 USD" in seen(at)
    at.number_input(key=f"run_limit_{run_id}").set_value(8.0)
    press(at, "Set limit and retry")
    run = get_run(connected.deps, connected.ada, run_id=run_id)
    assert (run.cost_limit_usd, run.status.value) == (8.0, "running")


def test_the_prompt_of_a_revision_can_be_read_as_it_was_sent(connected: People, api: MessagesApi) -> None:
    run_id = a_run(with_a_provider(connected.deps), connected.ada, BY_CLAUDE)
    work_off(connected.deps, run_id, engine=playing(api))
    at = open_page(connected.deps, "vera", "run", run=str(run_id), step="risk")
    at = next(c for c in at.segmented_control if c.label == "Show").set_value("Revisions").run()
    at = at.toggle[0].set_value(True).run()
    assert not at.exception
    sent = [block["text"] for block in bodies_of(api, "risk")[0]["messages"][0]["content"]]
    assert [text for text in sent if text.strip() not in [code.value.strip() for code in at.code]] == []


def test_who_only_looks_changes_no_limit(connected: People, api: MessagesApi) -> None:
    at = open_page(connected.deps, "vera", "run", run=str(parked_run(connected, api)))
    assert not [label for label in buttons(at) if "limit" in label]


@pytest.mark.parametrize("page", ["agents", "configure", "home", "team"])
def test_no_screen_shows_the_key(connected: People, page: str) -> None:
    assert KEY not in seen(open_page(connected.deps, "ada", page))
