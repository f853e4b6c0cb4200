"""Ten teammates look at one run while it works; all of them see it move within two seconds."""

import asyncio
import threading
from pathlib import Path

import pytest

from services.actors import Actor
from services.deps import Deps
from services.runs.start import start_run
from services.runs.views import list_events
from tests.builders import REQUEST, a_feature
from tests.e2e.conftest import served
from tests.e2e.viewers import Viewer, cookie_of
from tests.machine import stretched
from tests.runs.processes import a_home, approve_gate, started, wait_until

VIEWERS = 10
WITHIN_SECONDS = 2.0
MARKS = ("Gate 1:", "Gate 2:")


@pytest.fixture
def home(tmp_path: Path) -> tuple[Deps, Actor]:
    return a_home(tmp_path / "home")


@pytest.mark.soak  # it measures seconds, so nothing else may be tested beside it
@pytest.mark.timeout(120)
def test_ten_viewers_see_the_run_move_within_two_seconds(home: tuple[Deps, Actor], tmp_path: Path) -> None:
    deps, actor = home
    worker = ("-m", "tests.fakes.slow_engine", str(tmp_path / "log"), "1.5")
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor, REQUEST).id)
    with served(tmp_path / "home", GREENLIGHT_WORKER="external") as address:
        viewers = [Viewer(address, cookie_of(deps, actor), f"run={run_id}", MARKS) for _ in range(VIEWERS)]
        looking = threading.Thread(target=lambda: asyncio.run(watch_all(viewers)))
        looking.start()
        with started(tmp_path / "home", *worker):
            wait_until(lambda: all(MARKS[0] in viewer.arrived for viewer in viewers))
            approve_gate(deps, actor, run_id)
            wait_until(lambda: all(MARKS[1] in viewer.arrived for viewer in viewers))
            looking.join()
    reached = {
        e.data["phase"]: e.at.timestamp() for e in list_events(deps, actor, run_id=run_id) if e.kind == "gate.reached"
    }
    late = {
        mark: sorted(v.arrived[mark] - reached[phase] for v in viewers) for phase, mark in enumerate(MARKS, start=1)
    }
    for mark, seconds in late.items():
        print(f"{mark} median {seconds[VIEWERS // 2]:.2f} s, slowest {seconds[-1]:.2f} s")  # noqa: T201
    assert all(seconds[-1] < stretched(WITHIN_SECONDS) for seconds in late.values()), late


async def watch_all(viewers: list[Viewer]) -> None:
    await asyncio.gather(*(viewer.watch(60) for viewer in viewers))
