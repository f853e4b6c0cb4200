"""Chromium over a pipe, with the standard library alone: the DevTools protocol, and hands and eyes for one page."""

import base64
import fcntl
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--log-level=3", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding", "--remote-debugging-pipe",
    # As few processes as one page needs: a third of the memory less.
    "--in-process-gpu", "--renderer-process-limit=1", "--enable-features=NetworkServiceInProcess2", "--disable-extensions", "about:blank",
)  # fmt: skip
ANSWER_SECONDS = 20.0
PATIENCE_SECONDS = 8.0
_PIPES = (3, 4)  # where Chromium reads and writes


class PageError(Exception):
    """The page is not as it should be; the text says what was looked for."""


class Chromium:
    """One browser with one page."""

    def __init__(self, program: str) -> None:
        into, self._out = os.pipe()
        self._in, out = os.pipe()
        # Beyond the two numbers that they become in the child.
        far = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (into, out)]

        def place() -> None:
            for end, number in zip(far, _PIPES, strict=True):
                os.dup2(end, number)

        self._profile = tempfile.TemporaryDirectory(prefix="profile-", ignore_cleanup_errors=True)
        command = [program, f"--user-data-dir={self._profile.name}", *FLAGS]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, pass_fds=_PIPES, preexec_fn=place, stdout=quiet, stderr=quiet)  # noqa: S603
        for end in (into, out, *far):
            os.close(end)
        self._number, self._rest = 0, b""
        self.problems: list[str] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._profile.cleanup()
        os.close(self._out)
        os.close(self._in)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._ask(method, parameters, self._session)

    def _ask(self, method: str, parameters: Mapping[str, Any], session: str = "") -> dict[str, Any]:
        number = self._tell(method, parameters, session)
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            found = self._read(deadline, method)
            if found.get("id") == number:
                if "error" in found:
                    raise PageError(f"{method}: {found['error'].get('message', '')}")
                return dict(found["result"])
            self._hear(found)

    def _tell(self, method: str, parameters: Mapping[str, Any], session: str = "") -> int:
        """Without waiting for the answer, which has this number."""
        self._number += 1
        message = {
            "id": self._number, "method": method, "params": parameters, **({"sessionId": session} if session else {}),
        }  # fmt: skip
        os.write(self._out, json.dumps(message).encode() + b"\0")
        return self._number

    def _read(self, deadline: float, method: str) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self._in, 1 << 16) if ready else b""
            if not data:
                raise PageError(f"the browser does not answer {method}")
            self._rest += data
        text, self._rest = self._rest.split(b"\0", 1)
        return dict(json.loads(text))

    def _hear(self, event: Mapping[str, Any]) -> None:
        """What went wrong in the page by itself."""
        told = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.problems.append(str(details.get("exception", {}).get("description") or details.get("text", ""))[:300])
        elif event.get("method") == "Page.javascriptDialogOpening" and told.get("type") == "beforeunload":
            # The page guards what was typed; whoever goes elsewhere here wants to.
            self._tell("Page.handleJavaScriptDialog", {"accept": True}, self._session)
        elif event.get("method") == "Page.javascriptDialogOpening":
            self.problems.append(f"a dialog of the browser: {told.get('message', '')}"[:300])
        elif event.get("method") == "Log.entryAdded" and "Content Security Policy" in told["entry"].get("text", ""):
            self.problems.append(str(told["entry"]["text"])[:300])

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are waited for. Raises: PageError."""
        found = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise PageError(str(details.get("exception", {}).get("description") or details["text"])[:300])
        return found["result"].get("value")

    def wait(self, script: str, what: str) -> Any:
        """Until the expression is true. Raises: PageError."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                found = self.run(script)
            except PageError:  # between two documents
                found = None
            if found not in (None, False, "", 0):  # an element comes as {}
                return found
            if time.monotonic() > deadline:
                raise PageError(f"not found: {what}")
            time.sleep(0.05)

    def open(self, address: str, *, until: str, what: str) -> None:
        self.send("Page.navigate", url=address)
        self.wait(until, what)

    def press(self, script: str, what: str) -> None:
        """A real click into the middle of the element that the expression finds."""
        box = f"(() => {{ const found = {script}; if (!found) return null; found.scrollIntoView({{block: 'center'}}); const r = found.getBoundingClientRect(); return r.width ? [r.x + r.width / 2, r.y + r.height / 2] : null; }})()"
        x, y = self.wait(box, what)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def key(self, name: str, *, shift: bool = False) -> None:
        codes = {"Tab": 9, "Enter": 13, "Escape": 27}
        for kind in ("rawKeyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=name,
                windowsVirtualKeyCode=codes[name],
                modifiers=8 if shift else 0,
            )

    def type(self, script: str, text: str, what: str) -> None:
        """Into the input that the expression finds, instead of what stands there."""
        self.wait(
            f"(() => {{ const found = {script}; if (!found) return false; found.focus(); found.select?.(); return true; }})()",
            what,
        )
        self.send("Input.insertText", text=text)

    def emulate(self, *, width: int, height: int, scheme: str) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send(
            "Emulation.setEmulatedMedia",
            features=[
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ],
        )

    def picture(self, path: str) -> None:
        Path(path).write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def chromium(program: str) -> Iterator[Chromium]:
    browser = Chromium(program)
    try:
        yield browser
    finally:
        browser.close()
