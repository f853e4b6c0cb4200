"""Two people discuss a line of a file, each in a browser; a third one may only read."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from services.actors import Actor, ActorKind, Role
from services.deps import Deps
from services.errors import NotAllowed
from services.reviews import threads
from services.reviews.discussions import ThreadView, list_threads
from tests.builders import a_member
from tests.conftest import RecordingDispatcher
from tests.e2e.conftest import wait_for
from tests.e2e.steps import open_form, send, show_tab
from tests.e2e.viewers import cookie_of
from tests.machine import stretched
from tests.runs.building import a_run_at_gate
from tests.runs.processes import a_home, started

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
WITHIN_SECONDS = 2.0


@dataclass(frozen=True)
class Team:
    """A run at its first gate, and everybody's page of its step 2, with the files open."""

    deps: Deps
    run_id: UUID
    vera: Actor
    pages: dict[str, Page]

    @property
    def thread(self) -> ThreadView:
        [thread] = list_threads(self.deps, self.vera, run_id=self.run_id)
        return thread


@pytest.fixture
def team(browser: Browser, tmp_path: Path, free_port: int) -> Iterator[Team]:
    deps, ada = a_home(tmp_path / "home")
    deps = replace(deps, dispatcher=RecordingDispatcher())
    a_member(deps, ada.team_id, username="ben")
    vera = a_member(deps, ada.team_id, username="vera", role=Role.VIEWER)
    run_id = a_run_at_gate(deps, replace(ada, kind=ActorKind.PERSON, channel="browser"))
    address = f"http://127.0.0.1:{free_port}"
    web = ("-m", "streamlit", "run", "app.py", f"--server.port={free_port}")
    with started(tmp_path / "home", *web, GREENLIGHT_WORKER="external") as server:
        wait_for(address, server)
        pages = {}
        for username in ("ada", "ben", "vera"):
            context = browser.new_context(base_url=address, reduced_motion="reduce")
            name, value = cookie_of(deps, username).split("=", 1)
            context.add_cookies([{"name": name, "value": value, "url": address}])
            pages[username] = context.new_page()
            pages[username].goto(f"/run?run={run_id}&step=architecture", wait_until="commit")
        for page in pages.values():
            show_tab(page, "Files")
        yield Team(deps, run_id, vera, pages)
        for page in pages.values():
            page.context.close()


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
    took = [seconds_until(ben, "Why is this here? @ben", lambda: team.thread.comments[-1].at)]
    assert (team.thread.anchor.first, team.thread.anchor.last) == (3, 4)
    expect(ben.get_by_text("1 open thread").first).to_be_visible()
    expect(unsent).to_have_value("Half a thought")

    send(open_form(ben, "Reply"), "Because the page reads it.")
    took.append(seconds_until(ada, "Because the page reads it.", lambda: team.thread.comments[-1].at))
    ada.get_by_role("button", name="Resolve").click()
    took.append(seconds_until(ben, "resolved by", lambda: team.thread.resolved_at or datetime.max.replace(tzinfo=UTC)))
    expect(unsent).to_have_value("Half a thought")

    expect(vera.get_by_text("resolved by")).to_be_visible()
    for act in ("Comment", "Reply", "Resolve", "Open again", "Edit what you wrote last"):
        expect(vera.get_by_text(act, exact=True)).to_have_count(0)
    for page in team.pages.values():
        assert page.locator('[data-testid="stException"]').count() == 0
    refused(team)
    print("seen after", ", ".join(f"{seconds:.2f} s" for seconds in took))  # noqa: T201
    assert median(took) < stretched(WITHIN_SECONDS), took


def seconds_until(page: Page, text: str, written_at: Callable[[], datetime]) -> float:
    """From the moment that the database tells to the one at which the text is on the screen."""
    page.get_by_text(text).first.wait_for()
    return time.time() - written_at().timestamp()


def refused(team: Team) -> None:
    run_id, thread = team.run_id, team.thread
    acts: tuple[Callable[[], object], ...] = (
        lambda: threads.start_thread(
            team.deps, team.vera, run_id=run_id, task_key="architecture", revision=1, anchor=thread.anchor, text="Why?"
        ),
        lambda: threads.reply(team.deps, team.vera, run_id=run_id, thread_id=thread.id, text="So."),
        lambda: threads.reopen(team.deps, team.vera, run_id=run_id, thread_id=thread.id),
        lambda: threads.edit_comment(team.deps, team.vera, run_id=run_id, comment_id=thread.comments[0].id, text="So."),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert team.thread == thread
