"""The workflow as data: the graph has an order, every path one owner, and a change reaches who reads it."""

from itertools import combinations

import pytest

from services.agents.definitions import load_definitions
from services.deliverables.registry import REGISTRY
from services.workflow.options import DocumentKind, Methodology
from services.workflow.tasks import (
    PHASES,
    TASKS,
    TESTS_RED,
    Task,
    dependents,
    in_order,
    may_write,
    owner_of,
    owns_path,
    seen_by,
    tasks_for,
)

TRADITIONAL, TDD = tasks_for(Methodology.TRADITIONAL), tasks_for(Methodology.TDD)
RELEASE = {"deployment", "observability", "documentation"}
GRAPHS = pytest.mark.parametrize("graph", [TRADITIONAL, TDD], ids=["traditional", "tdd"])


@GRAPHS
def test_every_task_comes_after_what_it_reads(graph: tuple[Task, ...]) -> None:
    keys = [task.key for task in graph]
    late = [(t.key, read) for t in graph for read in t.reads if read not in keys[: keys.index(t.key)]]
    assert late == []


@GRAPHS
def test_nothing_reads_a_later_phase(graph: tuple[Task, ...]) -> None:
    phase = {task.key: task.phase for task in graph}
    assert [(t.key, read) for t in graph for read in t.reads if phase[read] > t.phase] == []


@GRAPHS
def test_a_key_names_one_task(graph: tuple[Task, ...]) -> None:
    assert len({task.key for task in graph}) == len(graph)


@GRAPHS
def test_there_are_twelve_steps_in_four_phases(graph: tuple[Task, ...]) -> None:
    assert sorted({task.step for task in graph}) == list(range(1, 13))
    assert sorted({task.phase for task in graph}) == [phase.number for phase in PHASES] == [1, 2, 3, 4]


@pytest.mark.parametrize("methodology", list(Methodology))
def test_only_tdd_has_a_thirteenth_task(methodology: Methodology) -> None:
    extra = {task.key for task in tasks_for(methodology)} - {task.key for task in TASKS}
    assert extra == ({"tests-red"} if methodology is Methodology.TDD else set())


def test_under_tdd_the_failing_tests_come_before_the_backend() -> None:
    reads = {task.key: task.reads for task in TDD}
    assert [key for key, read in reads.items() if TESTS_RED.key in read] == ["backend", "tests"]


@GRAPHS
def test_no_prefix_has_two_owners(graph: tuple[Task, ...]) -> None:
    prefixes = [prefix for task in graph for prefix in task.owns]
    assert [prefix for prefix in prefixes if prefixes.count(prefix) > 1] == []


@GRAPHS
def test_only_the_acceptance_tests_lie_inside_the_folder_of_another_task(graph: tuple[Task, ...]) -> None:
    owned = [(task.key, prefix) for task in graph for prefix in task.owns]
    nested = {
        (inner, outer)
        for (_, a), (_, b) in combinations(owned, 2)
        for inner, outer in ((a, b), (b, a))
        if owns_path(outer, inner)
    }
    assert nested == ({("tests/acceptance/", "tests/")} if graph is TDD else set())


@pytest.mark.parametrize(
    ("graph", "path", "owner"),
    [
        (TRADITIONAL, "app/main.py", "backend"),
        (TRADITIONAL, "tests/acceptance/test_a.py", "tests"),
        (TDD, "tests/acceptance/test_a.py", "tests-red"),
        (TDD, "tests/test_a.py", "tests"),
        (TRADITIONAL, "README.md", "documentation"),
        (TRADITIONAL, "Dockerfile", "deployment"),
        (TRADITIONAL, ".github/workflows/ci.yml", "deployment"),
        (TRADITIONAL, "README.md.bak", None),
        (TRADITIONAL, "app", None),
        (TRADITIONAL, "application/x.py", None),
        (TRADITIONAL, "src/app/x.py", None),
        (TRADITIONAL, "Dockerfile/x", None),
        (TRADITIONAL, "", None),
    ],
)
def test_the_longest_prefix_owns_a_path(graph: tuple[Task, ...], path: str, owner: str | None) -> None:
    assert owner_of(graph, path) == owner


@pytest.mark.parametrize(
    ("graph", "changed", "expected"),
    [
        (TRADITIONAL, {"business"}, {task.key for task in TRADITIONAL}),
        (TRADITIONAL, {"architecture"}, {task.key for task in TRADITIONAL} - {"business"}),
        (TRADITIONAL, {"risk"}, {"risk", "backend", "frontend", "tests", "security", "performance", *RELEASE}),
        (TRADITIONAL, {"backend"}, {"backend", "frontend", "tests", "security", "performance", *RELEASE}),
        (TRADITIONAL, {"frontend"}, {"frontend", "tests", "security", "performance", *RELEASE}),
        (TRADITIONAL, {"data"}, {"data", "tests", "security", *RELEASE}),
        (TRADITIONAL, {"tests"}, {"tests", "security", "deployment", "documentation"}),
        (TRADITIONAL, {"security"}, {"security", "documentation"}),
        (TRADITIONAL, {"performance"}, {"performance", *RELEASE}),
        (TRADITIONAL, {"deployment"}, {"deployment", "documentation"}),
        (TRADITIONAL, {"observability"}, {"observability", "documentation"}),
        (TRADITIONAL, {"documentation"}, {"documentation"}),
        (TRADITIONAL, {"data", "deployment"}, {"data", "tests", "security", *RELEASE}),
        (TRADITIONAL, set(), set()),
        (TDD, {"tests-red"}, {"tests-red", "backend", "frontend", "tests", "security", "performance", *RELEASE}),
        (TDD, {"risk"}, {"risk", "backend", "frontend", "tests", "security", "performance", *RELEASE}),
    ],
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, set) else None,
)
def test_a_change_reaches_everything_that_reads_it(
    graph: tuple[Task, ...], changed: set[str], expected: set[str]
) -> None:
    assert dependents(graph, changed) == expected


@GRAPHS
def test_a_task_changes_only_files_of_tasks_that_it_reads(graph: tuple[Task, ...]) -> None:
    for task in graph:
        owners = {owner_of(graph, f"{prefix}x") for prefix in task.changes}
        assert owners <= set(task.reads), task.key


@pytest.mark.parametrize(
    ("key", "path", "may"),
    [
        ("performance", "performance/load.py", True),
        ("performance", "app/main.py", True),
        ("performance", "migrations/versions/0002.py", True),
        ("performance", "tests/test_a.py", False),
        ("performance", "application/x.py", False),
        ("performance", "requirements.txt", False),
        ("backend", "app/main.py", True),
        ("backend", "performance/load.py", False),
        ("tests", "app/main.py", False),
        ("documentation", "elsewhere.md", False),
    ],
)
def test_who_may_write_a_path(key: str, path: str, may: bool) -> None:
    assert may_write(TRADITIONAL, key, path) is may


@GRAPHS
def test_a_task_sees_the_files_of_whatever_led_to_what_it_reads(graph: tuple[Task, ...]) -> None:
    for task in graph:
        assert set(task.reads) <= seen_by(graph, task.key)
        assert task.key not in seen_by(graph, task.key)
        assert all(task.key in dependents(graph, {other}) for other in seen_by(graph, task.key))
    assert seen_by(graph, "business") == set()
    assert seen_by(graph, "documentation") == {task.key for task in graph} - {"documentation"}
    assert "performance" not in seen_by(graph, "security")


@GRAPHS
def test_what_may_stand_over_a_file_comes_after_it(graph: tuple[Task, ...]) -> None:
    keys = [task.key for task in graph]
    assert in_order({key: key for key in sorted(keys)}) == keys
    assert keys.index("performance") > keys.index("backend")


def test_asking_for_dependents_does_not_change_the_question() -> None:
    changed = {"risk"}
    dependents(TRADITIONAL, changed)
    assert changed == {"risk"}


@pytest.mark.parametrize("graph", [TDD], ids=["tdd"])
def test_every_task_has_a_deliverable_and_an_agent(graph: tuple[Task, ...]) -> None:
    assert [task.key for task in graph if task.key not in REGISTRY] == []
    assert {task.agent for task in graph} == set(load_definitions())


def test_every_kind_of_document_is_read() -> None:
    assert {kind for task in TASKS for kind in task.documents} == set(DocumentKind)


def test_the_documentation_reads_every_other_task() -> None:
    assert set(TASKS[-1].reads) == {task.key for task in TASKS[:-1]}
