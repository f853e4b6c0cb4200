"""The ten criteria of a run, with what they rest on."""

import pytest
from streamlit.testing.v1 import AppTest

from services.workflow.criteria import CRITERIA
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import open_page, said, seen
from tests.runs.building import a_run


def at_criteria(people: People, username: str = "vera", **query: str) -> AppTest:
    return open_page(people.deps, username, "criteria", **query)


def test_without_a_run_there_is_nothing_to_judge(people: People) -> None:
    assert "There is no run yet, so there is nothing to judge." in seen(at_criteria(people))


def test_every_criterion_has_its_title_its_rule_and_a_verdict(at_gate: People) -> None:
    text = seen(at_criteria(at_gate))
    for criterion in CRITERIA:
        assert f"**{criterion.title}**" in text
        assert criterion.rule in text


def test_a_measured_verdict_shows_the_figure_and_the_evidence_under_it(at_gate: People) -> None:
    text = screens.plain_text(seen(at_criteria(at_gate)))
    assert "91.50 % of lines and branches, 80 % asked for." in text
    assert "pytest 9.2.0 · isolation bubblewrap" in text
    assert "network: network namespace, loopback only" in text


def test_acceptance_criteria_are_listed_with_outcome_and_tests(at_gate: People) -> None:
    table = at_criteria(at_gate).dataframe[0].value.set_index("Id")
    assert table.loc["AC-2.1", "Outcome"] == "covered"
    assert table.loc["AC-2.1", "Tests"] == "tests/test_x.py::test_y"
    assert table.loc["AC-3.1", "Why"] == "test_z asserts nothing."


def test_what_step_9_changed_is_told_per_request(at_gate: People) -> None:
    at = at_criteria(at_gate, view="evidence")
    at.selectbox(key=f"criteria_check_{at_gate.run}").set_value("optimisation").run()
    (row,) = at.dataframe[0].value.to_dict("records")
    assert row == {
        "Request": f"update {MARKUP}",
        "Database calls": "5 → 3",
        "Instructions of the database": "100 → 100",
        "Bytes on the wire": "1,276 → 1,276",
        "Milliseconds": "10.5 → 10.5",
    }


def test_every_check_of_the_run_can_be_looked_at_with_its_log(at_gate: People) -> None:
    at = at_criteria(at_gate, view="evidence")
    for check in at.selectbox(key=f"criteria_check_{at_gate.run}").options:
        at.selectbox(key=f"criteria_check_{at_gate.run}").set_value(check.replace(" ", "_")).run()
        assert not at.exception
        assert f"**{check}**" in seen(at)


def test_a_criterion_can_be_followed_from_its_story_to_its_tests(at_gate: People) -> None:
    at = at_criteria(at_gate, view="traceability")
    table = at.dataframe[-1].value.set_index("Criterion")
    assert table.loc["AC-2.1", "Operations"] == "OP-approveExpense"
    assert table.loc["AC-2.1", "Tests"] == "tests/test_x.py::test_y"
    assert table.loc["AC-3.1", "Gaps"] == "its tests prove nothing"
    assert "AC-3.1: its tests prove nothing." in said(at)


def test_risks_are_listed_worst_first(at_gate: People) -> None:
    scores = list(at_criteria(at_gate, view="risks").dataframe[0].value["Score"])
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 3


def test_before_the_first_gate_nothing_is_measured_and_it_says_so(people: People) -> None:
    a_run(people.deps, people.ada)
    text = seen(at_criteria(people))
    assert text.count("No gate has been reached yet.") == len(CRITERIA)
    assert "green-badge" not in text


def test_a_run_of_the_address_is_chosen(at_gate: People) -> None:
    a_run(at_gate.deps, at_gate.ada)
    at = at_criteria(at_gate, run=str(at_gate.run))
    assert at.selectbox(key="criteria_run").value == at_gate.run
    assert "91.50 %" in seen(at)


@pytest.mark.parametrize("asked", ["garbage", "00000000-0000-0000-0000-000000000000", "another team's"])
def test_a_run_that_is_not_ours_is_said_to_be_unknown(at_gate: People, asked: str) -> None:
    at = at_criteria(at_gate, run=str(at_gate.other_run) if asked == "another team's" else asked)
    assert at.selectbox(key="criteria_run").value == at_gate.run
    assert "does not exist in your team" in said(at)


def test_who_may_only_look_is_offered_nothing_to_press(at_gate: People) -> None:
    assert screens.buttons(at_criteria(at_gate, "vera")) == {"Sign out"}


def test_a_person_vouches_and_is_named(at_gate: People) -> None:
    at = at_criteria(at_gate, "ada", run=str(at_gate.run))
    at.text_area(key="criteria_word_documentation").set_value("I read every page.")
    at = pressed(at, "criteria_vouch_documentation", "Give my word")
    assert "attested it on" in seen(at)
    assert "I read every page." in seen(at)


def test_a_word_that_rests_on_nothing_is_refused_in_a_sentence(at_gate: People) -> None:
    at = pressed(at_criteria(at_gate, "ada", run=str(at_gate.run)), "criteria_vouch_documentation", "Give my word")
    assert "Say what your word rests on." in said(at)


def test_a_waiver_is_asked_by_one_and_granted_by_another(at_gate: People) -> None:
    at = at_criteria(at_gate, "ada", run=str(at_gate.run))
    at.text_area(key="criteria_why_performance").set_value("The vendor is late.")
    at = pressed(at, "criteria_waive_performance", "Ask for a waiver")
    assert "asks to do without this for 14 days" in said(at)
    assert "Grant" not in screens.buttons(at)
    at = screens.press(at_criteria(at_gate, "ben", run=str(at_gate.run)), "Grant")
    assert "Waived until" in seen(at)


def test_a_criterion_is_given_to_somebody_and_found_again_by_whom(at_gate: People) -> None:
    at = at_criteria(at_gate, "ada", run=str(at_gate.run))
    at.selectbox(key="criteria_owner_performance").set_value(at_gate.ben.user_id)
    pressed(at, "criteria_assign_performance", "Assign")
    at = at_criteria(at_gate, "ben", run=str(at_gate.run))
    at.session_state[f"criteria_shown_{at_gate.run}"] = ["mine"]
    text = seen(at.run())
    assert "sees to it" in text
    assert [c.title for c in CRITERIA if f"**{c.title}**" in text] == ["Performance"]


def pressed(at: AppTest, form: str, label: str) -> AppTest:
    """The button of one form, where others have the same words."""
    (button,) = [b for b in at.button if b.label == label and b.form_id == form]
    at = button.click().run()
    assert not at.exception, at.exception
    return at
