"""llmock, a server that nobody here wrote: it speaks the Messages API, breaks what it is told to break, and judges the client.

It has an environment of its own: beside the product its web server would bring another event loop to Streamlit.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.settings import read_settings
from tests.machine import a_free_port, missing
from tests.runs.processes import wait_until

LOCK = Path(__file__).with_name("llmock.txt")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Judge:
    """`address`: what a client of the Messages API is told."""

    root: str

    @property
    def address(self) -> str:
        return f"{self.root}/anthropic"

    def begin_anew(self, *behaviors: dict[str, Any]) -> None:
        """Forgets what it saw, and will do these, in this order."""
        self._ask("POST", "reset")
        if behaviors:
            self._ask("POST", "scenario", {"behaviors": behaviors})

    def pending(self) -> Rows:
        """What it was told to do and has not done."""
        rows: Rows = self._ask("GET", "scenario")["pending"]
        return rows

    def requests(self) -> Rows:
        rows: Rows = self._ask("GET", "requests")["requests"]
        return rows

    def verdict(self) -> dict[str, Any]:
        return self._ask("GET", "verdict")

    def _ask(self, method: str, path: str, data: Any = None) -> dict[str, Any]:
        body = json.dumps(data).encode() if data is not None else None
        request = urllib.request.Request(f"{self.root}/_llmock/{path}", body, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            read: dict[str, Any] = json.load(answer)
            return read


@contextmanager
def judging(*options: str) -> Iterator[Judge]:
    """A judge of its own, with options of `llmock serve`. Skips the test where the package cannot be had."""
    port = a_free_port()
    program = _environment() / "bin" / "llmock"
    command = [str(program), "serve", "--host", "127.0.0.1", "--port", str(port), "--log-level", "error", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    judge = Judge(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: _answers(judge))
        yield judge
    finally:
        process.kill()
        process.wait()


def _answers(judge: Judge) -> bool:
    try:
        judge.pending()
    except OSError:
        return False
    return True


def _environment() -> Path:
    """Built once, beside those for checks; another lock or another Python is another environment."""
    name = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    place = read_settings().environments_dir / f"llmock-{name}"
    if (place / "ready").exists():
        return place
    shutil.rmtree(place, ignore_errors=True)
    pip = [
        str(place / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--retries",
        "1",
        "--no-deps",
        "--only-binary",
        ":all:",
    ]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True, capture_output=True)
        subprocess.run([*pip, "-r", str(LOCK)], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        missing(f"llmock cannot be installed: {error.stderr.decode().strip().splitlines()[-1:]}")
    (place / "ready").touch()
    return place
