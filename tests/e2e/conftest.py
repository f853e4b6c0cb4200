"""A real server on an empty home and a real browser."""

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.machine import missing
from tests.runs.processes import started

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FAILED = pytest.StashKey[bool]()
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        missing("No browser found; install Debian's package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path, free_port: int) -> Iterator[str]:
    """The address of a server on an empty home, ready to answer."""
    with started(tmp_path / "home", "-m", "streamlit", "run", "app.py", f"--server.port={free_port}") as process:
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
def page(browser: Browser, server: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A page in a browser of its own; when the test fails it says what stood there."""
    context = browser.new_context(base_url=server, viewport={"width": 1400, "height": 950}, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = context.new_page()
    yield page
    if request.node.stash.get(FAILED, False):
        page.screenshot(path=tmp_path / "screen.png")
        print(f"On the screen (picture: {tmp_path / 'screen.png'}):\n{page.inner_text('body')}")  # noqa: T201
    context.close()
