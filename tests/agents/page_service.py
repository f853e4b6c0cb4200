"""The generated service of a page, started from its files; and its page, opened."""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.machine import a_free_port


@contextmanager
def service(files: Mapping[str, bytes], folder: Path, python: Path, **variables: str) -> Iterator[str]:
    """The address of the generated service."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    port = a_free_port()
    command = [str(python), "-m", "uvicorn", "app.main:app", f"--port={port}", "--log-level=warning"]
    local = {"SIGN_IN": "local", "TOKEN_SECRET": "a secret of this test and of nothing else", "FEATURE_FORCE": "on"}
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **local, **variables})
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


class Caller:
    """Somebody who calls the service past the page."""

    def __init__(self, address: str, user: str, role: str) -> None:
        self.address, self.token = address, ""
        self.token = self.send("POST", "/sign-in", {"user": user, "role": role})["token"]

    def send(self, method: str, path: str, body: Any = None) -> Any:
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        request = urllib.request.Request(
            self.address + path, json.dumps(body).encode() if body is not None else None, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def opened(browser: Browser, address: str, **context: Any) -> Iterator[tuple[Page, list[dict[str, Any]], list[str]]]:
    """The open page, the events that it sent, and what went wrong in it."""
    events: list[dict[str, Any]] = []
    errors: list[str] = []
    with browser.new_context(**context) as made:
        page = made.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if "Content Security" in line.text else None)
        page.expose_function("told", lambda event: events.append(event))
        page.add_init_script("document.addEventListener('product-event', (event) => window.told(event.detail))")
        page.goto(address)
        page.locator("#sign-in, .notice, table").first.wait_for()
        yield page, events, errors


def sign_in(page: Page, user: str, role: str) -> None:
    if page.locator("#sign-out:visible").count():
        page.click("#sign-out")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Role").select_option(role)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#person:visible").wait_for()
    page.locator("#results[aria-busy=false]").wait_for()
