"""Threads on the page of a run: written below what they are about, chosen at the gate, closed to viewers."""

from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Checkbox

from services.reviews import threads
from services.reviews.anchors import Anchor, AnchorKind
from services.reviews.discussions import ThreadView, list_threads
from services.reviews.passages import paragraphs_of
from services.runs import control
from services.runs.views import get_revision, get_run
from tests.pages import screens
from tests.pages.homes import MARKUP, People
from tests.pages.screens import buttons, open_page, press, said, seen
from tests.runs.building import ask_for, work_off

PARAGRAPH = Anchor(AnchorKind.PARAGRAPH, "", 2, 2)


def at_step(people: People, username: str, tab: str = "Report") -> AppTest:
    at = open_page(people.deps, username, "run", run=str(people.run), step="security")
    if tab != "Report":
        at = at.segmented_control(key=f"run_tab_{people.run}_security").set_value(tab).run()
    assert not at.exception, at.exception
    return at


def start(people: People, text: str = "Who pays?", anchor: Anchor = PARAGRAPH) -> UUID:
    return threads.start_thread(
        people.deps, people.ben, run_id=people.the_run, task_key="security", revision=1, anchor=anchor, text=text
    )


def offered(at: AppTest) -> list[Checkbox]:
    """The boxes of threads at the gate."""
    return [box for box in at.checkbox if str(box.key).startswith("run_chosen_")]


def only(people: People) -> ThreadView:
    [thread] = list_threads(people.deps, people.vera, run_id=people.the_run)
    return thread


def write(at: AppTest, prefix: str, words: str) -> AppTest:
    """Types into the form whose keys begin so, and sends it."""
    [box] = [area for area in at.text_area if str(area.key).startswith(f"{prefix}_text_")]
    box.set_value(words)
    at = at.button(key=f"{prefix}_send").click().run()
    assert not at.exception, at.exception
    return at


def test_a_paragraph_is_chosen_by_its_words_and_commented(at_gate: People) -> None:
    at = at_step(at_gate, "ada")
    revision = get_revision(at_gate.deps, at_gate.ada, run_id=at_gate.the_run, task_key="security")
    pieces = paragraphs_of(revision.report)
    at.selectbox(key=f"run_about_{revision.id}_1").set_value(Anchor(AnchorKind.PARAGRAPH, "", 2, 2))
    at = write(at, f"run_comment_{revision.id}_1", f"Who pays? {MARKUP}")
    thread = only(at_gate)
    assert (thread.anchor, thread.quote) == (PARAGRAPH, pieces[1].text)
    text = seen(at)
    assert "**Thread 1**" in text
    assert "1 open thread" in text
    assert f"Who pays? {MARKUP}" in [shown.value for shown in at.text]
    [box] = [a for a in at.text_area if str(a.key).startswith(f"run_comment_{revision.id}_1_text_")]
    assert box.value == "", "what was sent is still in the field"


def test_a_line_of_a_file_and_a_record_are_commented(at_gate: People) -> None:
    revision = get_revision(at_gate.deps, at_gate.ada, run_id=at_gate.the_run, task_key="security")
    path = revision.files[0].path
    at = at_step(at_gate, "ada", "Files")
    at.number_input(key=f"run_first_{revision.id}_{path}").set_value(2)
    at.number_input(key=f"run_last_{revision.id}_{path}").set_value(3)
    write(at, f"run_comment_{revision.id}_{path}", "Why?")
    assert only(at_gate).about == f"{path}, lines 2 to 3"
    at = at_step(at_gate, "ada", "Records")
    at = write(at, f"run_comment_{revision.id}_checks", "Which?")
    assert [t.about for t in list_threads(at_gate.deps, at_gate.ada, run_id=at_gate.the_run)][1] == "checks[1]"
    assert "2 open threads" in seen(at)


def test_a_comment_without_words_is_refused_in_a_sentence(at_gate: People) -> None:
    revision = get_revision(at_gate.deps, at_gate.ada, run_id=at_gate.the_run, task_key="security")
    at = write(at_step(at_gate, "ada"), f"run_comment_{revision.id}_1", " ")
    assert "A comment has 1 to 5,000 characters" in said(at)


def test_a_thread_is_answered_resolved_and_opened_again(at_gate: People) -> None:
    thread_id = start(at_gate)
    at = write(at_step(at_gate, "ada"), f"run_reply_{thread_id}", "The team does.")
    assert "The team does." in seen(at)
    at = press(at, "Resolve")
    assert "resolved by" in screens.plain_text(seen(at))
    assert "open thread" not in seen(at)
    at = press(at, "Open again")
    assert only(at_gate).is_open
    assert "1 open thread" in seen(at)


def test_one_mends_ones_own_words_only(at_gate: People) -> None:
    start(at_gate)
    [comment] = only(at_gate).comments
    assert "Edit what you wrote last" not in [e.label for e in at_step(at_gate, "ada").expander]
    at = write(at_step(at_gate, "ben"), f"run_edit_{comment.id}", "Who decides?")
    assert "edited" in seen(at)
    assert only(at_gate).comments[0].text == "Who decides?"


def test_a_viewer_reads_and_has_nothing_to_write_with(at_gate: People) -> None:
    start(at_gate, f"Who pays? {MARKUP}")
    at = at_step(at_gate, "vera")
    assert f"Who pays? {MARKUP}" in seen(at)
    assert buttons(at) == {"Sign out"}
    assert not at.text_area


def test_in_the_archive_threads_can_only_be_read(at_gate: People) -> None:
    start(at_gate)
    control.cancel_run(at_gate.deps, at_gate.ada, run_id=at_gate.the_run)
    control.set_archived(at_gate.deps, at_gate.ada, run_id=at_gate.the_run, archived=True)
    at = at_step(at_gate, "ada")
    assert "Who pays?" in seen(at)
    assert not {"Resolve", "Send"} & buttons(at)


def test_the_gate_offers_open_threads_and_asks_what_was_chosen(at_gate: People) -> None:
    thread_id = start(at_gate, "Name the owner.")
    threads.resolve(at_gate.deps, at_gate.ben, run_id=at_gate.the_run, thread_id=start(at_gate, "Done."))
    at = at_step(at_gate, "ada")
    at = at.toggle[0].set_value(True).run()
    assert [box.key for box in offered(at)] == [f"run_chosen_{thread_id}"]
    at = press(offered(at)[0].check().run(), "Request changes")
    run = get_run(at_gate.deps, at_gate.ada, run_id=at_gate.the_run)
    assert run.phases[2].decisions[-1].remarks == {"security": "Name the owner."}
    work_off(at_gate.deps, at_gate.the_run)
    at = at_step(at_gate, "vera")
    text = seen(at)
    assert "revision 2" in text
    assert ":orange-badge[not applied]" in text


def test_a_thread_that_moved_before_it_was_sent_is_said(at_gate: People) -> None:
    thread_id = start(at_gate, "Name the owner.")
    at = at_step(at_gate, "ada")
    at = at.toggle[0].set_value(True).run()
    offered(at)[0].check()
    threads.resolve(at_gate.deps, at_gate.ben, run_id=at_gate.the_run, thread_id=thread_id)
    at = at.run()
    assert not at.exception
    assert not offered(at), "a resolved thread is still offered"


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_thread_says_in_which_revision_its_text_is_gone(at_gate: People, number: str) -> None:
    revision = get_revision(at_gate.deps, at_gate.ada, run_id=at_gate.the_run, task_key="security")
    start(at_gate)
    ask_for(at_gate.deps, at_gate.ben, at_gate.the_run, security="Name the owner.")
    work_off(at_gate.deps, at_gate.the_run)
    pieces = paragraphs_of(get_revision(at_gate.deps, at_gate.ada, run_id=at_gate.the_run, task_key="security").report)
    answer = next(n for n, piece in enumerate(pieces, 1) if "Name the owner" in piece.text)
    threads.start_thread(
        at_gate.deps, at_gate.ben, run_id=at_gate.the_run, task_key="security", revision=2,
        anchor=Anchor(AnchorKind.PARAGRAPH, "", answer, answer), text="Really?",
    )  # fmt: skip
    at = open_page(at_gate.deps, "vera", "run", run=str(at_gate.run), step="security", revision=number)
    text = seen(at)
    assert revision.number == 1
    assert ("outdated: this was said of revision 2" in text) is (number == "1")
    assert "Really?" in text
