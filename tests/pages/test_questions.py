"""On the page of a run: the question of an agent, a form for whoever may answer, and what came of it."""

import pytest
from streamlit.testing.v1 import AppTest

from services.reminders.rounds import Memory, make_round
from services.runs.control import cancel_run
from services.runs.questions import answer_question, list_questions
from services.runs.views import get_run
from tests.fakes.scripted_engine import ScriptedEngine, asking
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import buttons, open_page, press, said, seen
from tests.runs.building import a_run, work_off

CHOICES = (f"The service {MARKUP}", "The store")


ENGINE = ScriptedEngine({"business": asking(f"Who keeps the receipts? {MARKUP}", *CHOICES)})


@pytest.fixture
def asked(people: People) -> People:
    """Ada's run waits for an answer."""
    run_id = a_run(people.deps, people.ada)
    work_off(people.deps, run_id, engine=ENGINE)
    make_round(people.deps, Memory())
    return People(people.deps, people.ada, people.ben, people.vera, people.otto, run_id, None)


def at_run(people: People, username: str) -> AppTest:
    return open_page(people.deps, username, "run", run=str(people.run))


def test_a_member_chooses_adds_words_and_the_run_goes_on(asked: People) -> None:
    at = at_run(asked, "ben")
    assert "Question 1 waits for an answer of the team" in screens.plain_text(said(at))
    assert f"Who keeps the receipts? {MARKUP}" in seen(at)
    assert not [f for text in screens.markdown(at) for f in screens.FRAGMENTS if f in text]
    at.radio[0].set_value(CHOICES[1])
    at.text_area[0].set_value(f"For ten years. {MARKUP}")
    press(at, "Answer")
    [question] = list_questions(asked.deps, asked.ada, run_id=asked.the_run)
    assert question.answer == f"The store\nFor ten years. {MARKUP}"
    assert get_run(asked.deps, asked.ada, run_id=asked.the_run).status == "running"
    work_off(asked.deps, asked.the_run, engine=ENGINE)
    at = at_run(asked, "vera")
    assert "Answered by Ben **strong**" in screens.plain_text(seen(at))
    assert f"For ten years. {MARKUP}" in seen(at)
    assert not [f for text in screens.markdown(at) for f in screens.FRAGMENTS if f in text]
    assert "Answer" not in buttons(at)


def test_an_empty_answer_says_what_is_missing_and_keeps_the_form(asked: People) -> None:
    at = press(at_run(asked, "ben"), "Answer")
    assert "Choose or write an answer" in said(at)
    assert "Answer" in buttons(at)
    at = press(at, "Close")
    assert "Choose or write an answer" not in said(at)


def test_whoever_answers_second_is_told_what_counts(asked: People) -> None:
    at = at_run(asked, "ben")
    [question] = list_questions(asked.deps, asked.ada, run_id=asked.the_run)
    answer_question(asked.deps, asked.ada, question_id=question.id, text="The service.")
    at.text_area[0].set_value("The store.")
    at = press(at, "Answer")
    told = screens.plain_text(said(at))
    assert "Ada **strong** :red[red] <b>bold</b> has answered this already: The service." in told
    assert "Your answer was not kept." in told
    assert "Answer" not in buttons(at)


def test_a_viewer_reads_the_question_and_has_no_form(asked: People) -> None:
    at = at_run(asked, "vera")
    assert "The step waits until a member of the team answers." in seen(at)
    assert not at.radio
    assert buttons(at) == {"Sign out"}


def test_a_cancelled_run_asks_nothing_any_more(asked: People) -> None:
    cancel_run(asked.deps, asked.ada, run_id=asked.the_run)
    assert "Answer" not in buttons(at_run(asked, "ben"))


def test_the_inbox_leads_to_the_step_that_asks(asked: People) -> None:
    at = open_page(asked.deps, "ben", "inbox")
    assert "waits for an answer" in seen(at)
    at.button_group(key="inbox_groups").set_value(["Questions"])
    at = press(at.run(), "Open")
    assert at.query_params["run"] == str(asked.run)
    assert at.query_params["step"] == "business"
