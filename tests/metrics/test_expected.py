"""What a run is likely to take: from finished runs of the same kind and no others, with their number; else not known."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from db.tables import Run
from db.tables.run import RunStatus
from services.actors import Actor
from services.deps import Deps
from services.features.request import FeatureRequest
from services.metrics.expected import Most, Outlook, Spread, expect
from services.runs import budgets
from services.runs.team_limits import set_team_limits
from services.settings import MODEL, Provider
from services.workflow.options import Complexity, EngineName
from tests.builders import REQUEST, a_team
from tests.claude.playing import BY_CLAUDE, connected
from tests.runs.building import a_run


def finished(
    deps: Deps,
    actor: Actor,
    seconds: float,
    *,
    request: FeatureRequest = REQUEST,
    usd: float | None = None,
    model: str = "",
) -> UUID:
    """A run that worked so long; it asked a model where one is named."""
    run_id = a_run(deps, actor, request)
    if model:
        held = budgets.hold(deps, (run_id, "business", 1), key="turn-1", model=model, worst_usd=usd)
        budgets.settle(deps, held, cost_usd=usd, usage={})
    with deps.session() as session:
        run = session.get_one(Run, run_id)
        run.status, run.finished_at = RunStatus.FINISHED, run.created_at + timedelta(seconds=seconds)
        session.add(run)
        session.commit()
    return run_id


def of_claude(deps: Deps, actor: Actor, *, limit_usd: float | None = None) -> Outlook:
    return expect(deps, actor, engine="claude", complexity="simple", limit_usd=limit_usd)


def test_without_finished_runs_time_is_not_known_and_the_embedded_engine_costs_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    a_run(deps, actor)
    assert expect(deps, actor, engine="blueprint", complexity=None) == Outlook(0, None, Spread(0, 0, 0), None)
    assert of_claude(connected(deps), actor) == Outlook(0, None, None, None)


def test_few_runs_give_their_whole_range(deps: Deps) -> None:
    actor, other = a_team(deps), a_team(deps, "Search")
    for seconds in (60, 120, 90):
        finished(deps, actor, seconds)
    finished(deps, other, 5)
    found = expect(deps, actor, engine="blueprint", complexity="simple")
    assert (found.runs, found.seconds) == (3, Spread(60, 90, 120))


def test_more_runs_give_their_middle_half(deps: Deps) -> None:
    actor, there = a_team(deps), connected(deps)
    for n in range(1, 6):
        finished(there, actor, n * 100, request=BY_CLAUDE, usd=float(n), model=MODEL)
    assert of_claude(there, actor) == Outlook(5, Spread(200, 300, 400), Spread(2, 3, 4), None)


@pytest.mark.parametrize("other", ["engine", "complexity", "model"])
def test_runs_of_another_kind_do_not_count(deps: Deps, other: str) -> None:
    actor, there = a_team(deps), connected(deps)
    request = {
        "engine": REQUEST,
        "complexity": BY_CLAUDE.model_copy(update={"complexity": Complexity.EPIC}),
        "model": BY_CLAUDE,
    }[other]
    assert request.engine is (EngineName.BLUEPRINT if other == "engine" else EngineName.CLAUDE)
    finished(there, actor, 60, request=request, usd=1.0, model="claude-of-before" if other == "model" else MODEL)
    assert of_claude(there, actor).runs == 0


def test_runs_with_the_same_engines_for_the_same_steps_count(deps: Deps) -> None:
    actor, there = a_team(deps), connected(deps)
    steps = [{"step": "risk", "engine": "claude"}]
    mixed = FeatureRequest.model_validate(REQUEST.model_dump() | {"step_engines": steps})
    finished(there, actor, 60, request=mixed, usd=1.0, model=MODEL)
    finished(there, actor, 90)
    ours = expect(there, actor, engine="blueprint", complexity="simple", step_engines=steps)
    assert ours == Outlook(1, Spread(60, 60, 60), Spread(1, 1, 1), None)
    assert expect(there, actor, engine="blueprint", complexity="simple").runs == 1
    other = [{"step": "business", "engine": "claude"}]
    assert expect(there, actor, engine="blueprint", complexity="simple", step_engines=other).runs == 0


def test_all_complexities_count_until_one_is_chosen(deps: Deps) -> None:
    actor = a_team(deps)
    finished(deps, actor, 60)
    finished(deps, actor, 80, request=REQUEST.model_copy(update={"complexity": Complexity.EPIC}))
    assert expect(deps, actor, engine="blueprint", complexity=None).runs == 2


def test_several_models_count_where_today_s_provider_uses_them(deps: Deps) -> None:
    actor, there = a_team(deps), connected(deps)
    run_id = finished(there, actor, 60, request=BY_CLAUDE, usd=1.0, model=MODEL)
    budgets.settle(
        there,
        budgets.hold(there, (run_id, "risk", 1), key="turn-1", model="strong", worst_usd=0.5),
        cost_usd=0.5,
        usage={},
    )
    assert of_claude(there, actor).runs == 0
    both = replace(there, settings=replace(there.settings, provider=Provider(key="k", strong_model="strong")))
    assert of_claude(both, actor).cost_usd == Spread(1.5, 1.5, 1.5)


def test_a_price_that_is_not_known_leaves_the_time(deps: Deps) -> None:
    actor, there = a_team(deps), connected(deps)
    finished(there, actor, 60, request=BY_CLAUDE, usd=1.0, model=MODEL)
    finished(there, actor, 60, request=BY_CLAUDE, usd=None, model=MODEL)
    assert of_claude(there, actor) == Outlook(2, Spread(60, 60, 60), None, None)


def test_the_nearest_limit_says_what_a_run_costs_at_most(deps: Deps) -> None:
    actor, there = a_team(deps), connected(deps)
    assert of_claude(there, actor, limit_usd=4.0).most == Most(4.0, "run")
    set_team_limits(deps, actor, month_usd=10.0, run_usd=6.0)
    assert of_claude(there, actor).most == Most(6.0, "run")
    assert of_claude(there, actor, limit_usd=7.0).most == Most(7.0, "run")
    budgets.hold(deps, (a_run(deps, actor), "risk", 1), key="turn-1", model="m", worst_usd=5.5)
    assert of_claude(there, actor).most == Most(4.5, "month")
