"""The generated page over the generated service, in a real browser: every state that a person can meet."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from services.workflow.options import DeploymentStrategy
from tests.agents.chain import drafts_of, files_of
from tests.builders import REQUEST

pytestmark = pytest.mark.browser
MARKUP = '<b onclick="alert(1)">lunch</b> & "wine" שלום 🚀'


@contextmanager
def service(folder: Path, python: Path, **variables: str) -> Iterator[str]:
    """The address of the generated service, started from its files."""
    for path, data in files_of(
        drafts_of(REQUEST.model_copy(update={"deployment_strategy": DeploymentStrategy.A_B_TEST})).values()
    ).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(python),
        "-m",
        "uvicorn",
        "app.main:app",
        f"--port={port}",
        "--log-level=warning",
    ]
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **variables})
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/ready")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def page_of(browser: Browser, address: str) -> Iterator[tuple[Page, list[dict[str, object]], list[str]]]:
    """The open page, the events that it sent, and what went wrong in it."""
    events: list[dict[str, object]] = []
    errors: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.expose_function("told", lambda event: events.append(event))
        page.add_init_script("document.addEventListener('product-event', (event) => window.told(event.detail))")
        page.goto(address)
        page.locator(".notice, table").first.wait_for()
        yield page, events, errors


def test_a_person_creates_and_another_decides(browser: Browser, tmp_path: Path, service_python: Path) -> None:
    with (
        service(tmp_path, service_python, FEATURE_FORCE="on") as address,
        page_of(browser, address) as (page, events, errors),
    ):
        assert "Nothing here yet" in page.inner_text("main")
        page.click("#create")
        page.click("#save")
        assert page.locator(".error:visible").count() == 3
        page.get_by_label("Amount").fill("12.50")
        page.get_by_label("Category").fill(MARKUP)
        page.get_by_label("Receipt link").fill("https://example.org/a")
        assert page.locator(".error:visible").count() == 0
        page.click("#save")
        page.locator("table").wait_for()
        assert MARKUP in page.inner_text("table")
        assert page.get_by_role("button", name="Approve").count() == 0
        page.select_option("#role", "manager")
        page.get_by_role("button", name="Approve expense 1").click()
        page.get_by_text("Expense 1 is approved.").wait_for()
        assert page.get_by_role("button", name="Edit").count() == 0
        assert [event["properties"] for event in events] == [{"role": "employee", "variant": "treatment"}]
        assert errors == []


def test_a_stale_change_and_a_lost_service_are_said_in_plain_words(
    browser: Browser, tmp_path: Path, service_python: Path
) -> None:
    with (
        service(tmp_path, service_python, FEATURE_FORCE="on") as address,
        page_of(browser, address) as (page, _, errors),
    ):
        page.click("#create")
        for label, text in (("Amount", "3"), ("Category", "taxi"), ("Receipt link", "https://example.org/a")):
            page.get_by_label(label).fill(text)
        page.click("#save")
        page.get_by_role("button", name="Edit expense 1").click()
        assert page.get_by_label("Amount").input_value() == "3.00"
        change = urllib.request.Request(
            f"{address}/expenses/1",
            b'{"category": "train"}',
            {"X-Role": "employee", "Content-Type": "application/json"},
            method="PATCH",
        )
        urllib.request.urlopen(change, timeout=5).close()
        page.get_by_label("Category").fill("bus")
        page.click("#save")
        page.get_by_text("Somebody changed this meanwhile").wait_for()
        assert page.get_by_label("Category").input_value() == "bus"
        page.click("#cancel")
        page.context.set_offline(True)
        page.select_option("#role", "manager")
        page.get_by_role("button", name="Try again").wait_for()
        page.context.set_offline(False)
        page.get_by_role("button", name="Try again").click()
        page.locator("table").wait_for()
        assert "train" in page.inner_text("table")
        assert errors == []


def test_while_the_flag_is_off_the_page_says_so_and_counts_the_control_group(
    browser: Browser, tmp_path: Path, service_python: Path
) -> None:
    with (
        service(tmp_path, service_python, FEATURE_FORCE="off") as address,
        page_of(browser, address) as (page, events, errors),
    ):
        assert "Not available yet" in page.inner_text("main")
        assert page.locator("#create:visible").count() == 0
        assert [event["properties"] for event in events] == [{"role": "employee", "variant": "control"}]
        assert errors == []
