"""The page of a run: phases, steps, gate, and who may do what."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from services.reviews.team_policies import set_policy
from services.reviews.views import get_gate
from services.runs.views import get_run
from tests.builders import a_member
from tests.fakes.scripted_engine import ScriptedEngine, raising
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import buttons, open_page, press, said, seen
from tests.runs.building import a_failed_run, a_run, approve, ask_for, work_off


def at_run(people: People, username: str, **query: str) -> AppTest:
    return open_page(people.deps, username, "run", run=str(people.run), **query)


def test_an_empty_team_is_invited_to_describe_a_feature(people: People) -> None:
    at = open_page(people.deps, "ada", "run")
    assert "There is no run yet." in seen(at)
    assert "Describe a feature" in buttons(at)


def test_a_viewer_of_an_empty_team_is_offered_nothing(people: People) -> None:
    assert screens.buttons(open_page(people.deps, "vera", "run")) == {"Sign out"}


def test_without_a_parameter_the_newest_run_is_shown(at_gate: People) -> None:
    newest = a_run(at_gate.deps, at_gate.ada)
    at = open_page(at_gate.deps, "ada", "run")
    assert at.query_params["run"] == str(newest)


def test_a_member_sees_the_question_of_the_gate_and_may_approve(at_gate: People) -> None:
    at = at_run(at_gate, "ben")
    assert "Gate 3: Is it shown, by measurement" in seen(at)
    assert {"Approve phase", "Cancel run"} <= buttons(at)


def test_the_gate_shows_what_was_measured(at_gate: People) -> None:
    text = screens.plain_text(seen(at_run(at_gate, "ben")))
    assert "29 of 29 tests pass; coverage 91.50 %" in text
    assert "91.50 % of lines and branches, 80 % asked for." in text


def test_whoever_asked_for_the_run_is_told_why_the_own_approval_does_not_count(at_gate: People) -> None:
    at = at_run(at_gate, "ada")
    assert "your own approval does not count" in said(at)
    assert "Approve phase" not in buttons(at)


def test_a_gate_that_was_passed_says_why_it_is_open_when_asked(at_gate: People) -> None:
    at = at_run(at_gate, "vera", step="architecture")
    assert "stands on" not in seen(at)
    assert at_gate.run
    number = next(p.number for p in get_run(at_gate.deps, at_gate.ada, run_id=at_gate.run).phases if p.decisions)
    at.session_state[f"run_why_{at_gate.run}_{number}"] = True
    at.run()
    assert re.search(rf"Gate {number} stands on the approval of .+; opened by the last approval", seen(at))


def test_the_gate_says_what_it_asks_for_and_what_is_missing(at_gate: People) -> None:
    text = screens.plain_text(seen(at_run(at_gate, "vera")))
    assert "**Asks for** 1 approval" in text
    assert "**Missing:** 1 more approval" in text


def test_of_two_approvals_the_first_one_is_shown_and_the_gate_stays(at_gate: People) -> None:
    a_member(at_gate.deps, at_gate.ada.team_id, username="mia")
    set_policy(at_gate.deps, at_gate.ada, phase=3, approvals=2)
    at = press(at_run(at_gate, "ben"), "Approve phase")
    text = screens.plain_text(seen(at))
    assert "Ben **strong** :red[red] <b>bold</b> approved" in text
    assert "You have approved this." in said(at)
    assert "Approve phase" not in buttons(at)
    assert get_run(at_gate.deps, at_gate.ada, run_id=at_gate.the_run).phase == 3


def test_a_viewer_sees_the_gate_and_has_no_button_that_acts(at_gate: People) -> None:
    at = at_run(at_gate, "vera")
    assert "Gate 3" in seen(at)
    assert "Your role may look, not decide" in said(at)
    assert buttons(at) == {"Sign out"}
    assert not at.toggle


def test_approving_opens_the_next_phase(at_gate: People) -> None:
    at = press(at_run(at_gate, "ben"), "Approve phase")
    run = get_run(at_gate.deps, at_gate.ben, run_id=at_gate.the_run)
    assert (run.phase, run.status) == (4, "running")
    assert "Gate 3" not in seen(at)


def test_asking_for_changes_makes_the_step_work_again_with_the_remark(at_gate: People) -> None:
    at = at_run(at_gate, "ada")
    at = at.toggle[0].set_value(True).run()
    at.text_area(key=f"run_remark_{at_gate.run}_security").set_value(f"Name the owner. {MARKUP}")
    press(at, "Request changes")
    run = get_run(at_gate.deps, at_gate.ada, run_id=at_gate.the_run)
    task = run.task("security")
    assert task is not None
    assert (run.status, task.revision, task.remarks) == ("running", 2, (f"Name the owner. {MARKUP}",))


def test_asking_for_changes_without_a_remark_says_what_is_missing(at_gate: People) -> None:
    at = at_run(at_gate, "ben")
    at = press(at.toggle[0].set_value(True).run(), "Request changes")
    assert "Say at least for one step what should change." in said(at)


def test_a_gate_that_somebody_else_decided_meanwhile_is_not_decided_twice(at_gate: People) -> None:
    at = at_run(at_gate, "ben")
    gate = get_gate(at_gate.deps, at_gate.ben, run_id=at_gate.the_run)
    assert gate is not None
    approve(at_gate.deps, at_gate.ben, at_gate.the_run)
    press(at, "Approve phase")
    assert get_run(at_gate.deps, at_gate.ben, run_id=at_gate.the_run).phase == 4


@pytest.mark.parametrize("asked", ["garbage", "00000000-0000-0000-0000-000000000000"])
def test_a_run_that_does_not_exist_is_said_to_be_unknown(at_gate: People, asked: str) -> None:
    at = open_page(at_gate.deps, "ada", "run", run=asked)
    assert "does not exist in your team" in said(at)
    assert "There is no run yet." not in seen(at)


def test_a_run_of_another_team_is_as_unknown_as_one_that_never_was(at_gate: People) -> None:
    at = open_page(at_gate.deps, "ada", "run", run=str(at_gate.other_run))
    assert "does not exist in your team" in said(at)
    assert "Expense approvals" not in seen(at)


@pytest.mark.parametrize(
    "query", [{"step": "garbage"}, {"step": "tests", "revision": "99"}, {"step": "tests", "revision": "-1"}]
)
def test_a_step_or_revision_that_does_not_exist_is_said_so_and_another_one_shown(
    at_gate: People, query: dict[str, str]
) -> None:
    at = at_run(at_gate, "ada", **query)
    assert "Gate 3" in seen(at)
    assert at.warning, "nothing says that what was asked for is not there"


def test_a_link_to_a_step_of_an_earlier_phase_opens_it(at_gate: People) -> None:
    at = at_run(at_gate, "vera", step="risk")
    assert "Feasibility & risk" in screens.plain_text(seen(at))
    assert "Gate 3" not in seen(at)


def test_every_tab_of_every_step_can_be_opened(at_gate: People) -> None:
    run = get_run(at_gate.deps, at_gate.vera, run_id=at_gate.the_run)
    for task in [task for phase in run.phases[:3] for task in phase.tasks]:
        at = at_run(at_gate, "vera", step=task.key)
        for tab in ("Records", "Files", "Revisions"):
            at = at.segmented_control(key=f"run_tab_{run.id}_{task.key}").set_value(tab).run()
            assert not at.exception, (task.key, tab)


def test_no_report_reads_what_people_typed_as_markup(at_gate: People) -> None:
    run = get_run(at_gate.deps, at_gate.vera, run_id=at_gate.the_run)
    for task in [task for phase in run.phases[:3] for task in phase.tasks]:
        texts = list(screens.markdown(at_run(at_gate, "vera", step=task.key)))
        assert not [text for text in texts if any(fragment in text for fragment in screens.FRAGMENTS)], task.key


def test_a_second_revision_can_be_compared_with_the_first(at_gate: People) -> None:
    ask_for(at_gate.deps, at_gate.ben, at_gate.the_run, security="Name the owner.")
    work_off(at_gate.deps, at_gate.the_run)
    at = at_run(at_gate, "vera", step="security", revision="1")
    assert at.selectbox(key=f"run_revision_{at_gate.run}_security").value == 1
    at = at.segmented_control(key=f"run_tab_{at_gate.run}_security").set_value("Revisions").run()
    assert not at.exception
    [choice] = [box for box in at.selectbox if box.label == "Compare revision 1 with"]
    assert choice.value == 2
    assert "From revision 1 to revision 2" in seen(at)
    assert "Name the owner." in seen(at)


def test_a_failed_run_says_why_and_can_be_tried_again(people: People) -> None:
    run_id = a_failed_run(people.deps, people.ada, ScriptedEngine({"risk": raising(ValueError(MARKUP))}))
    at = open_page(people.deps, "ben", "run", run=str(run_id))
    assert "unexpected error (ValueError)" in screens.plain_text(said(at))
    press(at, "Retry")
    assert get_run(people.deps, people.ben, run_id=run_id).status == "running"


def test_a_viewer_cannot_try_again(people: People) -> None:
    run_id = a_failed_run(people.deps, people.ada, ScriptedEngine({"risk": raising(ValueError("x"))}))
    assert buttons(open_page(people.deps, "vera", "run", run=str(run_id))) == {"Sign out"}


def test_cancelling_asks_first(at_gate: People) -> None:
    at = press(at_run(at_gate, "ben"), "Cancel run")
    assert "What was made stays readable" in seen(at)
    assert "Cancel the run" in buttons(at)
    assert get_run(at_gate.deps, at_gate.ben, run_id=at_gate.the_run).status == "waiting"


def test_a_running_run_shows_its_steps_while_they_wait(people: People) -> None:
    run_id = a_run(people.deps, people.ada)
    at = open_page(people.deps, "vera", "run", run=str(run_id))
    assert "Nothing has been made yet." in seen(at)
