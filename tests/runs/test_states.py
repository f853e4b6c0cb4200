"""Which state of a run may follow which, and which tasks may start; no database."""

from itertools import product

import pytest

from db.tables.run import RunStatus
from services.errors import Conflict
from services.runs.segments import runnable, segment_id, todo_of, workflow_id
from services.runs.states import ENDED, check_change
from services.workflow.options import Methodology
from services.workflow.tasks import TASKS, tasks_for

MAY_FOLLOW = {
    ("running", "waiting"),
    ("running", "parked"),
    ("running", "failed"),
    ("running", "cancelled"),
    ("waiting", "running"),
    ("waiting", "cancelled"),
    ("waiting", "finished"),
    ("parked", "running"),
    ("parked", "cancelled"),
    ("failed", "running"),
    ("failed", "cancelled"),
}
PAIRS = [(before, after) for before, after in product(RunStatus, RunStatus)]


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair in MAY_FOLLOW])
def test_a_state_may_follow(before: RunStatus, after: RunStatus) -> None:
    check_change(before, after)


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair not in MAY_FOLLOW])
def test_a_state_may_not_follow(before: RunStatus, after: RunStatus) -> None:
    with pytest.raises(Conflict, match=f"is {before.value}"):
        check_change(before, after)


def test_a_run_ends_cancelled_or_finished() -> None:
    assert {"cancelled", "finished"} == ENDED


PHASE_2 = ("backend", "frontend", "data")
TDD = tasks_for(Methodology.TDD)


@pytest.mark.parametrize(
    ("waiting", "unfinished", "expected"),
    [
        (("business", "architecture", "risk"), ("business", "architecture", "risk"), ["business"]),
        (("architecture", "risk"), ("architecture", "risk"), ["architecture"]),
        (("architecture", "risk"), ("business", "architecture", "risk"), []),
        (PHASE_2, PHASE_2, ["backend", "data"]),
        (("frontend",), ("frontend", "data"), ["frontend"]),
        (("frontend",), ("backend", "frontend"), []),
        ((), ("backend",), []),
    ],
)
def test_a_task_starts_when_nothing_that_it_reads_is_unfinished(
    waiting: tuple[str, ...], unfinished: tuple[str, ...], expected: list[str]
) -> None:
    assert runnable(TASKS, waiting, unfinished) == expected


def test_under_tdd_the_backend_waits_for_the_failing_tests() -> None:
    keys = ("tests-red", *PHASE_2)
    assert runnable(TDD, keys, keys) == ["tests-red", "data"]


def test_every_attempt_has_its_own_workflow() -> None:
    assert workflow_id("r", "data", 2, 1) != workflow_id("r", "data", 1, 2)


def test_a_segment_is_no_task() -> None:
    assert segment_id("r", 1) == "r:segment-1"


def test_what_is_to_do_names_revision_and_attempt() -> None:
    assert todo_of({"risk": (2, 3), "data": (1, 1)}, ["risk"]) == {"risk": [2, 3]}
