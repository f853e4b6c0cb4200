"""Two people discuss a line of a file, each in a browser; a third one may only read."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from services.errors import NotAllowed
from services.reviews import threads
from services.reviews.discussions import ThreadView, list_threads
from tests.e2e.conftest import Screens, Site, Team, a_team_at_gate
from tests.e2e.steps import open_form, send, show_tab
from tests.machine import stretched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
WITHIN_SECONDS = 2.0


@pytest.fixture
def team(site: Site, screens: Screens) -> Team:
    """With the files open."""
    team = a_team_at_gate(site, screens, "ben", viewer="vera")
    for page in team.pages.values():
        show_tab(page, "Files")
    return team


def test_a_line_is_discussed_by_two_and_read_by_a_viewer(team: Team) -> None:
    ada, ben, vera = team.pages.values()
    # Ben is writing something of his own, and has not left the field yet.
    unsent = open_form(ben, "Comment").get_by_role("textbox", name="Your words")
    unsent.press_sequentially("Half a thought")
    form = open_form(ada, "Comment")
    for name, line in (("From line", "3"), ("To line", "4")):
        ada.get_by_role("spinbutton", name=name).fill(line)
        ada.get_by_role("spinbutton", name=name).press("Tab")
    send(form, "Why is this here? @ben")
    took = [seconds_until(ben, "Why is this here? @ben", lambda: thread_of(team).comments[-1].at)]
    assert (thread_of(team).anchor.first, thread_of(team).anchor.last) == (3, 4)
    expect(ben.get_by_text("1 open thread").first).to_be_visible()
    expect(unsent).to_have_value("Half a thought")

    send(open_form(ben, "Reply"), "Because the page reads it.")
    took.append(seconds_until(ada, "Because the page reads it.", lambda: thread_of(team).comments[-1].at))
    ada.get_by_role("button", name="Resolve").click()
    took.append(
        seconds_until(ben, "resolved by", lambda: thread_of(team).resolved_at or datetime.max.replace(tzinfo=UTC))
    )
    expect(unsent).to_have_value("Half a thought")

    expect(vera.get_by_text("resolved by")).to_be_visible()
    for act in ("Comment", "Reply", "Resolve", "Open again", "Edit what you wrote last"):
        expect(vera.get_by_text(act, exact=True)).to_have_count(0)
    for page in team.pages.values():
        assert page.locator('[data-testid="stException"]').count() == 0
    refused(team)
    print("seen after", ", ".join(f"{seconds:.2f} s" for seconds in took))  # noqa: T201
    assert median(took) < stretched(WITHIN_SECONDS), took


def thread_of(team: Team) -> ThreadView:
    [thread] = list_threads(team.deps, team.people["vera"], run_id=team.run_id)
    return thread


def seconds_until(page: Page, text: str, written_at: Callable[[], datetime]) -> float:
    """From the moment that the database tells to the one at which the text is on the screen."""
    page.get_by_text(text).first.wait_for()
    return time.time() - written_at().timestamp()


def refused(team: Team) -> None:
    run_id, thread, vera = team.run_id, thread_of(team), team.people["vera"]
    acts: tuple[Callable[[], object], ...] = (
        lambda: threads.start_thread(
            team.deps, vera, run_id=run_id, task_key="architecture", revision=1, anchor=thread.anchor, text="Why?"
        ),
        lambda: threads.reply(team.deps, vera, run_id=run_id, thread_id=thread.id, text="So."),
        lambda: threads.reopen(team.deps, vera, run_id=run_id, thread_id=thread.id),
        lambda: threads.edit_comment(team.deps, vera, run_id=run_id, comment_id=thread.comments[0].id, text="So."),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert thread_of(team) == thread
