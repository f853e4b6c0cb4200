"""What a member may do to a step: run it again, edit its report; and what is said before."""

from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from services.reviews.changes import edit_report
from services.runs.views import get_revision, get_run
from tests.pages.homes import People
from tests.pages.screens import open_page, plain_text, press, said, seen
from tests.runs.building import work_off


def at_step(people: People, username: str, step: str = "business") -> AppTest:
    return open_page(people.deps, username, "run", run=str(people.run), step=step)


def run_of(people: People) -> UUID:
    assert people.run
    return people.run


def offered(at: AppTest) -> set[str]:
    return {option for menu in at.menu_button for option in menu.options}


def choose(at: AppTest, act: str) -> AppTest:
    (menu,) = at.menu_button
    return menu.click(act).run()


def editor(at: AppTest) -> str:
    return next(str(area.value) for area in at.text_area if area.label == "Report, in Markdown")


def written(at: AppTest, text: str) -> AppTest:
    area = next(area for area in at.text_area if area.label == "Report, in Markdown")
    return area.set_value(text).run()


def report(people: People) -> str:
    return get_revision(people.deps, people.ada, run_id=run_of(people), task_key="business").report


def test_a_member_is_offered_both_and_a_viewer_neither(at_gate: People) -> None:
    both = {"Run again", "Edit report"}
    assert both == offered(at_step(at_gate, "ben"))
    assert not offered(at_step(at_gate, "vera"))


def test_a_step_that_was_not_reached_offers_neither(at_gate: People) -> None:
    assert not offered(at_step(at_gate, "ben", "deployment"))


def test_running_a_step_again_says_first_what_it_will_do(at_gate: People) -> None:
    at = choose(at_step(at_gate, "ben", "data"), "Run again")
    text = plain_text(seen(at))
    assert "Runs again: **Data pipeline**." in text
    assert "May run, if what they read changes: Security validation." in text
    assert "Cost: 0.00 USD. The run goes back to the gate of phase 2." in text


def test_a_saved_report_is_the_newest_revision(at_gate: People) -> None:
    at = choose(at_step(at_gate, "ben"), "Edit report")
    assert editor(at) == report(at_gate)
    press(written(at, "In our words."), "Save report")
    assert report(at_gate) == "In our words."
    assert get_run(at_gate.deps, at_gate.ada, run_id=run_of(at_gate)).phase == 1


def test_a_draft_outlives_another_step_and_a_refused_save(at_gate: People) -> None:
    at = written(choose(at_step(at_gate, "ben"), "Edit report"), "In our words.")
    for step in ("risk", "business"):
        at.query_params["step"] = step
        chosen = next(group for group in at.segmented_control if group.label == "Step")
        at = chosen.set_value(step).run()
    assert editor(at) == "In our words."
    edit_report(at_gate.deps, at_gate.ada, run_id=run_of(at_gate), task_key="business", number=1, report="Mine first.")
    at = press(at, "Save report")
    assert "This run is running; wait for its gate." in said(at)
    assert editor(at) == "In our words."
    work_off(at_gate.deps, run_of(at_gate))
    at = press(at, "Save report")
    assert "Revision 2 came while you wrote" in said(at)
    assert report(at_gate) == "Mine first."
    press(press(at, "Put it over revision 2"), "Save report")
    assert report(at_gate) == "In our words."


def test_a_discarded_draft_is_gone(at_gate: People) -> None:
    at = press(written(choose(at_step(at_gate, "ben"), "Edit report"), "In our words."), "Discard")
    assert not [area for area in at.text_area if area.label == "Report, in Markdown"]
    assert editor(choose(at, "Edit report")) == report(at_gate)


@pytest.mark.parametrize(
    ("remark", "told"),
    [
        ("Say more.", "Runs again: **Feasibility & risk**."),
        ("Rename expense to claim.", "every step that reads it runs again"),
    ],
)
def test_a_remark_says_what_it_will_set_going(at_gate: People, remark: str, told: str) -> None:
    at = open_page(at_gate.deps, "ben", "run", run=str(at_gate.run))
    at = at.toggle[0].set_value(True).run()
    area = next(area for area in at.text_area if area.label == "Remark on feasibility & risk")
    at = area.set_value(remark).run()
    text = plain_text(seen(at) + said(at))
    assert told in text
    assert "The run goes back to the gate of phase 1." in text
