"""Real processes of a test's own installation: started on its home, ended with the test."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from services import bootstrap
from services.actors import Actor, Role
from services.deps import Deps
from services.people import users
from services.reviews.decisions import approve_phase
from services.reviews.views import get_gate
from services.runs.views import get_run
from services.settings import ROOT, read_settings


def a_home(folder: Path) -> tuple[Deps, Actor]:
    """An installation in a folder, with one owner."""
    deps = bootstrap.web_deps(read_settings({"GREENLIGHT_DATA": str(folder)}))
    users.add_user(deps, username="ada", role=Role.OWNER)
    return deps, users.actor_for_command_line(deps, "ada")


@contextmanager
def started(home: Path, *words: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process over the home; its standard input stays open, so that a worker lives as long as the test."""
    environment = {**os.environ, "GREENLIGHT_DATA": str(home), **variables}
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def wait_until(condition: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def status_of(deps: Deps, actor: Actor, run_id: UUID) -> str:
    return str(get_run(deps, actor, run_id=run_id).status)


def approve_gate(deps: Deps, actor: Actor, run_id: UUID) -> None:
    gate = get_gate(deps, actor, run_id=run_id)
    assert gate is not None
    approve_phase(deps, actor, run_id=run_id, shown_hash=gate.shown_hash)
