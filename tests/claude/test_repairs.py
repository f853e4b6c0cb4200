"""Agents with a model mend what checks found in the sandbox, before people are asked; against a server that speaks the Messages API."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from db.tables import Call, Decision, Event, Evidence, Revision
from services.actors import Actor
from services.agents.claude.calls import Caller
from services.deps import Deps
from services.evidence.registry import CHECKS
from services.runs import budgets, repairs, settling, work
from services.runs.control import cancel_run, retry_run
from services.runs.repairs import ask_repairs, list_repairs
from services.runs.views import get_run, list_evidence, read_workspace
from services.workflow.tasks import TASKS
from tests.agents.chain import files_of
from tests.builders import a_team
from tests.claude.playing import BY_CLAUDE, Killed, Players, connected, dies_at, lines_for, playing
from tests.claude.repairing import BROKEN_SERVICE, FAILING_TEST, UNTIDY_DESIGN, Repairing
from tests.conftest import Clock
from tests.fakes import word_check
from tests.runs.building import a_run, approve, rows, the_run, work_off
from tests.servers.messages_api import Answer, MessagesApi

pytestmark = [
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),  # the loop on both kinds is in tests/runs
    pytest.mark.timeout(300),
]


@pytest.fixture
def deps(deps: Deps, clock: Clock) -> Deps:
    """With a provider, and a clock that moves, as clocks do while agents work."""

    def now() -> datetime:
        clock.advance(seconds=1)
        return clock.at

    return connected(replace(deps, now=now))


@pytest.fixture
def actor(deps: Deps) -> Actor:
    return a_team(deps)


@pytest.fixture
def some_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the real ones that the whole run speaks of; whole runs with all of them are in tests/corpus."""
    wanted = {"tests", "optimisation", "contract", "consistency"}
    monkeypatch.setattr(settling, "CHECKS", tuple(check for check in CHECKS if check.name in wanted))


@pytest.fixture
def only_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (settling, repairs):
        monkeypatch.setattr(module, "CHECKS", word_check.CHECKS)


def outcomes(deps: Deps, run_id: UUID, check: str) -> list[str]:
    found = sorted(rows(deps, Evidence, run_id), key=lambda e: e.started_at)
    return [e.outcome for e in found if e.check == check]


@pytest.mark.whole_run
@pytest.mark.usefixtures("service_python", "some_checks")
def test_twelve_agents_with_tools_make_a_workspace_whose_tests_pass_after_repairs(
    deps: Deps, actor: Actor, api: MessagesApi
) -> None:
    """First the service does not start, then a test fails: each goes to the agent whose file stands there."""
    api.script = players = Repairing(mistakes=(FAILING_TEST, BROKEN_SERVICE))
    engine = playing(api)
    run_id = a_run(deps, actor, BY_CLAUDE)
    for phase in (1, 2, 3, 4):
        work_off(deps, run_id, engine=engine, with_checks=True)
        assert (the_run(deps, run_id).status, the_run(deps, run_id).phase) == ("waiting", phase)
        if phase == 3:
            mended = [(v.task_key, v.revision, v.round) for v in list_repairs(deps, actor, run_id=run_id)]
            assert mended == [("performance", 2, 1), ("tests", 2, 2)]
        check_decided_gates(deps, run_id)
        if phase < 4:
            approve(deps, actor, run_id)
    assert outcomes(deps, run_id, "tests") == ["not_measured", "failed", "passed"]
    newest = {e.check: e for e in reversed(list_evidence(deps, actor, run_id=run_id))}
    assert {check: e.outcome for check, e in newest.items()} == dict.fromkeys(newest, "passed")
    assert newest["tests"].isolation == "bubblewrap"
    assert newest["tests"].figures["failed"] == 0
    lines = lines_for(Players().request.model_dump_json())
    assert {r.task_key for r in rows(deps, Revision, run_id)} == {task.key for task in TASKS} == set(lines)
    assert read_workspace(deps, actor, run_id=run_id) == files_of(lines.values())
    place = '"place":"tests/test_expenses.py:'
    assert [place in told for told in players.told] == [False, True]


def check_decided_gates(deps: Deps, run_id: UUID) -> None:
    """What was shown at each of them is what is still there."""
    now = {r.task_key: r.output_hash for r in sorted(rows(deps, Revision, run_id), key=lambda r: r.number)}
    for decision in rows(deps, Decision, run_id):
        early = {task.key for task in TASKS if task.phase <= decision.phase}
        shown = {key: one["output_hash"] for key, one in decision.shown.items() if key in early}
        assert shown == {key: now[key] for key in early}


@pytest.mark.usefixtures("only_words")
def test_an_agent_that_only_reports_ends_the_rounds_and_people_see_what_is_left(
    deps: Deps, actor: Actor, api: MessagesApi
) -> None:
    api.script = players = Repairing(mistakes=(UNTIDY_DESIGN,), mends=False)
    run_id = a_run(deps, actor, BY_CLAUDE)
    work_off(deps, run_id, engine=playing(api))
    assert (the_run(deps, run_id).status, outcomes(deps, run_id, "words")) == ("waiting", ["failed"])
    assert len(players.told) == 1
    [left] = list_evidence(deps, actor, run_id=run_id)
    assert [finding["rule"] for finding in left.findings] == ["out-of-order"]


def asked_to_repair(deps: Deps, actor: Actor, api: MessagesApi, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """The untidy design is measured, and its repair is to be worked off."""
    api.script = Repairing(mistakes=(UNTIDY_DESIGN,))
    run_id = a_run(deps, actor, BY_CLAUDE)
    quiet = replace(deps, settings=replace(deps.settings, repair_rounds=0))
    with monkeypatch.context() as patch:
        patch.setattr(settling, "settle", lambda *_: None)
        work_off(quiet, run_id, engine=playing(api))
    assert ask_repairs(deps, {"claude": playing(api)}, run_id, 1) == {"architecture": [2, 1], "risk": [2, 1]}
    return run_id


def execute(deps: Deps, api: MessagesApi, run_id: UUID) -> work.Ending:
    return work.execute(deps, {"claude": playing(api)}, run_id, "architecture", 2, 1)


@pytest.mark.usefixtures("only_words")
def test_a_worker_that_dies_in_a_repair_repeats_only_the_call_in_flight(
    deps: Deps, actor: Actor, api: MessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = asked_to_repair(deps, actor, api, monkeypatch)
    before = len(api.received)
    with monkeypatch.context() as patch:
        patch.setattr(Caller, "call", dies_at("turn-3"))
        with pytest.raises(Killed):
            execute(deps, api, run_id)
    assert len(api.received) - before == 2
    assert execute(deps, api, run_id) is work.Ending.DONE
    sent = [received.body for received in api.received[before:]]
    assert (len(sent), len(set(sent))) == (4, 4)


@pytest.mark.usefixtures("only_words")
def test_a_cancel_in_a_repair_asks_nothing_more(
    deps: Deps, actor: Actor, api: MessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = asked_to_repair(deps, actor, api, monkeypatch)
    players, before = api.script, len(api.received)

    def cancels(request: dict[str, Any]) -> Answer:
        answer = players(request)
        cancel_run(deps, actor, run_id=run_id)
        return answer

    api.script = cancels
    assert execute(deps, api, run_id) is work.Ending.CANCELLED
    assert len(api.received) == before + 1
    assert [r.number for r in rows(deps, Revision, run_id) if r.task_key == "architecture"] == [1]


@pytest.mark.usefixtures("only_words")
def test_a_repair_stays_within_the_limit_of_the_run(
    deps: Deps, actor: Actor, api: MessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = asked_to_repair(deps, actor, api, monkeypatch)
    spent = get_run(deps, actor, run_id=run_id).cost_usd
    assert spent
    budgets.set_cost_limit(deps, actor, run_id=run_id, limit_usd=spent + 0.01)
    kept = {r.id for r in rows(deps, Revision, run_id)}
    assert execute(deps, api, run_id) is work.Ending.PARKED
    settling.settle(deps, run_id, 1, {})
    assert (the_run(deps, run_id).status, {r.id for r in rows(deps, Revision, run_id)}) == ("parked", kept)
    budgets.set_cost_limit(deps, actor, run_id=run_id, limit_usd=None)
    retry_run(deps, actor, run_id=run_id)
    work_off(deps, run_id, engine=playing(api))
    assert (the_run(deps, run_id).status, outcomes(deps, run_id, "words")) == ("waiting", ["failed", "passed"])
    assert [e.data["round"] for e in rows(deps, Event, run_id) if e.kind == "repair.asked"] == [1]
    assert all(call.cost_usd for call in rows(deps, Call, run_id) if call.revision == 2 and "tool" not in call.key)
