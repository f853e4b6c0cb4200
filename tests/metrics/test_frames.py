"""A team's figures, computed by hand from runs whose clock only moves when it is told."""

import pytest

from services.actors import Actor, Role
from services.deps import Deps
from services.metrics.definitions import DEFINITIONS
from services.metrics.frames import team_metrics
from services.runs.control import cancel_run, delete_run, set_archived
from tests.builders import a_team, in_role
from tests.conftest import Clock
from tests.fakes.scripted_engine import ScriptedEngine
from tests.runs.building import a_run, a_run_at_gate, approve, ask_for, go_on_to_gate, work_off

SECONDS_PER_TASK = 10.0
PHASE_SECONDS = 3 * SECONDS_PER_TASK
HOUR = 3600.0


def slow(clock: Clock, cost_usd: float | None = 0.0) -> ScriptedEngine:
    """Every task takes ten seconds."""
    return ScriptedEngine(before=lambda: clock.advance(seconds=SECONDS_PER_TASK), cost_usd=cost_usd)


def test_a_team_without_runs_has_no_figures(deps: Deps) -> None:
    found = team_metrics(deps, a_team(deps))
    assert (found.runs, found.finished, found.steps, found.waits, found.criteria) == (0, 0, (), (), ())
    assert [found.lead_time_seconds, found.wait_share, found.first_pass_share, found.rework_share, found.cost_usd] == [
        None
    ] * 5


def test_a_run_that_has_just_started_divides_by_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    a_run(deps, actor)
    found = team_metrics(deps, actor)
    assert (found.runs, found.wait_share, found.cost_usd) == (1, None, None)


def test_a_step_lasts_from_its_start_to_its_result(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    a_run_at_gate(deps, actor, engine=slow(clock))
    steps = team_metrics(deps, actor).steps
    assert [(s.task_key, s.step, s.phase, s.seconds, s.cause) for s in steps] == [
        ("business", 1, 1, 10.0, "start"),
        ("architecture", 2, 1, 10.0, "start"),
        ("risk", 3, 1, 10.0, "start"),
    ]


def test_a_gate_waits_until_its_decision(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=slow(clock))
    clock.advance(hours=1)
    approve(deps, actor, run_id)
    clock.advance(hours=5)
    assert [(w.run_number, w.phase, w.seconds) for w in team_metrics(deps, actor).waits] == [(1, 1, HOUR)]


def test_a_gate_that_nobody_decided_waits_until_now(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    a_run_at_gate(deps, actor, engine=slow(clock))
    clock.advance(seconds=70)
    assert team_metrics(deps, actor).wait_share == 70 / (PHASE_SECONDS + 70)


def test_a_gate_of_a_cancelled_run_waited_until_the_cancel(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=slow(clock))
    clock.advance(seconds=90)
    cancel_run(deps, actor, run_id=run_id)
    clock.advance(days=3)
    assert team_metrics(deps, actor).wait_share == 90 / (PHASE_SECONDS + 90)


def test_a_gate_that_is_reached_twice_waits_twice(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=slow(clock))
    clock.advance(seconds=100)
    ask_for(deps, actor, run_id, risk="More.")
    work_off(deps, run_id, engine=slow(clock))
    clock.advance(seconds=200)
    approve(deps, actor, run_id)
    assert sorted(w.seconds for w in team_metrics(deps, actor).waits) == [100, 200]


def test_the_lead_time_goes_from_the_start_to_the_last_approval(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=4, engine=slow(clock))
    clock.advance(hours=1)
    approve(deps, actor, run_id)
    clock.advance(hours=9)
    found = team_metrics(deps, actor)
    assert (found.finished, found.lead_time_seconds) == (1, 12 * SECONDS_PER_TASK + HOUR)
    assert found.wait_share == HOUR / (12 * SECONDS_PER_TASK + HOUR)


def test_a_run_that_is_not_finished_has_no_lead_time(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    cancel_run(deps, actor, run_id=a_run_at_gate(deps, actor, engine=slow(clock)))
    found = team_metrics(deps, actor)
    assert (found.runs, found.finished, found.lead_time_seconds) == (1, 0, None)


@pytest.mark.parametrize(("cost", "total"), [(0.25, 0.75), (0.0, 0.0), (None, None)])
def test_costs_are_summed_and_unknown_is_not_zero(
    deps: Deps, clock: Clock, cost: float | None, total: float | None
) -> None:
    actor = a_team(deps)
    a_run_at_gate(deps, actor, engine=slow(clock, cost))
    found = team_metrics(deps, actor)
    assert (found.cost_usd, {step.cost_usd for step in found.steps}) == (total, {cost})


def test_one_unknown_cost_makes_the_sum_unknown(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    a_run_at_gate(deps, actor, engine=slow(clock, 0.25))
    a_run_at_gate(deps, actor, engine=slow(clock, None))
    assert team_metrics(deps, actor).cost_usd is None


def test_rework_is_what_a_change_request_caused(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=slow(clock))
    ask_for(deps, actor, run_id, architecture="More.")
    work_off(deps, run_id, engine=slow(clock))
    assert team_metrics(deps, actor).rework_share == 1 / 4  # the risk step kept what it had


def first_pass_share(deps: Deps, actor: Actor) -> float | None:
    return team_metrics(deps, actor).first_pass_share


def test_a_gate_that_was_approved_at_once_passed_first_time(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=slow(clock))
    assert first_pass_share(deps, actor) is None
    approve(deps, actor, run_id)
    assert first_pass_share(deps, actor) == 1.0


def test_a_gate_with_a_change_request_before_did_not_pass_first_time(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=slow(clock))
    ask_for(deps, actor, run_id, risk="More.")
    work_off(deps, run_id, engine=slow(clock))
    go_on_to_gate(deps, actor, run_id, 2, engine=slow(clock))
    approve(deps, actor, run_id)
    assert first_pass_share(deps, actor) == 1 / 2


def test_a_change_request_after_an_approval_does_not_change_how_it_passed(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=2, engine=slow(clock))
    assert first_pass_share(deps, actor) == 1.0
    ask_for(deps, actor, run_id, risk="Back to the first phase.")
    work_off(deps, run_id, engine=slow(clock))
    clock.advance(seconds=1)
    ask_for(deps, actor, run_id, risk="And again.")
    assert first_pass_share(deps, actor) == 1.0


def test_every_segment_counts_the_ten_criteria(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    a_run_at_gate(deps, actor, phase=2, engine=slow(clock))
    rows = team_metrics(deps, actor).criteria
    assert [sum(row.count for row in rows if row.phase == phase) for phase in (1, 2)] == [10, 10]


def test_an_archived_run_counts(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=slow(clock))
    before = team_metrics(deps, actor)
    set_archived(deps, actor, run_id=run_id, archived=True)
    assert team_metrics(deps, actor) == before


def test_a_deleted_run_does_not_count(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    empty = team_metrics(deps, actor)
    delete_run(deps, actor, run_id=a_run_at_gate(deps, actor, engine=slow(clock)))
    assert team_metrics(deps, actor) == empty


def test_the_runs_of_another_team_do_not_count(deps: Deps, clock: Clock) -> None:
    a_run_at_gate(deps, a_team(deps, "Payments"), engine=slow(clock))
    search = a_team(deps, "Search")
    assert (team_metrics(deps, search).runs, team_metrics(deps, search).steps) == (0, ())


def test_a_viewer_may_look(deps: Deps) -> None:
    assert team_metrics(deps, in_role(a_team(deps), Role.VIEWER)).runs == 0


@pytest.mark.parametrize("name", ["lead_time", "wait_share", "first_pass", "rework_share", "cost", "duration"])
def test_every_metric_says_what_it_is(name: str) -> None:
    assert DEFINITIONS[name].endswith(".")
