"""A model that is down is asked by nobody for a while, then by one, then by all: real requests, a clock that only moves when told."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from db.tables import Breaker, Event, Task
from services.actors import Actor, Role
from services.agents.claude.faults import KINDS
from services.agents.engine import Outcome
from services.deps import Deps
from services.errors import ModelAway
from services.reminders.rounds import run_rounds
from services.runs import breakers, connections, settling
from services.runs.activity import describe
from services.runs.control import retry_run
from services.runs.views import get_run
from services.runs.waiting import resume_waiting
from services.settings import ROOT, Provider
from tests.builders import a_team, in_role
from tests.claude.playing import BY_CLAUDE, Players, playing
from tests.conftest import Clock
from tests.runs.building import a_run, newest_todo, rows, the_run, work_off
from tests.runs.processes import wait_until
from tests.servers import troubles as t
from tests.servers.messages_api import KEY, Answer, MessagesApi, calls, serving

MODEL = "claude-sonnet-5-5"
DOWN = t.status(529, "overloaded_error")


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with serving(MessagesApi(Players())) as server:
        yield server


@pytest.fixture
def installed(deps: Deps, api: MessagesApi) -> Deps:
    provider = Provider(key=KEY, base_url=api.address)
    return replace(deps, settings=replace(deps.settings, provider=provider))


def breaker(deps: Deps, api: MessagesApi) -> Breaker:
    with deps.reading() as session:
        return session.get_one(Breaker, (api.address, MODEL))


def state(deps: Deps, api: MessagesApi) -> str:
    row = breaker(deps, api)
    return "closed" if row.opened_at is None else "half-open" if deps.now() >= (row.retry_at or deps.now()) else "open"


def outage(
    deps: Deps, fault: str = "overloaded", *, times: int = 1, who: str = "run:task", wait: float | None = None
) -> None:
    for _ in range(times):
        breakers.came_of(deps, "http://x", MODEL, Outcome(fault=fault, wait_seconds=wait), who=who)


def answer(deps: Deps, who: str = "run:task") -> None:
    breakers.came_of(deps, "http://x", MODEL, Outcome(is_answer=True), who=who)


def is_admitted(deps: Deps, who: str = "run:task", model: str = MODEL) -> bool:
    try:
        breakers.admit(deps, "http://x", model, who=who)
    except ModelAway:
        return False
    return True


def test_it_opens_after_faults_in_a_row_for_one_model_only(deps: Deps) -> None:
    outage(deps, times=breakers.FAULTS_IN_A_ROW - 1)
    assert is_admitted(deps)
    outage(deps)
    assert not is_admitted(deps)
    assert is_admitted(deps, model="claude-opus-5-5")


def test_an_answer_in_between_and_faults_of_long_ago_do_not_count(deps: Deps, clock: Clock) -> None:
    outage(deps, times=4)
    answer(deps)
    outage(deps, times=4)
    clock.advance(minutes=6)
    outage(deps, times=4)
    assert is_admitted(deps)


def test_one_may_try_when_the_wait_is_over_and_its_answer_lets_all_ask(deps: Deps, clock: Clock) -> None:
    outage(deps, times=5)
    clock.advance(seconds=59)
    assert not is_admitted(deps, "a:task")
    clock.advance(seconds=1)
    assert [is_admitted(deps, who) for who in ("a:task", "b:task", "a:task")] == [True, False, True]
    answer(deps, "b:task")  # was sent before the breaker opened: says nothing about now
    assert not is_admitted(deps, "b:task")
    answer(deps, "a:task")
    assert is_admitted(deps, "b:task")


def test_waits_grow_when_the_one_that_tries_finds_it_down(deps: Deps, clock: Clock) -> None:
    outage(deps, times=5)
    waits = []
    for _ in range(7):
        row = the_breaker(deps)
        assert row.retry_at is not None
        waits.append((row.retry_at - clock.at).total_seconds())
        clock.at = row.retry_at
        assert is_admitted(deps, "a:task")
        outage(deps, who="a:task")
    assert waits == [60, 120, 240, 480, 960, 1800, 1800]


def the_breaker(deps: Deps) -> Breaker:
    with deps.reading() as session:
        return session.get_one(Breaker, ("http://x", MODEL))


def test_a_provider_that_asks_for_more_time_gets_it(deps: Deps, clock: Clock) -> None:
    outage(deps, wait=600)
    assert the_breaker(deps).retry_at == clock.at + timedelta(minutes=10)


def test_who_dies_while_it_tries_keeps_the_others_out_only_as_long_as_its_lease(deps: Deps, clock: Clock) -> None:
    outage(deps, times=5)
    clock.advance(minutes=1)
    assert is_admitted(deps, "dead:task")
    clock.advance(minutes=15)
    assert not is_admitted(deps, "b:task")
    clock.advance(minutes=1)
    assert is_admitted(deps, "b:task")


def test_who_stops_before_an_answer_gives_its_leave_back(deps: Deps, clock: Clock) -> None:
    outage(deps, times=5)
    clock.advance(minutes=1)
    assert is_admitted(deps, "a:task")
    breakers.came_of(deps, "http://x", MODEL, Outcome(), who="a:task")
    assert is_admitted(deps, "b:task")


def test_only_what_is_the_provider_s_opens_it() -> None:
    assert {kind for kind, row in KINDS.items() if row.is_outage} == {
        *("overloaded", "server_error", "timed_out", "no_connection", "broke_off", "stalled"),
    }


@pytest.mark.parametrize(
    "trouble",
    [t.status(400, "invalid_request_error"), t.status(401, "authentication_error"), t.status(429, "rate_limit_error")],
    ids=lambda trouble: trouble.name,
)
def test_faults_of_the_caller_never_open_it(installed: Deps, api: MessagesApi, trouble: t.Trouble) -> None:
    actor = a_team(installed)
    for _ in range(2):
        api.troubles = [trouble] * 8
        work_off(installed, a_run(installed, actor, BY_CLAUDE), engine=playing(api))
    api.troubles = []
    run_id = a_run(installed, actor, BY_CLAUDE)
    work_off(installed, run_id, engine=playing(api))
    assert the_run(installed, run_id).status.value == "waiting"


def test_a_run_that_waits_says_for_what_and_goes_on_when_it_answers(
    installed: Deps, api: MessagesApi, clock: Clock
) -> None:
    actor, engine = a_team(installed), playing(api)
    first, second = two_parked_runs(installed, actor, api)
    said = get_run(installed, actor, run_id=second).reason or ""
    assert f"{MODEL} at {api.address} is not asked since 2026-03-02 09:00:00 UTC, after 5 faults in a row" in said
    assert "It is tried again at 2026-03-02 09:01:00 UTC. The run goes on by itself." in said
    assert "retry" not in said
    assert resume_waiting(installed) == 0
    clock.advance(minutes=1)
    assert resume_waiting(installed) == 1  # one of the two tries
    assert [the_run(installed, id_).status.value for id_ in (first, second)] == ["running", "parked"]
    assert "One request tries it now" in (get_run(installed, actor, run_id=second).reason or "")
    assert resume_waiting(installed) == 0
    work_off(installed, first, engine=engine)
    assert (state(installed, api), the_run(installed, first).status.value) == ("closed", "waiting")
    assert resume_waiting(installed) == 1
    work_off(installed, second, engine=engine)
    assert the_run(installed, second).status.value == "waiting"
    told = [describe(e, {}) for e in rows(installed, Event, second) if e.kind == "run.resumed"]
    assert told == [f"The run went on by itself: {MODEL} at {api.address} answers again."]


def two_parked_runs(deps: Deps, actor: Actor, api: MessagesApi) -> list[UUID]:
    """The first has asked four times, the second once: together they have opened the breaker."""
    api.troubles = [DOWN] * 5
    ids = [a_run(deps, actor, BY_CLAUDE) for _ in range(2)]
    for run_id in ids:
        work_off(deps, run_id, engine=playing(api))
    assert [the_run(deps, id_).status.value for id_ in ids] == ["parked", "parked"]
    assert (len(api.received), state(deps, api)) == (5, "open")
    return ids


def test_a_run_that_needs_a_person_stays_parked(installed: Deps, api: MessagesApi, clock: Clock) -> None:
    actor = a_team(installed)
    waiting, _ = two_parked_runs(installed, actor, api)
    clock.advance(hours=1)
    with installed.session() as session:
        task = session.get_one(Task, (waiting, "business"))
        task.waits_for = None  # as after a wrong key
        session.add(task)
        session.commit()
    assert resume_waiting(installed) == 1
    assert the_run(installed, waiting).status.value == "parked"
    assert "by itself" not in (get_run(installed, actor, run_id=waiting).reason or "")


def test_what_one_run_asks_in_vain_while_others_are_answered_is_asked_more_and_more_seldom(
    installed: Deps, api: MessagesApi, clock: Clock
) -> None:
    run_id = a_run(installed, a_team(installed), BY_CLAUDE)
    rests = []
    for _ in range(3):
        api.troubles = [DOWN] * 4  # a call of the test makes four attempts, one fewer than opens the breaker
        work_off(installed, run_id, engine=playing(api))
        answer_of_another(installed, api)
        parked_at = clock.at
        while not resume_waiting(installed):
            clock.advance(seconds=30)
        rests.append((clock.at - parked_at).total_seconds())
    assert rests == [60, 120, 240]


def answer_of_another(deps: Deps, api: MessagesApi) -> None:
    breakers.came_of(deps, api.address, MODEL, Outcome(is_answer=True), who="other:task")


def test_other_settings_hold_nobody_up(installed: Deps, api: MessagesApi) -> None:
    two_parked_runs(installed, a_team(installed), api)
    moved = replace(installed.settings, provider=Provider(key=KEY, base_url="http://127.0.0.1:9"))
    assert resume_waiting(replace(installed, settings=replace(moved, provider=None))) == 0
    assert resume_waiting(replace(installed, settings=moved)) == 2


def test_a_trial_that_works_lets_all_ask_again(installed: Deps, api: MessagesApi) -> None:
    actor = a_team(installed)
    two_parked_runs(installed, actor, api)
    found = connections.find_connection(installed, actor)
    assert found is not None
    assert [away.model for away in found.away] == [MODEL]
    api.script = lambda _request: Players().turns("business")[-1]
    connections.try_connection(installed, in_role(actor, Role.MEMBER))
    assert state(installed, api) == "closed"
    assert resume_waiting(installed) == 2


def test_the_loop_of_reminders_lets_runs_go_on(installed: Deps, api: MessagesApi, clock: Clock) -> None:
    first, _ = two_parked_runs(installed, a_team(installed), api)
    clock.advance(minutes=1)
    run_rounds(installed, OneTurn())  # type: ignore[arg-type]
    assert the_run(installed, first).status.value == "running"
    assert newest_todo(installed, first)["business"] == [1, 2]


@dataclass
class OneTurn:
    """Lets a loop turn once."""

    turns: int = 0

    def wait(self, _seconds: float) -> bool:
        self.turns += 1
        return self.turns > 1


@dataclass
class Processes:
    """Starts workers over the database of a test; `clock` is a file that tells them the time."""

    deps: Deps
    api: MessagesApi
    clock: Path

    def start(self, run_id: UUID, attempt: int) -> subprocess.Popen[str]:
        self.clock.write_text(self.deps.now().isoformat(), encoding="utf-8")
        database = str(self.deps.settings.database_url).replace("postgresql+psycopg://", "postgresql://")
        words = (
            database,
            str(self.deps.settings.data_dir),
            str(self.clock),
            self.api.address,
            str(run_id),
            str(attempt),
        )
        command = [sys.executable, "-m", "tests.fakes.working_process", *words]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def end(self, process: subprocess.Popen[str], run_id: UUID) -> str:
        said, _ = process.communicate(timeout=60)
        run = the_run(self.deps, run_id)
        settling.settle(self.deps, run_id, run.segment, {})
        return said.strip()


@pytest.mark.soak
@pytest.mark.timeout(180)
def test_processes_share_what_they_find(installed: Deps, api: MessagesApi, clock: Clock, tmp_path: Path) -> None:
    actor, processes = a_team(installed), Processes(installed, api, tmp_path / "clock")
    one, other = (a_run(installed, actor, BY_CLAUDE) for _ in range(2))
    api.troubles = [DOWN] * 5
    assert processes.end(processes.start(one, 1), one) == "parked"
    assert processes.end(processes.start(other, 1), other) == "parked"
    assert (len(api.received), state(installed, api)) == (5, "open")

    retry_run(installed, actor, run_id=other)  # a click before the time asks nothing
    assert processes.end(processes.start(other, 2), other) == "parked"
    assert len(api.received) == 5

    clock.advance(minutes=1)
    assert resume_waiting(installed) == 1
    retry_run(installed, actor, run_id=other)
    released, players = threading.Event(), Players()

    def slow(request: dict[str, Any]) -> Answer:
        assert released.wait(100)
        return players(request)

    api.script = slow  # the one that tries is not answered yet when the other asks
    tries = processes.start(one, 2)
    wait_until(lambda: len(api.received) == 6)
    assert processes.end(processes.start(other, 3), other) == "parked"
    assert "One request tries it now" in (get_run(installed, actor, run_id=other).reason or "")
    assert len(api.received) == 6
    released.set()
    assert processes.end(tries, one) == "done"
    assert state(installed, api) == "closed"
    assert resume_waiting(installed) == 1
    assert processes.end(processes.start(other, 4), other) == "done"


def test_a_run_that_asks_the_team_after_an_outage_waits_for_people(
    installed: Deps, api: MessagesApi, clock: Clock
) -> None:
    first, second = two_parked_runs(installed, a_team(installed), api)
    clock.advance(minutes=1)
    asks = calls(("ask_team", {"question": "Refunds too?", "choices": ["yes", "no"]}))
    api.script = Players(instead={("business", 0): asks})
    assert resume_waiting(installed) == 1
    work_off(installed, first, engine=playing(api))
    assert (the_run(installed, first).status.value, state(installed, api)) == ("parked", "closed")
    clock.advance(hours=2)
    assert resume_waiting(installed) == 1  # the other one
    assert [the_run(installed, id_).status.value for id_ in (first, second)] == ["parked", "running"]
