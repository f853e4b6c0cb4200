"""Ten teammates look at one run while it works; all of them see it move."""

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from services.actors import Actor
from services.deps import Deps
from services.people import accounts, users
from services.reviews.decisions import approve_phase
from services.reviews.views import get_gate
from services.runs.start import start_run
from services.runs.views import list_events
from tests.builders import REQUEST, a_feature
from tests.e2e.conftest import wait_for
from tests.e2e.steps import sign_in
from tests.runs.processes import a_home, started

VIEWERS = 10
WITHIN_SECONDS = 2.0
# Notes in the page itself when a text appeared first, by the clock of this machine.
WATCH = """(() => {
  window.seenAt = {};
  const look = () => {
    const text = document.body ? document.body.innerText : "";
    for (const mark of ["Gate 1:", "Gate 2:"])
      if (!(mark in window.seenAt) && text.includes(mark)) window.seenAt[mark] = Date.now() / 1000;
  };
  setInterval(look, 50);
})()"""


@pytest.fixture
def home(tmp_path: Path) -> tuple[Deps, Actor]:
    deps, actor = a_home(tmp_path / "home")
    accounts.set_password_by_link(
        deps, secret=users.reset_password(deps, username="ada"), password="correct horse battery"
    )
    return deps, actor


@pytest.fixture
def address(tmp_path: Path, free_port: int, home: tuple[Deps, Actor]) -> Iterator[str]:
    web = ("-m", "streamlit", "run", "app.py", f"--server.port={free_port}")
    worker = ("-m", "tests.fakes.slow_engine", str(tmp_path / "log"), "3")
    with (
        started(tmp_path / "home", *web, GREENLIGHT_WORKER="external") as server,
        started(tmp_path / "home", *worker),
    ):
        address = f"http://127.0.0.1:{free_port}"
        wait_for(address, server)
        yield address


def viewer(browser: Browser, address: str, stack: ExitStack) -> Page:
    context = stack.enter_context(browser.new_context(base_url=address, reduced_motion="reduce"))
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


@pytest.mark.browser
@pytest.mark.soak
@pytest.mark.timeout(400)
def test_ten_viewers_see_the_run_move_within_two_seconds(
    browser: Browser, address: str, home: tuple[Deps, Actor]
) -> None:
    deps, actor = home
    with ExitStack() as stack:
        first = viewer(browser, address, stack)
        first.goto("/")
        sign_in(first)
        state = first.context.storage_state()
        pages = [first] + [viewer(browser, address, stack) for _ in range(VIEWERS - 1)]
        for page in pages[1:]:
            page.context.add_cookies(
                [{"name": c["name"], "value": c["value"], "url": address} for c in state["cookies"]]
            )
        run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)
        for page in pages:
            page.goto(f"/run?run={run_id}", wait_until="commit")
        delays(deps, actor, run_id, pages, "Gate 1:", 1)  # ten pages load meanwhile; that is not what is measured
        time.sleep(2)
        gate = get_gate(deps, actor, run_id=run_id)
        assert gate is not None
        approve_phase(deps, actor, run_id=run_id, shown_hash=gate.shown_hash)
        late = delays(deps, actor, run_id, pages, "Gate 2:", 2)
    print(f"median {statistics.median(late):.2f} s, slowest {max(late):.2f} s")  # noqa: T201
    assert max(late) < WITHIN_SECONDS


def delays(deps: Deps, actor: Actor, run_id: UUID, pages: list[Page], mark: str, phase: int) -> list[float]:
    """Seconds from the event in the database to the text on each screen."""
    for page in pages:
        page.wait_for_function(f"() => {mark!r} in window.seenAt")
    events = list_events(deps, actor, run_id=run_id)
    at = next(e.at.timestamp() for e in events if e.kind == "gate.reached" and e.data["phase"] == phase)
    return [float(page.evaluate(f"() => window.seenAt[{mark!r}]")) - at for page in pages]
