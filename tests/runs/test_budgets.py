"""No limit on money is ever passed, however many agents of however many runs ask at once and whatever becomes of their requests."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import select

from db.queries.spendings import spent_by_run
from db.tables import Run, Spending
from services.actors import Actor
from services.agents.claude.prices import PriceList, _row
from services.deps import Deps
from services.errors import Conflict, InvalidInput, WorkParked
from services.runs import budgets, team_limits
from services.runs.control import cancel_run, delete_run, retry_run
from services.runs.views import get_run
from tests.builders import REQUEST, a_team
from tests.claude.calling import TODAY
from tests.conftest import Clock
from tests.fakes.scripted_engine import ScriptedEngine, raising
from tests.runs.building import a_failed_run, a_run, work_off
from tests.soaking import SEED, slice_of


def with_limit(deps: Deps, limit_usd: float | None) -> UUID:
    return a_run(deps, a_team(deps), REQUEST.model_copy(update={"cost_limit_usd": limit_usd}))


def hold(deps: Deps, run_id: UUID, worst_usd: float | None, *, key: str = "business", model: str = "m") -> UUID:
    return budgets.hold(deps, (run_id, key, 1), key="turn-1", model=model, worst_usd=worst_usd)


def test_what_was_asked_for_is_the_limit_of_the_run(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor, REQUEST.model_copy(update={"cost_limit_usd": 2.5}))
    assert get_run(deps, actor, run_id=run_id).cost_limit_usd == 2.5


def test_what_is_held_counts_until_it_is_settled(deps: Deps) -> None:
    run_id = with_limit(deps, 1.0)
    first = hold(deps, run_id, 0.7)
    with pytest.raises(
        WorkParked, match=r"limit of 1.00 USD could be passed: 0.70 USD are spent or held, .* up to 0.40"
    ):
        hold(deps, run_id, 0.4)
    budgets.settle(deps, first, cost_usd=0.1, usage={"output_tokens": 5})
    hold(deps, run_id, 0.9)


def test_the_limit_may_be_used_to_its_last_cent(deps: Deps) -> None:
    run_id = with_limit(deps, 0.3)
    for _ in range(3):
        budgets.settle(deps, hold(deps, run_id, 0.1), cost_usd=0.1, usage={})
    with pytest.raises(WorkParked):
        hold(deps, run_id, 0.000_001)


def test_without_a_limit_everything_is_still_written_down(deps: Deps) -> None:
    run_id = with_limit(deps, None)
    budgets.settle(deps, hold(deps, run_id, 0.4), cost_usd=0.2, usage={"input_tokens": 9})
    hold(deps, run_id, 0.3)
    with deps.reading() as session:
        assert spent_by_run(session, run_id) == pytest.approx(0.5)
        assert spent_by_run(session, run_id, task_key="risk", revision=1) == 0
        assert [row.usage for row in session.exec(select(Spending)) if row.settled_at] == [{"input_tokens": 9}]


def test_an_unknown_price_cannot_keep_a_limit_and_says_so(deps: Deps) -> None:
    with pytest.raises(WorkParked, match="No price is known for llama"):
        hold(deps, with_limit(deps, 5.0), None, model="llama")


def test_an_unknown_price_without_a_limit_is_an_unknown_cost(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    budgets.settle(deps, hold(deps, run_id, None), cost_usd=None, usage={})
    assert get_run(deps, actor, run_id=run_id).cost_usd is None


def test_a_run_that_stands_at_its_limit_goes_on_when_it_is_raised(deps: Deps) -> None:
    actor, engine = a_team(deps), ScriptedEngine({"architecture": raising(WorkParked("The limit."))})
    run_id = a_failed_run(deps, actor, engine)
    budgets.set_cost_limit(deps, actor, run_id=run_id, limit_usd=9.0)
    retry_run(deps, actor, run_id=run_id)
    work_off(deps, run_id)
    run = get_run(deps, actor, run_id=run_id)
    assert (run.status.value, run.cost_limit_usd) == ("waiting", 9.0)


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_limit_that_is_none_is_refused(deps: Deps, limit: float) -> None:
    actor = a_team(deps)
    with pytest.raises(InvalidInput, match="amount in USD"):
        budgets.set_cost_limit(deps, actor, run_id=a_run(deps, actor), limit_usd=limit)


def test_a_run_that_has_ended_gets_no_other_limit(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    cancel_run(deps, actor, run_id=run_id)
    with pytest.raises(Conflict):
        budgets.set_cost_limit(deps, actor, run_id=run_id, limit_usd=None)


def test_the_money_of_a_deleted_run_is_spent_all_the_same(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    held = hold(deps, run_id, 0.2)
    cancel_run(deps, actor, run_id=run_id)
    delete_run(deps, actor, run_id=run_id)
    budgets.settle(deps, held, cost_usd=0.1, usage={})
    with deps.reading() as session:
        (kept,) = session.exec(select(Spending))
    assert (kept.run_id, kept.team_id, kept.cost_usd) == (None, actor.team_id, 0.1)
    with pytest.raises(WorkParked, match="deleted"):
        hold(deps, run_id, 0.1)


@dataclass
class Simulated:
    """`truth`: limit -> what the provider billed under it, for every request that was sent, settled or not."""

    truth: dict[tuple[str, float], Decimal]
    sent: int
    refused: int

    @property
    def passed(self) -> list[tuple[str, float]]:
        return [limit for limit, billed in self.truth.items() if float(billed) > limit[1] + budgets.ROUNDING_USD]


@dataclass(frozen=True)
class Asked:
    """One request of an agent: its run, tokens at most, and the lots of what becomes of it."""

    run_id: UUID
    most_in: int
    most_out: int
    lots: random.Random

    def sent(self, deps: Deps, prices: PriceList) -> Decimal | None:
        """What it was billed, None where it was not sent. Some requests break off, some workers die before they settle."""
        worst = prices.worst("m", input_tokens=self.most_in, max_tokens=self.most_out, on=TODAY) or Decimal(0)
        try:
            held = hold(deps, self.run_id, float(worst), key=self.lots.choice(["backend", "frontend", "data"]))
        except WorkParked:
            return None
        read = int(self.most_in * self.lots.random())
        usage = {
            "input_tokens": self.most_in - read, "cache_read_input_tokens": read,
            "output_tokens": int(self.most_out * self.lots.random()),
        }  # fmt: skip
        billed = prices.cost("m", usage, TODAY) or Decimal(0)
        if self.lots.random() > 0.15:
            budgets.settle(deps, held, cost_usd=float(billed if self.lots.random() > 0.2 else worst), usage=usage)
        return billed


def a_busy_team(deps: Deps, lots: random.Random) -> tuple[Actor, float, dict[UUID, float]]:
    """A team with a cap for its month and one to four runs, each with a limit of its own (infinite: none)."""
    actor, cap = a_team(deps), round(lots.uniform(0.01, 6.0), 4)
    team_limits.set_team_limits(deps, actor, month_usd=cap, run_usd=None)
    limits = [round(lots.uniform(0.01, 3.0), 4) if lots.random() < 0.8 else None for _ in range(lots.randint(1, 4))]
    requests = [REQUEST.model_copy(update={"cost_limit_usd": limit}) for limit in limits]
    runs = {a_run(deps, actor, r): r.cost_limit_usd or float("inf") for r in requests}
    return actor, cap, runs


def simulate(deps: Deps, clock: Clock, lots: random.Random) -> Simulated:
    """Agents of all runs of a team ask at the same time; then a run is deleted, or a month begins, and they ask again."""
    actor, cap, runs = a_busy_team(deps, lots)
    rates = [str(round(lots.uniform(0.01, 40), 3)) for _ in range(5)]
    prices = PriceList((_row("m", "2026-01-01", (rates[0], rates[1], rates[2], rates[3], rates[4])),))
    made = Simulated({}, 0, 0)
    for round_ in range(2):
        asked = [
            Asked(
                lots.choice(list(runs)), lots.randint(1, 120_000), lots.randint(1, 32_000), random.Random(lots.random())
            )
            for _ in range(lots.randint(2, 16))
        ]
        with ThreadPoolExecutor(lots.randint(2, 8)) as pool:
            billed = list(pool.map(lambda one: one.sent(deps, prices), asked))
        for one, amount in zip(asked, billed, strict=True):
            made.sent, made.refused = made.sent + (amount is not None), made.refused + (amount is None)
            for limit in ((f"run {one.run_id}", runs[one.run_id]), (f"{clock():%Y-%m}", cap)):
                made.truth[limit] = made.truth.get(limit, Decimal(0)) + (amount or 0)
        if round_:
            break
        if lots.random() < 0.5:
            clock.at = team_limits.month_of(clock()).until
        else:
            gone = lots.choice(list(runs))
            cancel_run(deps, actor, run_id=gone)
            delete_run(deps, actor, run_id=gone)
    return made


def never_passed(deps: Deps, clock: Clock, runs: int, seed: str) -> None:
    lots = random.Random(seed)
    made = [simulate(deps, clock, lots) for _ in range(runs)]
    assert [one.passed for one in made if one.passed] == []
    assert sum(one.sent for one in made) > runs
    assert sum(one.refused for one in made) > runs


def test_agents_of_parallel_runs_never_pass_a_limit(deps: Deps, clock: Clock) -> None:
    never_passed(deps, clock, 12, "quick")


@pytest.mark.soak
@pytest.mark.timeout(1_200)
def test_a_thousand_teams_with_parallel_runs_never_pass_a_limit(deps: Deps, clock: Clock) -> None:
    never_passed(deps, clock, slice_of(1_000), SEED)


def test_runs_of_before_have_no_limit(deps: Deps) -> None:
    run_id = a_run(deps, a_team(deps))
    with deps.reading() as session:
        found = session.get(Run, run_id)
        assert found is not None
        assert found.cost_limit_usd is None
