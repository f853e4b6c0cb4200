"""The feature form: everything typed is kept, problems are said at their field, a run starts."""

from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from services.features.store import add_document, get_feature, list_features, save_draft
from services.runs.views import list_runs
from tests.builders import REQUEST
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import buttons, open_page, press, said, seen

FIELDS = {"title": "Expense approvals", "description": REQUEST.description}
OPTIONS = {"methodology": "traditional", "complexity": "simple"}


def key_of(at: AppTest) -> str:
    return f"configure_{at.query_params['feature']}"


def fill(at: AppTest, **given: str) -> AppTest:
    key = key_of(at)
    for name, value in {**FIELDS, **given}.items():
        box = at.text_area if name == "description" else at.text_input
        at = box(key=f"{key}_{name}").set_value(value).run()
    for name, value in OPTIONS.items():
        at = at.segmented_control(key=f"{key}_{name}").set_value(value).run()
    assert not at.exception
    return at


def test_the_first_key_makes_a_draft_and_a_reload_shows_it_again(people: People) -> None:
    at = open_page(people.deps, "ben", "configure")
    at = at.text_input(key=f"{key_of(at)}_title").set_value(MARKUP).run()
    address = str(at.query_params["feature"])
    again = open_page(people.deps, "ben", "configure", feature=address)
    assert again.text_input(key=f"configure_{address}_title").value == MARKUP
    assert [feature.title for feature in list_features(people.deps, people.ben)] == [MARKUP]


def test_looking_at_the_form_makes_no_draft(people: People) -> None:
    open_page(people.deps, "ben", "configure")
    assert list_features(people.deps, people.ben) == ()


def test_a_complete_form_starts_a_run_and_leads_to_it(people: People) -> None:
    at = press(fill(open_page(people.deps, "ben", "configure")), "Start run")
    (run,) = list_runs(people.deps, people.ben)
    assert (run.title, run.requester_name.startswith("Ben")) == ("Expense approvals", True)
    assert at.query_params["run"] == str(run.id)
    assert screens.titles(at) == ["Expense approvals"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "  ", "Give the feature a title."),
        ("title", "x" * 201, "200"),
        ("description", "", "Describe the feature"),
        ("test_coverage_min", "101", "whole number from 1 to 100"),
        ("test_coverage_min", "many", "whole number from 1 to 100"),
        ("rollout_percentage", "0", "whole number from 1 to 100"),
        ("performance_budget", "fast", "Say a number with a unit"),
    ],
)
def test_a_field_that_cannot_be_used_says_so_and_nothing_starts(
    people: People, field: str, value: str, sentence: str
) -> None:
    at = press(fill(open_page(people.deps, "ben", "configure"), **{field: value}), "Start run")
    text = screens.plain_text(seen(at))
    assert sentence in text
    assert "Some fields need a change" in text
    assert list_runs(people.deps, people.ben) == ()


def test_options_that_were_not_chosen_are_asked_for(people: People) -> None:
    at = open_page(people.deps, "ben", "configure")
    key = key_of(at)
    at = at.text_input(key=f"{key}_title").set_value("x").run()
    at = press(at.text_area(key=f"{key}_description").set_value("Users create notes.").run(), "Start run")
    assert "Some fields need a change" in seen(at)
    assert list_runs(people.deps, people.ben) == ()


def test_what_is_understood_is_shown_while_typing(people: People) -> None:
    at = open_page(people.deps, "ben", "configure")
    at = at.text_area(key=f"{key_of(at)}_description").set_value(REQUEST.description).run()
    assert "criteria**: " in seen(at)
    assert "Still needed or to be mended: title, methodology, complexity" in screens.plain_text(seen(at))
    at = fill(at)
    assert "Still needed" not in seen(at)
    assert {"People: employee, manager", "Expense: 4 fields, 3 states"} <= {
        screens.plain_text(box.label) for box in at.expander
    }
    told = screens.plain_text(seen(at))
    assert (
        "run with blueprint has ended in your team yet; a run works for 20 seconds to 5 minutes by our own figures"
        in told
    )
    assert "It costs nothing: no model is asked." in told


def unfold(at: AppTest, name: str) -> AppTest:
    at.session_state[f"{key_of(at)}_seen_{name}"] = True
    at = at.run()
    assert not at.exception, at.exception
    return at


def test_each_criterion_says_in_plain_words_how_it_was_understood(people: People) -> None:
    at = unfold(fill(open_page(people.deps, "ben", "configure")), "criteria")
    assert any(text.value.endswith("Amounts above 500 EUR need a comment.") for text in at.text)
    assert "a test: comment is required when amount is above 500.00" in screens.plain_text(seen(at))


def test_stated_text_is_shown_as_typed_never_as_markup(people: People) -> None:
    text = f"Members create a note with a text. The text must be {MARKUP} always. Why {MARKUP}?"
    at = unfold(unfold(fill(open_page(people.deps, "ben", "configure"), description=text), "criteria"), "missing")
    at = at.text_area(key=f"{key_of(at)}_corrections_0").set_value(f"rename {MARKUP}").run()
    drawn = "\n".join(screens.markdown(at))
    assert [fragment for fragment in screens.FRAGMENTS if fragment in drawn] == []
    assert MARKUP in "\n".join(text.value for text in at.text)


def test_a_correction_is_kept_and_answered_right_there(people: People) -> None:
    at = fill(open_page(people.deps, "ben", "configure"))
    at = at.text_area(key=f"{key_of(at)}_corrections_0").set_value("rename expense to claim\nmake it nicer").run()
    text = screens.plain_text(seen(at))
    assert "Expense is called claim now." in text
    assert "Not understood, so nothing was changed." in text
    (draft,) = list_features(people.deps, people.ben)
    assert draft.form["corrections"] == "rename expense to claim\nmake it nicer"
    again = open_page(people.deps, "ben", "configure", feature=str(draft.id))
    assert again.text_area(key=f"configure_{draft.id}_corrections_0").value == draft.form["corrections"]


def test_a_button_writes_a_line_after_those_that_were_typed(people: People) -> None:
    at = fill(open_page(people.deps, "ben", "configure"))
    key = key_of(at)
    at = unfold(at.text_area(key=f"{key}_corrections_0").set_value("rename expense to claim").run(), "criteria")
    at = at.button(key=f"{key}_person_AC-S2").click().run()
    assert at.text_area(key=f"{key}_corrections_1").value == "rename expense to claim\na person decides AC-S2"
    (draft,) = list_features(people.deps, people.ben)
    assert draft.form["corrections"] == "rename expense to claim\na person decides AC-S2"
    assert "A person decides AC-S2." in screens.plain_text(seen(at))


def test_a_small_form_corrects_a_thing(people: People) -> None:
    at = unfold(fill(open_page(people.deps, "ben", "configure")), "thing_expense")
    key = f"{key_of(at)}_quick0_expense"
    at = at.selectbox(key=f"{key}_act").set_value("Add a field").run()
    at = at.text_input(key=f"{key}_add_name").set_value("due date").run()
    at = at.checkbox(key=f"{key}_add_need").set_value(True).run()
    at = press(at, "Add field")
    (draft,) = list_features(people.deps, people.ben)
    assert draft.form["corrections"] == "add field due date (short text, required) to expense"
    assert any(text.value == "due date: short text, required, at most 200 characters" for text in at.text)


def test_context_documents_count_for_what_is_understood(people: People) -> None:
    at = fill(open_page(people.deps, "ben", "configure"))
    (draft,) = list_features(people.deps, people.ben)
    rule = b"The category must be travel or meals."
    add_document(people.deps, people.ben, feature_id=draft.id, name="rules.md", kind="business", data=rule)
    at = unfold(open_page(people.deps, "ben", "configure", feature=str(draft.id)), "criteria")
    assert "category is travel or meals (from rules.md)" in screens.plain_text(seen(at))


def test_a_viewer_is_told_what_it_takes_and_sees_no_form(people: People) -> None:
    at = open_page(people.deps, "vera", "configure")
    assert "takes the role owner or member" in said(at)
    assert buttons(at) == {"Sign out"}
    assert not at.text_input


@pytest.mark.parametrize("asked", ["garbage", "00000000-0000-0000-0000-000000000000"])
def test_a_feature_that_does_not_exist_is_said_so_and_a_new_one_begins(people: People, asked: str) -> None:
    at = open_page(people.deps, "ben", "configure", feature=asked)
    assert "does not exist in your team" in said(at)
    assert at.query_params["feature"] != asked


def test_a_feature_of_another_team_is_neither_shown_nor_changed(people: People) -> None:
    theirs = save_draft(people.deps, people.otto, form={**FIELDS, "title": "Secret plans"})
    at = open_page(people.deps, "ben", "configure", feature=str(theirs))
    assert "does not exist in your team" in said(at)
    fill(at)
    assert get_feature(people.deps, people.otto, feature_id=theirs).title == "Secret plans"


def test_the_teams_defaults_begin_the_next_form(people: People) -> None:
    at = fill(open_page(people.deps, "ben", "configure"), test_coverage_min="66")
    press(at, "Use these options for the team's next features")
    at = open_page(people.deps, "ada", "configure")
    assert at.text_input(key=f"{key_of(at)}_test_coverage_min").value == "66"
    assert at.text_input(key=f"{key_of(at)}_title").value == ""


def test_an_earlier_feature_can_be_the_beginning_of_a_new_one(at_gate: People) -> None:
    at = open_page(at_gate.deps, "ben", "configure")
    (earlier,) = list_features(at_gate.deps, at_gate.ben)
    at = at.selectbox(key=f"{key_of(at)}_copy").set_value(earlier.id).run()
    at = press(at, "Duplicate it")
    copy = UUID(str(at.query_params["feature"]))
    assert copy != earlier.id
    assert get_feature(at_gate.deps, at_gate.ben, feature_id=copy).form["description"] == REQUEST.description


def test_saving_a_draft_keeps_a_form_that_could_not_start(people: People) -> None:
    at = fill(open_page(people.deps, "ben", "configure"), test_coverage_min="many")
    press(at, "Save draft")
    (draft,) = list_features(people.deps, people.ben)
    assert draft.form["test_coverage_min"] == "many"
    assert draft.submitted_at is None


def test_an_untouched_form_that_is_loaded_again_says_nothing_and_keeps_its_address(people: People) -> None:
    at = open_page(people.deps, "ben", "configure")
    address = str(at.query_params["feature"])
    again = open_page(people.deps, "ben", "configure", feature=address, new="1")
    assert (str(again.query_params["feature"]), said(again)) == (address, "")
    again.text_input(key=f"configure_{address}_title").set_value("Kept").run()
    assert get_feature(people.deps, people.ben, feature_id=UUID(address)).title == "Kept"
    assert "new" not in again.query_params


def test_the_form_of_a_feature_of_another_team_cannot_be_taken_over_as_a_new_one(people: People) -> None:
    theirs = save_draft(people.deps, people.otto, form={"title": "Theirs"})
    at = open_page(people.deps, "ben", "configure", feature=str(theirs), new="1")
    at = at.text_input(key=f"configure_{theirs}_title").set_value("Mine").run()
    assert not at.exception
    assert "does not exist in your team" in "".join(toast.value for toast in at.toast)
    assert get_feature(people.deps, people.otto, feature_id=theirs).title == "Theirs"
