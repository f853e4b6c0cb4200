"""Real servers and a real browser: one server for all tests of a process, and one on an empty home for whoever begins there."""

import subprocess
import time
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from services.actors import Actor, Role
from services.deps import Deps
from services.reviews import team_policies
from services.reviews.views import get_gate
from services.runs.start import start_run
from tests.builders import a_feature, a_member, a_team
from tests.e2e.viewers import cookie_of
from tests.machine import a_free_port
from tests.runs.processes import a_home, started, wait_until

expect.set_options(timeout=20_000)  # two cores, and other tests beside this one
FAILED = pytest.StashKey[bool]()


@contextmanager
def served(home: Path, **variables: str) -> Iterator[str]:
    """The address of a server on a home, ready to answer."""
    port = a_free_port()
    address = f"http://127.0.0.1:{port}"
    with started(home, "-m", "streamlit", "run", "app.py", f"--server.port={port}", **variables) as process:
        _wait_for(address, process)
        yield address


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers. Raises: RuntimeError when it has ended, or does not answer in a minute."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{address}/api/ready", timeout=1):
                return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server does not answer") from error
            time.sleep(0.1)


@dataclass(frozen=True)
class Site:
    """A server that has been running for a while, its worker measures nothing. Each test works in a team of its own."""

    deps: Deps
    address: str


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    deps, _ = a_home(home)
    with served(home, GREENLIGHT_ENVIRONMENTS=str(home / "none")) as address:
        yield Site(deps, address)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash.setdefault(FAILED, False)
    item.stash[FAILED] |= report.failed
    return report


@dataclass(frozen=True)
class Screens:
    """Opens browsers that know nothing of each other."""

    browser: Browser
    pages: list[Page]

    def open(self, address: str, cookie: str = "") -> Page:
        """`cookie`: of somebody who has signed in before."""
        context = self.browser.new_context(
            base_url=address, viewport={"width": 1400, "height": 950}, reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        if cookie:
            name, value = cookie.split("=", 1)
            context.add_cookies([{"name": name, "value": value, "url": address}])
        self.pages.append(context.new_page())
        return self.pages[-1]


@pytest.fixture
def screens(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Screens]:
    """When the test fails they say what stood there."""
    screens = Screens(browser, [])
    yield screens
    for number, page in enumerate(screens.pages, start=1):
        if request.node.stash.get(FAILED, False):
            page.screenshot(path=tmp_path / f"screen-{number}.png")
            print(f"On screen {number} ({tmp_path}/screen-{number}.png):\n{page.inner_text('body')}")  # noqa: T201
        page.context.close()


@pytest.fixture
def page(site: Site, screens: Screens) -> Page:
    """Of the owner of a new team."""
    return screens.open(site.address, cookie_of(site.deps, a_team(site.deps)))


@pytest.fixture
def page_of_newcomer(screens: Screens, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Of a server which nobody has used. Only a whole run measures what it makes."""
    is_whole = request.node.get_closest_marker("whole_run") is not None
    variables = {} if is_whole else {"GREENLIGHT_ENVIRONMENTS": str(tmp_path / "none")}
    with served(tmp_path / "home", **variables) as address:
        yield screens.open(address)


@dataclass(frozen=True)
class Team:
    """A run of its owner at the first gate, and everybody's page of its step 2."""

    deps: Deps
    run_id: UUID
    people: dict[str, Actor]
    pages: dict[str, Page]


def a_team_at_gate(site: Site, screens: Screens, *members: str, viewer: str, approvals: int = 1) -> Team:
    """The owner is Ada. Names in lower case. `approvals`: how many the gate asks for."""
    ada = a_team(site.deps)
    people = {
        "ada": ada,
        **{name: a_member(site.deps, ada.team_id, username=f"{name}-{ada.team_id.hex[:6]}") for name in members},
        viewer: a_member(site.deps, ada.team_id, username=f"{viewer}-{ada.team_id.hex[:6]}", role=Role.VIEWER),
    }
    team_policies.set_policy(site.deps, ada, phase=1, approvals=approvals)
    run_id = start_run(site.deps, ada, feature_id=a_feature(site.deps, ada).id)
    wait_until(lambda: get_gate(site.deps, ada, run_id=run_id) is not None)
    pages = {name: screens.open(site.address, cookie_of(site.deps, person)) for name, person in people.items()}
    for page in pages.values():
        page.goto(f"/run?run={run_id}&step=architecture", wait_until="commit")
    for page in pages.values():
        page.get_by_text("Gate 1:").wait_for()
    return Team(site.deps, run_id, people, pages)
