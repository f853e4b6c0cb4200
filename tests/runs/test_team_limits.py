"""A team's cap for the month holds over all its runs, says itself, and lets go on what stood at it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from db.tables import Run
from services.actors import Actor, Role
from services.agents.engine import Brief, Draft, Work
from services.deps import Deps
from services.errors import InvalidInput, LimitReached, NotAllowed, WorkParked
from services.runs import budgets
from services.runs.activity import list_activity
from services.runs.control import cancel_run, delete_run
from services.runs.team_limits import month_of, set_team_limits, team_limits
from services.workflow.options import EngineName
from tests.builders import REQUEST, a_team, in_role
from tests.conftest import Clock
from tests.fakes.scripted_engine import Act, ScriptedEngine
from tests.runs.building import a_run, the_run, work_off


def hold(deps: Deps, run_id: UUID, worst_usd: float | None) -> UUID:
    return budgets.hold(deps, (run_id, "business", 1), key="turn-1", model="m", worst_usd=worst_usd)


def asking(deps: Deps, run_id: UUID) -> Act:
    """An agent whose request can cost half a dollar."""

    def act(brief: Brief, _work: Work) -> Draft:
        hold(deps, run_id, 0.5)
        raise AssertionError(f"{brief.task.key} was not stopped")

    return act


def capped(deps: Deps, month_usd: float | None = 1.0, run_usd: float | None = None) -> Actor:
    actor = a_team(deps)
    set_team_limits(deps, actor, month_usd=month_usd, run_usd=run_usd)
    return actor


def test_the_cap_counts_all_runs_of_the_team_and_no_others(deps: Deps) -> None:
    actor, other = capped(deps), a_team(deps, "Search")
    hold(deps, a_run(deps, other), 5.0)
    hold(deps, a_run(deps, actor), 0.6)
    with pytest.raises(
        LimitReached,
        match=r"team's cap of 1.00 USD for March 2026 could be passed: 0.60 USD .* up to 0.50 USD.* an owner can raise it on "
        r"the page Team.* from 1 April on",
    ) as refused:
        hold(deps, a_run(deps, actor), 0.5)
    assert refused.value.limit == "month"
    hold(deps, a_run(deps, actor), 0.4)


def test_the_limit_of_the_run_names_itself_and_who_raises_it(deps: Deps) -> None:
    run_id = a_run(deps, capped(deps, 5.0), REQUEST.model_copy(update={"cost_limit_usd": 0.2}))
    with pytest.raises(LimitReached, match=r"run's limit of 0.20 USD .* whoever may start runs") as refused:
        hold(deps, run_id, 0.3)
    assert refused.value.limit == "run"


def test_a_new_month_begins_at_nothing_and_a_request_belongs_to_the_month_in_which_it_began(
    deps: Deps, clock: Clock
) -> None:
    actor = capped(deps)
    run_id = a_run(deps, actor)
    clock.at = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    held = hold(deps, run_id, 0.9)
    clock.advance(seconds=1)
    assert team_limits(deps, actor).spent_usd == 0
    hold(deps, run_id, 0.9)
    budgets.settle(deps, held, cost_usd=0.1, usage={})
    assert team_limits(deps, actor).spent_usd == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        (datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, 5, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_month_ends_where_the_next_begins(now: datetime, since: datetime, until: datetime) -> None:
    assert (month_of(now).since, month_of(now).until) == (since, until)


def test_what_was_spent_before_the_cap_counts_also_of_a_deleted_run(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    budgets.settle(deps, hold(deps, run_id, 0.8), cost_usd=0.7, usage={})
    cancel_run(deps, actor, run_id=run_id)
    delete_run(deps, actor, run_id=run_id)
    set_team_limits(deps, actor, month_usd=1.0, run_usd=None)
    with pytest.raises(WorkParked, match=r"0.70 USD are spent or held"):
        hold(deps, a_run(deps, actor), 0.4)


def test_a_price_that_is_not_known_keeps_no_cap_and_says_whether_it_is_past(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    hold(deps, run_id, None)
    set_team_limits(deps, actor, month_usd=1.0, run_usd=None)
    assert team_limits(deps, actor).spent_usd is None
    with pytest.raises(WorkParked, match="No price is known for m, so the team's cap"):
        hold(deps, run_id, None)
    with pytest.raises(WorkParked, match="what was spent is not known"):
        hold(deps, run_id, 0.1)


def test_a_run_that_stands_at_the_cap_goes_on_when_it_is_raised(deps: Deps) -> None:
    actor = capped(deps)
    spent = a_run(deps, actor)
    budgets.settle(deps, hold(deps, spent, 1.0), cost_usd=1.0, usage={})
    run_id = a_run(deps, actor)
    work_off(deps, run_id, engine=ScriptedEngine({"architecture": asking(deps, run_id)}))
    assert the_run(deps, run_id).status.value == "parked"
    assert "team's cap of 1.00 USD" in (the_run(deps, run_id).reason or "")
    assert team_limits(deps, actor).parked == 1
    assert set_team_limits(deps, actor, month_usd=0.9, run_usd=None) == 0
    assert set_team_limits(deps, actor, month_usd=2.0, run_usd=None) == 1
    work_off(deps, run_id)
    assert the_run(deps, run_id).status.value == "waiting"
    assert team_limits(deps, actor).parked == 0


def test_what_is_parked_for_another_reason_stays_parked(deps: Deps) -> None:
    actor = capped(deps)
    run_id = a_run(deps, actor, REQUEST.model_copy(update={"cost_limit_usd": 0.2}))
    work_off(deps, run_id, engine=ScriptedEngine({"business": asking(deps, run_id)}))
    assert set_team_limits(deps, actor, month_usd=None, run_usd=None) == 0
    assert the_run(deps, run_id).status.value == "parked"


def test_a_new_run_begins_with_the_limit_of_the_team_unless_it_asks_for_its_own(deps: Deps) -> None:
    actor = capped(deps, None, 4.0)
    plain, own = a_run(deps, actor), a_run(deps, actor, REQUEST.model_copy(update={"cost_limit_usd": 7.0}))
    set_team_limits(deps, actor, month_usd=None, run_usd=1.0)
    assert [run.cost_limit_usd for run in (the_run(deps, plain), the_run(deps, own))] == [4.0, 7.0]


def test_only_owners_set_limits_and_it_stands_in_the_activity(deps: Deps) -> None:
    actor = capped(deps, 50.0, 5.0)
    with pytest.raises(NotAllowed):
        set_team_limits(deps, in_role(actor, Role.MEMBER), month_usd=None, run_usd=None)
    assert team_limits(deps, in_role(actor, Role.VIEWER)).month_usd == 50.0
    said = [row.sentence for row in list_activity(deps, actor).rows]
    assert f"{actor.name} set the team's cap for a month to 50.00 USD, the limit of new runs to 5.00 USD." in said


@pytest.mark.parametrize("amount", [0.0, -1.0, float("nan"), float("inf"), 1e12])
@pytest.mark.parametrize("name", ["month_usd", "run_usd"])
def test_an_amount_that_is_none_is_refused(deps: Deps, name: str, amount: float) -> None:
    with pytest.raises(InvalidInput, match="amount in USD"):
        set_team_limits(deps, a_team(deps), **{"month_usd": None, "run_usd": None, name: amount})


def test_the_embedded_engine_spends_nothing_and_meets_no_cap(deps: Deps) -> None:
    actor = capped(deps, 0.01)
    run_id = a_run(deps, actor)
    work_off(deps, run_id)
    with deps.reading() as session:
        run = session.get_one(Run, run_id)
    assert (run.engine, run.status.value) == (EngineName.BLUEPRINT, "waiting")
