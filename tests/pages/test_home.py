"""Home: what waits for me, what runs, what was done lately."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import MenuButton

from services.features.store import list_features, save_draft
from services.reviews.decisions import approve_phase
from services.runs.control import cancel_run
from services.runs.views import list_runs
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import buttons, open_page, press, said, seen
from tests.runs.building import a_run, gate


def headings(people: People, username: str) -> list[str]:
    return [heading.value for heading in open_page(people.deps, username, "home").subheader]


def test_an_empty_team_is_led_to_its_first_feature(people: People) -> None:
    at = open_page(people.deps, "ben", "home")
    assert "Nothing here yet." in seen(at)
    assert screens.titles(press(at, "Describe a feature")) == ["Configure feature"]


def test_a_viewer_of_an_empty_team_has_nothing_to_press(people: People) -> None:
    assert buttons(open_page(people.deps, "vera", "home")) == {"Sign out"}


@pytest.mark.parametrize(
    ("username", "first"), [("ben", "Waits for you"), ("ada", "Recent runs"), ("vera", "Recent runs")]
)
def test_a_run_at_a_gate_waits_only_for_those_whose_approval_counts(at_gate: People, username: str, first: str) -> None:
    assert headings(at_gate, username) == [first, "Features"]


def test_a_run_that_works_is_among_those_that_run_now(people: People) -> None:
    a_run(people.deps, people.ada)
    assert headings(people, "vera") == ["Runs now", "Features"]


def test_nothing_of_another_team_is_listed(at_gate: People) -> None:
    assert "Expense approvals" not in seen(open_page(at_gate.deps, "ada", "home"))
    assert "Expense approvals" in seen(open_page(at_gate.deps, "otto", "home"))


def test_opening_a_run_leads_to_its_page(at_gate: People) -> None:
    at = press(open_page(at_gate.deps, "vera", "home"), "Open")
    assert at.query_params["run"] == str(at_gate.run)
    assert "Gate 3" in seen(at)


def test_a_draft_is_listed_and_opens_where_it_was_left(people: People) -> None:
    feature = save_draft(people.deps, people.ben, form={"title": MARKUP, "description": ""})
    at = open_page(people.deps, "ben", "home")
    assert "draft" in seen(at)
    at = press(at, "Edit")
    assert at.query_params["feature"] == str(feature)
    assert at.text_input(key=f"configure_{feature}_title").value == MARKUP


def test_a_viewer_is_offered_only_to_look(at_gate: People) -> None:
    at = open_page(at_gate.deps, "vera", "home")
    assert screens.buttons(at) == {"Open", "Sign out"}
    assert not at.menu_button


def menu_of(at: AppTest, about: str) -> MenuButton[str]:
    (menu,) = [menu for menu in at.menu_button if about in str(menu.key)]
    return menu


def more(at_gate: People, username: str, about: str, act: str) -> AppTest:
    at = menu_of(open_page(at_gate.deps, username, "home"), about).click(act).run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("username", "about", "act"),
    [
        ("vera", "more_", "Archive"),
        ("vera", "more_", "Delete"),
        ("vera", "home_feature_more_", "Duplicate"),
        ("vera", "home_feature_more_", "Archive"),
        ("vera", "home_feature_more_", "Delete"),
        ("ben", "more_", "Delete"),
        ("ben", "home_feature_more_", "Delete"),
    ],
)
def test_what_the_role_does_not_permit_is_not_offered_or_refused_in_a_sentence(
    at_gate: People, username: str, about: str, act: str
) -> None:
    at = open_page(at_gate.deps, username, "home")
    name = about if "feature" in about else str(at_gate.run)
    if not at.menu_button or act not in menu_of(at, name).options:
        return
    at = menu_of(at, name).click(act).run()
    assert not at.exception
    refused = said(at) + "".join(toast.value for toast in at.toast)
    assert "owner" in refused


def test_an_archived_run_leaves_the_lists_and_can_be_found_again(at_gate: People) -> None:
    at = more(at_gate, "ben", str(at_gate.run), "Archive")
    assert [heading.value for heading in at.subheader] == ["Features"]
    at = at.toggle(key="home_archived").set_value(True).run()
    assert [heading.value for heading in at.subheader] == ["Waits for you"]


def test_an_owner_is_asked_before_a_run_is_deleted_and_told_what_goes_with_it(at_gate: People) -> None:
    at = more(at_gate, "ada", str(at_gate.run), "Delete")
    assert "This deletes run 1 with" in seen(at)
    assert "The ledger of decisions stays." in seen(at)
    assert len(list_runs(at_gate.deps, at_gate.ada)) == 1


def test_duplicating_a_feature_opens_the_copy(at_gate: People) -> None:
    (feature,) = list_features(at_gate.deps, at_gate.ben)
    at = more(at_gate, "ben", f"home_feature_more_{feature.id}", "Duplicate")
    assert screens.titles(at) == ["Configure feature"]
    assert len(list_features(at_gate.deps, at_gate.ben)) == 2


def test_a_finished_or_cancelled_run_stays_among_the_recent_ones(at_gate: People) -> None:
    shown = gate(at_gate.deps, at_gate.ben, at_gate.the_run)
    approve_phase(at_gate.deps, at_gate.ben, run_id=at_gate.the_run, shown_hash=shown.shown_hash)
    assert headings(at_gate, "ben") == ["Runs now", "Features"]
    cancel_run(at_gate.deps, at_gate.ben, run_id=at_gate.the_run)
    assert headings(at_gate, "ben") == ["Recent runs", "Features"]
