"""Processes are killed in the middle of the work; the work goes on and nothing finished is done twice."""

import signal
import subprocess
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from services.actors import Actor
from services.deps import Deps
from services.runs.control import retry_run
from services.runs.repairs import list_repairs
from services.runs.start import start_run
from services.runs.views import get_run, list_evidence
from tests.builders import REQUEST, a_feature
from tests.runs.building import ask_for
from tests.runs.processes import a_home, approve_gate, started, status_of, wait_until


@pytest.fixture
def home(tmp_path: Path) -> tuple[Deps, Actor]:
    return a_home(tmp_path / "home")


def lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def test_a_killed_worker_is_replaced_and_no_finished_task_runs_twice(home: tuple[Deps, Actor], tmp_path: Path) -> None:
    deps, actor = home
    log = tmp_path / "log"
    worker = ("-m", "tests.fakes.slow_engine", str(log), "0.8")
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)
    with ExitStack() as stack:
        first = stack.enter_context(started(tmp_path / "home", *worker))
        wait_until(lambda: ["begun", "architecture", str(first.pid)] in [line[:3] for line in lines(log)])
        first.send_signal(signal.SIGKILL)
        first.wait()
        stack.enter_context(started(tmp_path / "home", *worker))
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting")
    begun = Counter(key for what, key, *_ in lines(log) if what == "begun")
    ended = Counter(key for what, key, *_ in lines(log) if what == "ended")
    assert ended == {"business": 1, "architecture": 1, "risk": 1}
    assert begun == {"business": 1, "architecture": 2, "risk": 1}


@pytest.mark.soak
def test_kept_steps_are_kept_over_a_kill_and_run_when_they_must(home: tuple[Deps, Actor], tmp_path: Path) -> None:
    deps, actor = home
    log = tmp_path / "log"
    worker = ("-m", "tests.fakes.slow_engine", str(log), "0.6")
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)

    def ended() -> Counter[str]:
        return Counter(key for what, key, *_ in lines(log) if what == "ended")

    with ExitStack() as stack:
        first = stack.enter_context(started(tmp_path / "home", *worker))
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting")
        ask_for(deps, actor, run_id, business="Say more.")
        wait_until(lambda: len([line for line in lines(log) if line[:2] == ["begun", "business"]]) == 2)
        first.send_signal(signal.SIGKILL)
        first.wait()
        stack.enter_context(started(tmp_path / "home", *worker))
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting")
        assert ended() == {"business": 2, "architecture": 1, "risk": 1}
        ask_for(deps, actor, run_id, business="Rename expense to claim.")
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting")
    assert ended() == {"business": 3, "architecture": 2, "risk": 2}
    assert [t.revision for t in get_run(deps, actor, run_id=run_id).phases[0].tasks] == [3, 2, 2]


@pytest.mark.soak
@pytest.mark.timeout(150)
def test_a_worker_killed_in_a_repair_is_replaced_and_the_round_goes_on(
    home: tuple[Deps, Actor], tmp_path: Path
) -> None:
    deps, actor = home
    log = tmp_path / "log"
    worker = ("-m", "tests.fakes.word_check", str(log), "3")
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)
    with ExitStack() as stack:
        first = stack.enter_context(started(tmp_path / "home", *worker))
        wait_until(lambda: ["begun", "architecture", "1", str(first.pid)] in lines(log))
        first.send_signal(signal.SIGKILL)
        first.wait()
        stack.enter_context(started(tmp_path / "home", *worker))
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting")
    done = Counter((what, key, found) for what, key, found, _ in lines(log))
    assert (done["begun", "architecture", "1"], done["ended", "architecture", "1"]) == (2, 1)
    assert {key: done["ended", key, "0"] for key in ("business", "architecture", "risk")} == dict.fromkeys(
        ("business", "architecture", "risk"), 1
    )
    assert [(v.revision, v.round, v.is_changed) for v in list_repairs(deps, actor, run_id=run_id)] == [(2, 1, True)]
    assert [e.outcome for e in list_evidence(deps, actor, run_id=run_id)] == ["passed", "failed"]


def test_a_worker_ends_with_the_process_that_started_it(home: tuple[Deps, Actor], tmp_path: Path) -> None:
    with started(tmp_path / "home", "-m", "services", "worker", "--with-parent") as worker:
        time.sleep(1)
        assert worker.stdin is not None
        worker.stdin.close()  # what the kernel does when the parent is killed
        worker.stdin = None
        worker.wait(45)


def worker_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [child for child in psutil.Process(process.pid).children(recursive=True) if "worker" in child.cmdline()]


@pytest.mark.soak
@pytest.mark.timeout(150)
def test_the_web_process_is_killed_with_its_worker_and_the_run_goes_on(
    home: tuple[Deps, Actor], tmp_path: Path, free_port: int
) -> None:
    """In the middle of phase 3. Without environments nothing is measured, which would only take time."""
    deps, actor = home
    web = ("-m", "streamlit", "run", "app.py", f"--server.port={free_port}")
    without = {"GREENLIGHT_ENVIRONMENTS": str(tmp_path / "none")}
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)

    def is_in_phase_3() -> bool:
        tasks = get_run(deps, actor, run_id=run_id).phases[2].tasks
        return any(task.status in ("running", "done") for task in tasks)

    with started(tmp_path / "home", *web, **without) as first:
        for phase in (1, 2):
            wait_until(lambda: status_of(deps, actor, run_id) == "waiting", seconds=60)
            assert get_run(deps, actor, run_id=run_id).phase == phase
            approve_gate(deps, actor, run_id)
        worker = worker_of(first)[0]
        wait_until(is_in_phase_3)
        first.kill()
        first.wait()
        worker.wait(15)
        assert status_of(deps, actor, run_id) == "running"
    with started(tmp_path / "home", *web, **without):
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting", seconds=60)
    run = get_run(deps, actor, run_id=run_id)
    assert [t.revision for phase in run.phases[:3] for t in phase.tasks] == [1] * 9


def test_a_segment_that_breaks_off_leaves_a_run_that_can_be_retried(home: tuple[Deps, Actor], tmp_path: Path) -> None:
    deps, actor = home
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)
    with started(tmp_path / "home", "-m", "tests.fakes.breaking_worker"):
        wait_until(lambda: status_of(deps, actor, run_id) == "failed", seconds=60)
    broken = get_run(deps, actor, run_id=run_id)
    assert broken.reason == "The worker broke off. Retry goes on with what is missing."
    retry_run(deps, actor, run_id=run_id)
    with started(tmp_path / "home", "-m", "services", "worker", "--with-parent"):
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting")
    assert [t.attempt for t in get_run(deps, actor, run_id=run_id).phases[0].tasks] == [1, 1, 1]
