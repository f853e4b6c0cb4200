"""Workers are killed again and again at moments drawn by lot; every run ends, and finished work is never begun again."""

import random
import time
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from db.tables import Revision
from services.actors import Actor
from services.deps import Deps
from services.runs.start import start_run
from services.workflow.options import Methodology
from tests.builders import REQUEST, a_feature
from tests.runs.processes import a_home, approve_gate, started, status_of
from tests.soaking import SECONDS, SEED

# Two of three workers die in the middle of things; the third lives long enough for the longest check, which begins anew
# with each worker.
SHORT_LIFE_SECONDS, LONG_LIFE_SECONDS = (2.5, 9.0), 45.0


def lifetime(lots: random.Random) -> float:
    return lots.uniform(*SHORT_LIFE_SECONDS) if lots.random() < 2 / 3 else LONG_LIFE_SECONDS


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 300)
def test_runs_end_however_often_their_workers_are_killed(tmp_path: Path) -> None:
    lots = random.Random(SEED)
    deps, actor = a_home(tmp_path / "home")
    log = tmp_path / "log"
    deadline, runs, kills = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < deadline or not runs:
        request = REQUEST.model_copy(update={"methodology": lots.choice(list(Methodology))})
        run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, request).id)
        log.unlink(missing_ok=True)
        while status_of(deps, actor, run_id) != "finished":
            kills += live(deps, actor, run_id, tmp_path / "home", log, seconds=lifetime(lots))
            assert time.monotonic() < deadline + 240, f"run {runs + 1} does not end; seed {SEED}, {kills} kills"
        assert begun_after_their_revision(deps, run_id, log) == [], f"seed {SEED}"
        runs += 1
    assert kills


def live(deps: Deps, actor: Actor, run_id: UUID, home: Path, log: Path, *, seconds: float) -> int:
    """One worker's life: it works, gates are approved, then it is killed, unless the run has finished. Kills."""
    with started(home, "-m", "tests.fakes.slow_engine", str(log), "0.4") as worker:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = status_of(deps, actor, run_id)
            if status == "finished":
                return 0
            if status == "waiting":
                approve_gate(deps, actor, run_id)
            time.sleep(0.05)
        worker.kill()
        worker.wait()
    return 1


def begun_after_their_revision(deps: Deps, run_id: UUID, log: Path) -> list[str]:
    """Task keys that were begun although their revision was there already."""
    with deps.reading() as session:
        made = {
            r.task_key: r.created_at.timestamp()
            for r in session.exec(select(Revision).where(Revision.run_id == run_id))
        }
    begun = [line.split() for line in log.read_text().splitlines() if line.startswith("begun")]
    assert {key for _, key, *_ in begun} == set(made)
    return [key for _, key, _, at in begun if float(at) > made[key]]
