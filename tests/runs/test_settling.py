"""The end of a segment: checks, verdicts, and where the run then stands."""

from uuid import UUID

import pytest

from db.tables import Event, Evidence, Verdict
from db.tables.run import RunStatus
from services.actors import ActorKind
from services.deps import Deps
from services.evidence.registry import CHECKS
from services.reviews.views import get_gate
from services.runs import settling
from services.runs.control import cancel_run, retry_run, set_archived
from services.runs.views import list_events, list_evidence, run_version
from services.workflow.criteria import CRITERIA
from services.workflow.options import Methodology
from services.workflow.tasks import PHASES
from tests.builders import REQUEST, a_team
from tests.fakes.scripted_engine import ScriptedEngine, raising
from tests.runs.building import (
    a_failed_run,
    a_run,
    a_run_at_gate,
    approve,
    ask_for,
    rows,
    set_status,
    the_run,
    without_environment,
    work_off,
)

TDD = REQUEST.model_copy(update={"methodology": Methodology.TDD})
# Checks of one methodology or one strategy, which the request of these tests does not have.
ONLY_FOR_SOME = {"tests_red", "experiment"}


def test_a_segment_ends_with_one_verdict_per_criterion(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps))
    assert sorted(v.criterion for v in rows(deps, Verdict, run_id)) == sorted(c.id for c in CRITERIA)


def test_settling_again_changes_nothing(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps))
    version = the_run(deps, run_id).version
    settling.settle(deps, run_id, 1, {})
    assert (len(rows(deps, Verdict, run_id)), the_run(deps, run_id).version) == (len(CRITERIA), version)


def test_settling_an_earlier_segment_leaves_the_run_alone(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    approve(deps, actor, run_id)
    settling.settle(deps, run_id, 1, {})
    assert (the_run(deps, run_id).status, the_run(deps, run_id).phase) == ("running", 2)


def test_a_cancelled_run_is_neither_measured_nor_settled(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3)
    approve(deps, actor, run_id)
    cancel_run(deps, actor, run_id=run_id)
    before = len(rows(deps, Evidence, run_id)), len(rows(deps, Verdict, run_id))
    settling.measure(deps, run_id, 4)
    settling.settle(deps, run_id, 4, {})
    assert (len(rows(deps, Evidence, run_id)), len(rows(deps, Verdict, run_id))) == before
    assert the_run(deps, run_id).status == "cancelled"


def test_each_phase_is_measured_by_its_checks(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps), phase=4)
    measured = sorted((e.phase, e.check) for e in rows(deps, Evidence, run_id))
    due = [(phase, check.name) for phase in (1, 2, 3, 4) for check in CHECKS if phase in check.phases]
    assert measured == sorted((phase, name) for phase, name in due if name not in ONLY_FOR_SOME)


def test_under_tdd_red_is_measured_in_phase_2(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps), phase=2, request=TDD)
    assert (2, "tests_red") in {(e.phase, e.check) for e in rows(deps, Evidence, run_id)}


def test_measuring_again_keeps_the_first_evidence(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps), phase=3)
    set_status(deps, run_id, RunStatus.RUNNING)
    before = {e.id for e in rows(deps, Evidence, run_id)}
    settling.measure(without_environment(deps), run_id, 3)
    assert {e.id for e in rows(deps, Evidence, run_id)} == before


def test_where_nothing_can_be_run_nothing_is_green_but_what_was_only_read(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps), phase=4)
    found = {e.check: e.outcome for e in rows(deps, Evidence, run_id)}
    assert {check: outcome for check, outcome in found.items() if outcome != "not_measured"} == dict.fromkeys(
        ("consistency", "documents"), "passed"
    )
    assert "met" not in {v.outcome for v in rows(deps, Verdict, run_id)}


@pytest.mark.usefixtures("service_python")
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # what is measured does not depend on the database
def test_a_tdd_run_is_red_first_and_green_later_and_is_not_tested_twice(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the checks that it speaks of; whole runs with all of them are in tests/corpus."""
    wanted = {"tests_red", "tests", "optimisation"}
    monkeypatch.setattr(settling, "CHECKS", tuple(check for check in CHECKS if check.name in wanted))
    actor = a_team(deps)
    run_id = a_run(deps, actor, TDD)
    for phase in PHASES:
        work_off(deps, run_id, with_checks=True)
        if phase != PHASES[-1]:
            approve(deps, actor, run_id)
    found = {e.check: e.outcome for e in list_evidence(deps, actor, run_id=run_id)}
    assert (found["tests_red"], found["tests"], found["optimisation"]) == ("passed", "passed", "passed")
    # Phase 4 adds nothing that tests look at: what was measured at gate 3 is what gate 4 shows and judges by.
    assert [e.phase for e in rows(deps, Evidence, run_id) if e.check == "tests"] == [3]
    met = {v.phase for v in rows(deps, Verdict, run_id) if v.outcome == "met" and v.criterion == "test_coverage"}
    assert met == {3, 4}
    gate = get_gate(deps, actor, run_id=run_id)
    assert gate is not None
    assert ("tests", "passed") in {(shown.check, shown.outcome) for shown in gate.checks}


def kinds(deps: Deps, run_id: UUID) -> list[str]:
    events = sorted(rows(deps, Event, run_id), key=lambda event: event.id or 0)
    return [event.kind for event in events if event.kind != "task.text"]


def test_a_run_tells_its_whole_story(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, risk="Look at receipts.")
    work_off(deps, run_id)
    approve(deps, actor, run_id)
    cancel_run(deps, actor, run_id=run_id)
    set_archived(deps, actor, run_id=run_id, archived=True)
    assert kinds(deps, run_id) == [
        "run.started",
        *["task.started", "task.done"] * 3,
        "check.done",
        "gate.reached",
        "gate.changes_requested",
        "task.started",
        "task.done",
        "gate.reached",  # the step came to the same result, so nothing is measured again
        "gate.approved",
        "run.cancelled",
        "run.archived",
    ]


def test_a_failure_and_its_retry_are_told(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_failed_run(deps, actor, ScriptedEngine({"business": raising(ValueError("x"))}))
    retry_run(deps, actor, run_id=run_id)
    assert kinds(deps, run_id) == ["run.started", "task.started", "task.failed", "run.failed", "run.retried"]


def test_every_event_has_a_time_and_an_actor(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=4)
    approve(deps, actor, run_id)
    events = rows(deps, Event, run_id)
    assert [e.kind for e in events if e.at is None or not e.actor_name or e.actor_kind not in set(ActorKind)] == []
    assert {e.actor_kind for e in events} == {"person", "agent", "system"}


def test_an_event_names_who_did_it(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps), phase=3)
    assert {e.kind: e.actor_kind for e in rows(deps, Event, run_id)} == {
        "run.started": "person",
        "task.started": "agent",
        "task.text": "agent",
        "task.done": "agent",
        "check.done": "system",
        "gate.reached": "system",
        "gate.approved": "person",
    }


def test_the_version_moves_with_every_event_but_live_text(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    assert run_version(deps, actor, run_id=run_id) == len(list_events(deps, actor, run_id=run_id))
