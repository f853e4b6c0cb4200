"""The marks of the product on a realistic run: most of the prompt is read from the cache, and no other marks win much."""

import itertools
from functools import cache
from typing import Any

import pytest

from benchmarks.cache_layouts import (
    FIRST_TOKEN_SECONDS,
    GATE_SECONDS,
    LAYOUTS,
    WARM_UP,
    Layout,
    Sent,
    bound,
    replay,
    total,
    uncached,
    without_marks,
)
from benchmarks.claude_cost import TODAYS, recorded
from services.workflow.tasks import TASKS
from tests.claude.playing import as_bytes, is_for_records
from tests.claude.working import Workers

OWN = Layout(is_own=True)
# Those of phase 1 and the shortest one that writes code; `make bench` takes all.
PLAYED = tuple(task for task in TASKS if task.phase == 1 or task.key == "data")
LONG = "word " * 2_000


@cache
def played() -> dict[str, list[Sent]]:
    return recorded(Workers(), PLAYED)


def bodies(key: str) -> list[dict[str, Any]]:
    """Of the turns of a task, without marks."""
    return [without_marks(one.body) for one in played()[key] if not is_for_records(one.body)]


def test_less_than_half_of_the_uncached_price_is_paid() -> None:
    assert total(replay(TASKS, played(), OWN, TODAYS)) < total(uncached(played(), TODAYS)) / 2


def test_no_marks_can_cost_much_less() -> None:
    cost = total(replay(TASKS, played(), OWN, TODAYS))
    best = min(total(replay(TASKS, played(), layout, TODAYS)) for layout in LAYOUTS)
    assert bound(TASKS, played(), TODAYS) < cost < float(best) * 1.1
    assert cost < float(bound(TASKS, played(), TODAYS)) * 1.1


def test_every_request_of_every_agent_begins_with_the_same_bytes() -> None:
    begins = {
        as_bytes([body["tools"], body["system"], body["messages"][0]["content"][0]])
        for key in played()
        for body in bodies(key)
    }
    assert len(begins) == 1


@pytest.mark.parametrize("task", PLAYED, ids=lambda task: task.key)
def test_a_turn_only_adds_to_the_one_before(task: Any) -> None:
    turns = [body["messages"] for body in bodies(task.key)]
    assert len(turns) > 1
    assert all(as_bytes(later[: len(before)]) == as_bytes(before) for before, later in itertools.pairwise(turns))


def request(*texts: str) -> dict[str, Any]:
    content = [{"type": "text", "text": text} for text in texts]
    return {"model": "claude-sonnet-5-5", "system": [], "tools": [], "messages": [{"role": "user", "content": content}]}


SHARED = Layout(request="5m")
# Both of phase 2, and neither reads the other.
SIDE_BY_SIDE = {"backend": [Sent(request(LONG, "a"), 0)], "data": [Sent(request(LONG, "b"), 0)]}


def test_agents_that_begin_together_both_write_what_they_share() -> None:
    bills = replay(TASKS, SIDE_BY_SIDE, SHARED, TODAYS)
    assert all(bill.written > 2_000 and not bill.read for bill in bills.values())


def test_after_a_warm_up_they_read_it() -> None:
    warmed = Layout(request="5m", is_warmed=True)
    bills = replay(TASKS, SIDE_BY_SIDE, warmed, TODAYS)
    assert bills.pop(WARM_UP).written > 2_000
    assert all(bill.read > 2_000 and not bill.written for bill in bills.values())


@pytest.mark.parametrize(("ttl", "is_read"), [("5m", False), ("1h", True)])
def test_a_gate_outlives_five_minutes_and_not_an_hour(ttl: str, is_read: bool) -> None:
    assert 300 < GATE_SECONDS < 3_600
    one_a_phase = {key: [Sent(request(LONG, key), 0)] for key in ("business", "data")}
    assert bool(replay(TASKS, one_a_phase, Layout(request=ttl), TODAYS)["data"].read) is is_read


def test_a_task_begins_when_what_it_reads_is_done() -> None:
    answers = 60 * 400
    chain = {"business": [Sent(request(LONG, "a"), answers)], "architecture": [Sent(request(LONG, "b"), 0)]}
    assert FIRST_TOKEN_SECONDS + answers / 60 > 300
    assert not replay(TASKS, chain, SHARED, TODAYS)["architecture"].read


def test_the_bound_writes_once_what_comes_again_and_nothing_else() -> None:
    twice = {"business": [Sent(request(LONG), 0), Sent(request(LONG), 0)]}
    once = {"business": [Sent(request(LONG), 0)]}
    tokens = uncached(once, TODAYS)["business"].fresh
    price = TODAYS.rows[2]
    assert bound(TASKS, once, TODAYS) * 1_000_000 == price.input * tokens
    assert bound(TASKS, twice, TODAYS) * 1_000_000 == (price.write_5m + price.read) * tokens
