"""Processes are killed in the middle of the work; the work goes on and nothing finished is done twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from services import bootstrap
from services.actors import Actor, Role
from services.deps import Deps
from services.people import users
from services.reviews.decisions import approve_phase
from services.reviews.views import get_gate
from services.runs.start import start_run
from services.runs.views import get_run
from services.settings import ROOT, read_settings
from tests.builders import REQUEST, a_feature

Starter = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def home(tmp_path: Path) -> tuple[Deps, Actor]:
    deps = bootstrap.web_deps(read_settings({"GREENLIGHT_DATA": str(tmp_path / "home")}))
    users.add_user(deps, username="ada", role=Role.OWNER)
    return deps, users.actor_for_command_line(deps, "ada")


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Starter]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "GREENLIGHT_DATA": str(tmp_path / "home")}
        command = [sys.executable, "-m", "tests.fakes.slow_engine", str(tmp_path / "log"), "0.8"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def wait_until(condition: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


@pytest.mark.timeout(120)
def test_a_killed_worker_is_replaced_and_no_finished_task_runs_twice(
    home: tuple[Deps, Actor], start_worker: Starter, tmp_path: Path
) -> None:
    deps, actor = home
    log = tmp_path / "log"
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)
    first = start_worker()
    wait_until(lambda: ["begun", "architecture", str(first.pid)] in lines(log))
    first.send_signal(signal.SIGKILL)
    first.wait()
    start_worker()
    wait_until(lambda: get_run(deps, actor, run_id=run_id).status == "waiting")
    begun = Counter(key for what, key, _ in lines(log) if what == "begun")
    ended = Counter(key for what, key, _ in lines(log) if what == "ended")
    assert ended == {"business": 1, "architecture": 1, "risk": 1}
    assert begun == {"business": 1, "architecture": 2, "risk": 1}


def test_a_worker_ends_with_the_process_that_started_it(start_worker: Starter, tmp_path: Path) -> None:
    worker = start_worker()
    time.sleep(1)
    assert worker.stdin is not None
    worker.stdin.close()  # what the kernel does when the parent is killed
    worker.stdin = None
    worker.wait(15)


def server(home: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "GREENLIGHT_DATA": str(home)}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def worker_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [child for child in psutil.Process(process.pid).children(recursive=True) if "worker" in child.cmdline()]


@pytest.mark.whole_run
@pytest.mark.timeout(150)
def test_the_web_process_is_killed_with_its_worker_and_the_run_goes_on(
    home: tuple[Deps, Actor], tmp_path: Path, free_port: int
) -> None:
    deps, actor = home
    web = server(tmp_path / "home", free_port)
    try:
        wait_until(lambda: bool(worker_of(web)))
        worker = worker_of(web)[0]
        run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)
        pass_gates(deps, actor, run_id, until_phase=3)
        wait_until(lambda: get_run(deps, actor, run_id=run_id).phase == 3)
        web.kill()
        web.wait()
        worker.wait(15)
        assert get_run(deps, actor, run_id=run_id).status == "running"
        web = server(tmp_path / "home", free_port)
        wait_until(lambda: get_run(deps, actor, run_id=run_id).status == "waiting", seconds=60)
        run = get_run(deps, actor, run_id=run_id)
        assert [t.revision for phase in run.phases[:3] for t in phase.tasks] == [1] * 9
    finally:
        web.kill()
        web.wait()


def pass_gates(deps: Deps, actor: Actor, run_id: UUID, *, until_phase: int) -> None:
    for _ in range(until_phase - 1):
        wait_until(lambda: get_run(deps, actor, run_id=run_id).status == "waiting")
        gate = get_gate(deps, actor, run_id=run_id)
        assert gate is not None
        approve_phase(deps, actor, run_id=run_id, shown_hash=gate.shown_hash)
