"""The table of faults in the middle of a run: what comes out is byte for byte what comes out without them, and paid once."""

import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from db.tables import Revision, Run
from services.actors import Actor
from services.agents.claude.engine import ClaudeEngine
from services.agents.claude.faults import KINDS
from services.agents.claude.streams import Limits
from services.deps import Deps
from services.errors import GreenlightError, ModelAway
from services.runs.control import retry_run
from services.runs.views import get_run, read_workspace
from services.settings import read_settings
from tests.builders import a_team
from tests.claude.calling import a_caller, a_provider
from tests.claude.playing import BY_CLAUDE, Players, connected, task_of, turn_of
from tests.claude.troubling import ENDING, PASSING
from tests.conftest import Clock, RecordingDispatcher
from tests.runs.building import a_run, approve, rows, the_run, work_off
from tests.servers.messages_api import Answer, MessagesApi
from tests.servers.troubles import Trouble
from tests.soaking import SEED, slice_of

# Long enough for any machine, but for faults that only a limit on time ends.
PATIENT = Limits(idle_seconds=10.0, total_seconds=60.0)
QUICK = Limits(idle_seconds=0.5, total_seconds=1.0)
QUICK_BESIDE = Limits(idle_seconds=1.0, total_seconds=1.5)  # the two agents wait for each other first


@dataclass(frozen=True)
class Place:
    """A call of a run: `turn` of `task`, in the segment of `phase`; `beside`: the task whose agent works meanwhile."""

    name: str
    phase: int
    task: str
    turn: int | str
    beside: str = ""

    def is_of(self, request: dict[str, Any]) -> bool:
        return (task_of(request), turn_of(request)) == (self.task, self.turn)


PLACES = (
    Place("the first turn of a task", 1, "business", 0),
    Place("a turn after tools", 1, "architecture", 1),
    Place("the records", 1, "architecture", "records"),
    Place("beside another agent", 2, "backend", 1, beside="data"),
    Place("the last call", 1, "risk", "records"),
)


@dataclass
class Meeting:
    """The agent beside has asked when the fault comes, and is not answered before it has come."""

    place: Place
    players: Players = field(default_factory=Players)
    is_beside: threading.Event = field(default_factory=threading.Event)
    has_come: threading.Event = field(default_factory=threading.Event)

    def __call__(self, request: dict[str, Any]) -> Answer:
        if self.place.beside == task_of(request):
            self.is_beside.set()
            assert self.has_come.wait(PATIENT.idle_seconds)
        return self.players(request)

    def meant_for(self, request: dict[str, Any]) -> bool:
        if not self.place.is_of(request):
            return False
        if self.place.beside:
            assert self.is_beside.wait(PATIENT.idle_seconds)
        self.has_come.set()
        return True


@dataclass(frozen=True)
class Made:
    """Everything that a run has handed over, and the requests that led to it."""

    files: dict[str, bytes]
    revisions: dict[str, tuple[Any, ...]]
    asked: frozenset[bytes]


@dataclass(frozen=True)
class Begun:
    """A database in which a run stands before the first task of a phase, and what comes of that without a fault."""

    database: Path
    run_id: UUID
    actor: Actor
    made: Made


@pytest.fixture(scope="module")
def begun(
    server: MessagesApi,
    sqlite_template: Path,
    engine_over: Callable[[str], Engine],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[int, Begun]:
    """Phase -> the run before it."""
    data = tmp_path_factory.mktemp("begun")
    shutil.copyfile(sqlite_template, data / "greenlight.db")
    settings = read_settings({"GREENLIGHT_DATA": str(data)})
    database = engine_over(settings.database_url)
    deps = connected(Deps(settings, database, RecordingDispatcher(), Clock(), uuid4, ledger_key=b"k" * 32))
    actor, found = a_team(deps), dict[int, Begun]()
    run_id = a_run(deps, actor, BY_CLAUDE)
    for phase in (1, 2):
        if phase > 1:
            approve(deps, actor, run_id)
        database.dispose()  # so that the file is whole
        kept = Path(shutil.copyfile(data / "greenlight.db", data / f"before-{phase}.db"))
        server.begin_anew(Players())
        work_off(deps, run_id, engine=an_engine(server, PATIENT), together=True)
        found[phase] = Begun(kept, run_id, actor, made(deps, server, actor, run_id))
    database.dispose()
    return found


@dataclass(frozen=True)
class InPlace:
    """A run, about to meet a fault. `limits`: of its calls."""

    deps: Deps
    api: MessagesApi
    begun: Begun
    place: Place
    limits: Limits

    def work_off(self) -> None:
        work_off(self.deps, self.begun.run_id, engine=an_engine(self.api, self.limits), together=True)

    @property
    def status(self) -> str:
        return self.run.status.value

    @property
    def run(self) -> Run:
        return the_run(self.deps, self.begun.run_id)

    def check(self, *, asked_here: int) -> None:
        """The run is whole. `asked_here`: how often the call in this place was sent; every other one was sent once."""
        assert (self.status, self.run.reason) == ("waiting", None)
        assert made(self.deps, self.api, self.begun.actor, self.begun.run_id) == self.begun.made
        asked = Counter(received.body for received in self.api.received)
        here = {received.body for received in self.api.received if self.place.is_of(received.data)}
        assert dict(asked) == {body: asked_here if body in here else 1 for body in self.begun.made.asked}
        answered = Counter(received.body for received in self.api.received if received.is_answered)
        assert set(answered.values()) == {1}
        assert len(answered) == len(asked)
        self.check_cost()

    def check_cost(self) -> None:
        """What is shown is never below what was billed."""
        caller = an_engine(self.api, self.limits).caller
        billed = sum(caller.cost_usd(model, usage) or 0 for model, usage in self.api.billed)
        shown = get_run(self.deps, self.begun.actor, run_id=self.begun.run_id).cost_usd
        assert shown is not None
        assert shown >= billed - 1e-9


Put = Callable[[Place, Sequence[Trouble]], InPlace]


@pytest.fixture
def put(deps: Deps, server: MessagesApi, begun: dict[int, Begun]) -> Iterator[Put]:
    """A run whose call in a place meets the troubles, one a request."""

    def made(place: Place, troubles: Sequence[Trouble]) -> InPlace:
        before, meeting = begun[place.phase], Meeting(place)
        shutil.copyfile(before.database, deps.settings.data_dir / "greenlight.db")
        server.begin_anew(meeting)
        server.troubles, server.meant_for = list(troubles), meeting.meant_for
        quick = QUICK_BESIDE if place.beside else QUICK
        limits = quick if any(trouble.is_slow for trouble in troubles) else PATIENT
        return InPlace(connected(deps), server, before, place, limits)

    yield made
    server.begin_anew(Players())


def an_engine(api: MessagesApi, limits: Limits) -> ClaudeEngine:
    return ClaudeEngine(a_caller(a_provider(api), limits=limits))


def made(deps: Deps, api: MessagesApi, actor: Actor, run_id: UUID) -> Made:
    revisions = {
        r.task_key: (r.number, r.report, r.records, r.tree, r.prompts, r.output_hash)
        for r in rows(deps, Revision, run_id)
    }
    asked = frozenset(received.body for received in api.received)
    return Made(read_workspace(deps, actor, run_id=run_id), revisions, asked)


def cases_of(faults: Sequence[tuple[Any, ...]], *, at_once: int) -> list[Any]:
    """Each fault in each place: a few quick ones of every place in each round of tests, drawn by lot, the others in the long one."""
    cases = []
    for place in PLACES:
        drawn = random.Random(f"{SEED} {place.name}").sample(faults, slice_of(len(faults), least=at_once))
        for number, fault in enumerate(sorted(drawn, key=lambda fault: bool(fault[0].is_slow))):
            marks = pytest.mark.soak if number >= at_once else ()
            cases.append(pytest.param(place, *fault, id=f"{place.name}: {fault[0].name}", marks=marks))
    return cases


on_one_database = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@on_one_database
@pytest.mark.parametrize(("place", "trouble"), cases_of([(trouble,) for trouble in PASSING], at_once=2))
def test_what_passes_leaves_no_trace_in_what_a_run_makes(put: Put, place: Place, trouble: Trouble) -> None:
    run = put(place, [trouble])
    run.work_off()
    run.check(asked_here=2)


@on_one_database
@pytest.mark.parametrize(("place", "trouble", "kind", "ends_as", "requests"), cases_of(ENDING, at_once=1))
def test_what_stays_ends_the_run_in_words_and_a_retry_finishes_it(
    put: Put, place: Place, trouble: Trouble, kind: str, ends_as: type[GreenlightError], requests: int
) -> None:
    run = put(place, [trouble] * requests * 2)
    run.work_off()
    asked = [received.data for received in run.api.received if place.is_of(received.data)]
    said = KINDS[kind].said.format(who=run.api.address, model=asked[0]["model"])
    assert (run.status, len(asked)) == ("parked" if ends_as is ModelAway else "failed", requests)
    assert f": {said}" in (run.run.reason or "")
    run.check_cost()
    run.api.troubles = []
    retry_run(run.deps, run.begun.actor, run_id=run.begun.run_id)
    run.work_off()
    run.check(asked_here=requests + 1)
