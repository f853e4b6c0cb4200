"""Real worker processes of the claude engine: by command line, killed in the middle of the tools, and gone on."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.actors import Actor
from services.deps import Deps
from services.runs.questions import answer_question, list_questions
from services.runs.start import start_run
from services.runs.views import get_run
from services.settings import ROOT
from tests.builders import REQUEST, a_feature
from tests.claude.playing import BY_CLAUDE, Players, connected, is_for_records, task_of
from tests.runs.processes import a_home, approve_gate, started, status_of, wait_until
from tests.servers.messages_api import KEY, Answer, MessagesApi, calls, serving
from tests.soaking import SEED, slice_of


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with serving(MessagesApi(Players())) as server:
        yield server


def told(api: MessagesApi) -> dict[str, str]:
    return {"GREENLIGHT_MODEL_URL": api.address, "ANTHROPIC_API_KEY": KEY}


@pytest.mark.timeout(180)
def test_the_command_line_takes_a_feature_to_its_first_gate(tmp_path: Path, api: MessagesApi) -> None:
    a_home(tmp_path)
    command = [
        *(
            sys.executable,
            "-m",
            "services",
            "run",
            "--as",
            "ada",
            "--title",
            REQUEST.title,
            "--feature",
            REQUEST.description,
        ),
        *(
            "--methodology",
            "traditional",
            "--complexity",
            "simple",
            "--engine",
            "claude",
            "--engine",
            "3=blueprint",
            "--cost-limit",
            "9.50",
            "--json",
        ),
    ]
    environment = {**os.environ, "GREENLIGHT_DATA": str(tmp_path), **told(api)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 4, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["engine"]) == ("waiting", "claude")
    assert [step["engine"] for step in answer["phases"][0]["steps"]] == ["claude", "claude", "blueprint"]
    assert 0 < answer["cost_usd"] < 9.5
    assert KEY not in done.stdout + done.stderr


def killed_often(deps: Deps, actor: Actor, home: Path, api: MessagesApi, *, kills: int) -> UUID:
    """Phase 1 by workers that are killed after an answer or two; the last one may live."""
    lots = random.Random(SEED)
    api.pause_seconds = 0.002
    run_id = start_run(connected(deps), actor, feature_id=a_feature(deps, actor, BY_CLAUDE).id)
    for _ in range(kills):
        short_life(deps, actor, home, api, run_id, lots)
        if status_of(deps, actor, run_id) != "running":
            return run_id
    with started(home, "-m", "services", "worker", "--with-parent", **told(api)):
        wait_until(lambda: status_of(deps, actor, run_id) != "running", seconds=90)
    return run_id


def short_life(deps: Deps, actor: Actor, home: Path, api: MessagesApi, run_id: UUID, lots: random.Random) -> None:
    """A worker that is killed soon after it has asked something."""
    enough = len(api.received) + lots.randint(1, 2)
    with started(home, "-m", "services", "worker", "--with-parent", **told(api)) as worker:
        wait_until(lambda: len(api.received) >= enough or status_of(deps, actor, run_id) != "running", seconds=60)
        time.sleep(lots.uniform(0, 0.4))
        worker.send_signal(signal.SIGKILL)
        worker.wait()


def check_paid_once(deps: Deps, actor: Actor, api: MessagesApi, run_id: UUID, *, kills: int) -> None:
    """A kill repeats at most the call in flight, and what it may have cost is counted."""
    run = get_run(deps, actor, run_id=run_id)
    assert (run.status.value, run.reason) == ("waiting", None)
    again = Counter(received.body for received in api.received)
    assert sum(count - 1 for count in again.values()) <= kills
    assert run.cost_usd is not None
    assert run.cost_usd > 0


def asked_in_phase_2(deps: Deps, actor: Actor, run_id: UUID) -> Players:
    """The backend asks; while the data pipeline works beside it, somebody answers."""
    turns = Players().turns("backend")
    asks = calls(("ask_team", {"question": "Is a receipt kept by the service?"}), first_id=900)
    instead: dict[tuple[str, int | str], Answer] = {("backend", n + 1): turn for n, turn in enumerate(turns)}

    class Answering(Players):
        def __call__(self, request: dict[str, Any]) -> Answer:
            if task_of(request) == "data" and not is_for_records(request) and len(request["messages"]) == 1:
                wait_until(lambda: bool(list_questions(deps, actor, run_id=run_id)), seconds=30)
                [question] = list_questions(deps, actor, run_id=run_id)
                answer_question(deps, actor, question_id=question.id, text="Yes.")
            return super().__call__(request)

    return Answering(instead={**instead, ("backend", 0): asks})


@pytest.mark.timeout(240)
def test_an_answer_while_others_work_goes_on_in_the_same_segment(tmp_path: Path, api: MessagesApi) -> None:
    deps, actor = a_home(tmp_path)
    run_id = start_run(connected(deps), actor, feature_id=a_feature(deps, actor, BY_CLAUDE).id)
    quick = {"GREENLIGHT_ENVIRONMENTS": str(tmp_path / "none")}
    with started(tmp_path, "-m", "services", "worker", "--with-parent", **told(api), **quick):
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting", seconds=90)
        api.script = asked_in_phase_2(deps, actor, run_id)
        approve_gate(deps, actor, run_id)
        wait_until(lambda: status_of(deps, actor, run_id) != "running", seconds=120)
    run = get_run(deps, actor, run_id=run_id)
    backend = run.task("backend")
    assert (run.status.value, run.phase, run.segment) == ("waiting", 2, 2)
    assert backend is not None
    assert (backend.status.value, backend.attempt) == ("done", 2)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_workers_that_are_killed_thirty_times_repeat_no_answered_call(tmp_path: Path, api: MessagesApi) -> None:
    kills = 0
    while kills < slice_of(30):
        api.begin_anew(Players())
        deps, actor = a_home(tmp_path / str(kills))
        run_id = killed_often(deps, actor, tmp_path / str(kills), api, kills=5)
        check_paid_once(deps, actor, api, run_id, kills=5)
        kills += 5
