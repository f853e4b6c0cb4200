"""A real server on an empty home and a real browser."""

import subprocess
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.runs.processes import started

expect.set_options(timeout=20_000)  # two cores, and other tests beside this one
FAILED = pytest.StashKey[bool]()
Opener = Callable[[], Page]


@pytest.fixture
def server(tmp_path: Path, free_port: int, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server on an empty home, ready to answer. Only a whole run measures what it makes."""
    is_whole = request.node.get_closest_marker("whole_run") is not None
    variables = {} if is_whole else {"GREENLIGHT_ENVIRONMENTS": str(tmp_path / "none")}
    words = ("-m", "streamlit", "run", "app.py", f"--server.port={free_port}")
    with started(tmp_path / "home", *words, **variables) as process:
        address = f"http://127.0.0.1:{free_port}"
        wait_for(address, process)
        yield address


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash.setdefault(FAILED, False)
    item.stash[FAILED] |= report.failed
    return report


@pytest.fixture
def open_browser(browser: Browser, server: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens browsers that know nothing of each other; when the test fails they say what stood there."""
    pages: list[Page] = []

    def opened() -> Page:
        context = browser.new_context(base_url=server, viewport={"width": 1400, "height": 950}, reduced_motion="reduce")
        context.set_default_timeout(20_000)
        pages.append(context.new_page())
        return pages[-1]

    yield opened
    for number, page in enumerate(pages, start=1):
        if request.node.stash.get(FAILED, False):
            page.screenshot(path=tmp_path / f"screen-{number}.png")
            print(f"On screen {number} ({tmp_path}/screen-{number}.png):\n{page.inner_text('body')}")  # noqa: T201
        page.context.close()


@pytest.fixture
def page(open_browser: Opener) -> Page:
    return open_browser()
