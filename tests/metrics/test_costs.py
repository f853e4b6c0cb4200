"""What models have cost, counted by hand from requests that were written down as an engine does it."""

import csv
import io
from uuid import UUID

import pytest

from db.tables import Call, Revision, Spending
from services.actors import Actor, Role
from services.deps import Deps
from services.metrics.costs import GROUPS, CostSum, Waste, calls_csv, list_calls, sum_known, sums_by
from services.metrics.frames import team_metrics
from services.runs import budgets
from services.runs.control import cancel_run, delete_run
from services.runs.team_limits import month_of
from tests.builders import a_team, in_role
from tests.conftest import Clock
from tests.runs.building import a_run, a_run_at_gate, ask_for, rows, work_off


def pay(
    deps: Deps,
    run_id: UUID,
    task: str,
    key: str,
    cost: float | None,
    *,
    revision: int = 1,
    kept: bool = True,
    read: int = 0,
) -> None:
    """A request with 100 tokens of input and 10 of output, `read` of them from the cache, and its answer."""
    held = budgets.hold(
        deps, (run_id, task, revision), key=key, model="m", worst_usd=None if cost is None else 2 * cost
    )
    usage = {"input_tokens": 100 - read, "cache_read_input_tokens": read, "output_tokens": 10}
    budgets.settle(deps, held, cost_usd=cost, usage=usage)
    if kept:
        row = Call(run_id=run_id, task_key=task, revision=revision, key=key, result={}, created_at=deps.now())
        with deps.session() as session:
            session.add(row)
            session.commit()


def whole(deps: Deps, actor: Actor) -> CostSum:
    (found,) = sums_by("team", list_calls(deps, actor))
    return found


def test_without_a_model_there_is_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    a_run_at_gate(deps, actor)
    assert list_calls(deps, actor) == ()
    assert sums_by("team", ()) == ()


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("run", [("run 2", 1, 1.0), ("run 1", 2, 0.75)]),
        ("phase", [("1 Discovery & requirements", 2, 1.25), ("2 Implementation", 1, 0.5)]),
        ("agent", [("backend-architect", 1, 0.5), ("business-analyst", 2, 1.25)]),
        ("step", [("1 Business analysis", 2, 1.25), ("4 Backend services", 1, 0.5)]),
        ("model", [("m", 3, 1.75)]),
        ("team", [("all", 3, 1.75)]),
    ],
)
def test_costs_are_put_together(deps: Deps, group: str, expected: list[tuple[str, int, float]]) -> None:
    actor = a_team(deps)
    first, second = a_run(deps, actor), a_run(deps, actor)
    pay(deps, first, "business", "turn-1", 0.25)
    pay(deps, first, "backend", "turn-1", 0.5)
    pay(deps, second, "business", "turn-1", 1.0)
    pay(deps, a_run(deps, a_team(deps, "Search")), "business", "turn-1", 8.0)
    assert [(one.of, one.calls, one.cost_usd) for one in sums_by(group, list_calls(deps, actor))] == expected


def test_every_group_has_been_tried() -> None:
    assert set(GROUPS) == {"run", "phase", "agent", "step", "model", "team"}


def test_the_share_of_the_cache_is_of_the_input(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    pay(deps, run_id, "business", "turn-1", 0.1, read=0)
    pay(deps, run_id, "business", "turn-2", 0.1, read=60)
    found = whole(deps, actor)
    assert (found.input_tokens, found.output_tokens, found.cached_share) == (200, 20, 0.3)


def test_what_broke_off_or_could_not_be_used_is_wasted_on_retries(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    pay(deps, run_id, "business", "turn-1", 0.25, kept=False)
    clock.advance(seconds=1)
    pay(deps, run_id, "business", "turn-1", 0.5)
    pay(deps, run_id, "business", "turn-2", 1.0, kept=False)
    found = whole(deps, actor)
    assert (found.cost_usd, found.retry_usd, found.rework_usd) == (1.75, 1.25, 0)


def test_a_request_that_is_under_way_is_held_and_not_wasted_until_its_run_has_stopped(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    budgets.hold(deps, (run_id, "business", 1), key="turn-1", model="m", worst_usd=0.5)
    (call,) = list_calls(deps, actor)
    assert (call.cost_usd, call.is_settled, call.waste) == (0.5, False, None)
    cancel_run(deps, actor, run_id=run_id)
    assert list_calls(deps, actor)[0].waste is Waste.RETRY


def test_what_a_newer_revision_replaces_is_wasted_on_rework(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    pay(deps, run_id, "risk", "turn-1", 0.5)
    assert whole(deps, actor).rework_usd == 0
    ask_for(deps, actor, run_id, risk="More.")
    work_off(deps, run_id)
    assert max(r.number for r in rows(deps, Revision, run_id) if r.task_key == "risk") == 2
    pay(deps, run_id, "risk", "turn-1", 0.25, revision=2)
    assert (whole(deps, actor).rework_usd, whole(deps, actor).cost_usd) == (0.5, 0.75)


def test_a_price_that_is_not_known_is_never_a_number(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    pay(deps, run_id, "business", "turn-1", 0.5)
    pay(deps, run_id, "backend", "turn-1", None)
    by_step = {one.of: one.cost_usd for one in sums_by("step", list_calls(deps, actor))}
    assert by_step == {"1 Business analysis": 0.5, "4 Backend services": None}
    assert (whole(deps, actor).cost_usd, whole(deps, actor).retry_usd) == (None, 0)
    assert team_metrics(deps, actor).cost_usd is None
    assert sum_known([0.5, None]) is None


def test_a_deleted_run_leaves_its_cost(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    pay(deps, run_id, "business", "turn-1", 0.5)
    cancel_run(deps, actor, run_id=run_id)
    delete_run(deps, actor, run_id=run_id)
    assert [(one.of, one.cost_usd, one.retry_usd) for one in sums_by("run", list_calls(deps, actor))] == [
        ("deleted runs", 0.5, 0)
    ]
    assert team_metrics(deps, actor).cost_usd == 0.5


def test_a_period_begins_when_it_says(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    pay(deps, run_id, "business", "turn-1", 0.5)
    clock.at = month_of(clock()).until
    pay(deps, run_id, "business", "turn-2", 0.25)
    since = month_of(clock()).since
    assert [call.call for call in list_calls(deps, actor, since=since)] == ["turn-2"]
    assert [call.call for call in list_calls(deps, actor)] == ["turn-2", "turn-1"]


def test_the_table_for_spreadsheets_has_every_request_and_runs_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    pay(deps, run_id, "business", "turn-1", None, kept=False, read=40)
    with deps.session() as session:
        row = session.get_one(Spending, rows(deps, Spending, run_id)[0].id)
        row.model = "=cmd"
        session.add(row)
        session.commit()
    data = calls_csv(deps, in_role(actor, Role.VIEWER))
    assert data.startswith(b"\xef\xbb\xbf")
    (read,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    wanted = {
        "run": "1", "task": "business", "agent": "business-analyst", "request": "turn-1", "model": "'=cmd", "USD": "n/a",
        "input tokens": "60", "read from the cache": "40", "output tokens": "10", "settled": "yes", "wasted on": "retry",
    }  # fmt: skip
    assert {name: read[name] for name in wanted} == wanted
