"""Four phases, twelve steps, and the graph of tasks that the executor walks.

Source: the feature-development workflow (phases, agents, what each step reads).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from services.workflow.options import DocumentKind, Methodology

Made = TypeVar("Made")


@dataclass(frozen=True)
class Phase:
    number: int
    title: str
    question: str  # what the people at the gate are asked to judge


PHASES = (
    Phase(1, "Discovery & requirements", "Is this the right thing to build, and is it safe to build it this way?"),
    Phase(2, "Implementation", "Does the code do what phase 1 promised?"),
    Phase(3, "Testing & quality", "Is it shown, by measurement, that the code works, is safe and is fast enough?"),
    Phase(4, "Deployment & monitoring", "Can we ship it, watch it and take it back?"),
)


@dataclass(frozen=True)
class Task:
    """One unit of an agent's work. `reads` names task keys; `owns` lists path prefixes in the workspace.

    A path belongs to the task with the longest prefix that matches it, see `owner_of`. `changes` lists prefixes of tasks
    that it reads: a file that it writes there stands over theirs.
    """

    key: str
    step: int
    phase: int
    title: str
    agent: str
    reads: tuple[str, ...] = ()
    owns: tuple[str, ...] = ()
    documents: tuple[DocumentKind, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return f"{self.step} {self.title}"


_D = DocumentKind
TASKS = (
    Task("business", 1, 1, "Business analysis", "business-analyst", (), (), (_D.BUSINESS,)),
    Task("architecture", 2, 1, "Technical architecture", "architect-review", ("business",), ("design/",), (_D.ARCHITECTURE,)),
    Task("risk", 3, 1, "Feasibility & risk", "security-auditor", ("business", "architecture"), (), (_D.REGULATION,)),
    Task(
        "backend", 4, 2, "Backend services", "backend-architect", ("business", "architecture", "risk"),
        ("app/", "migrations/", "flags/", "pyproject.toml", "requirements.txt", "alembic.ini", "Makefile", ".gitignore"),
        (_D.ARCHITECTURE,),
    ),
    Task("frontend", 5, 2, "Frontend", "frontend-developer", ("business", "architecture", "backend"), ("web/",), (_D.INTERFACE,)),
    Task("data", 6, 2, "Data pipeline", "data-engineer", ("business", "architecture"), ("analytics/",), (_D.DATA,)),
    Task("tests", 7, 3, "Automated tests", "test-automator", ("business", "backend", "frontend", "data"), ("tests/",)),
    Task(
        "security", 8, 3, "Security validation", "security-auditor", ("risk", "backend", "frontend", "data", "tests"),
        ("security/",), (_D.REGULATION,),
    ),
    Task(
        "performance", 9, 3, "Performance", "performance-engineer", ("architecture", "backend", "frontend"), ("performance/",),
        changes=("app/", "migrations/", "web/"),
    ),
    Task(
        "deployment", 10, 4, "Deployment", "deployment-engineer", ("architecture", "backend", "data", "tests", "performance"),
        ("deploy/", ".github/", "Dockerfile"), (_D.OPERATIONS,),
    ),
    Task(
        "observability", 11, 4, "Observability", "observability-engineer",
        ("business", "architecture", "backend", "data", "performance"), ("observability/",), (_D.OPERATIONS,),
    ),
    Task(
        "documentation", 12, 4, "Documentation", "docs-architect",
        ("business", "architecture", "risk", "backend", "frontend", "data", "tests", "security", "performance",
         "deployment", "observability"),
        ("docs/", "README.md", "CHANGELOG.md"),
    ),
)  # fmt: skip

TESTS_RED = Task(
    "tests-red",
    7,
    2,
    "Failing acceptance tests",
    "test-automator",
    ("business", "architecture"),
    ("tests/acceptance/",),
)


ALL_TASKS = (*TASKS, TESTS_RED)  # of every methodology
BY_KEY = {task.key: task for task in ALL_TASKS}
STEP_KEYS = tuple(task.key for task in TASKS)  # one per step: under tdd the second task of step 7 goes with the first


def title_of(key: str) -> str:
    """What people call a task, under any methodology; the key itself where there is none of that name."""
    return BY_KEY[key].title if key in BY_KEY else key


def tasks_for(methodology: Methodology) -> tuple[Task, ...]:
    """The graph of one run, every task after what it reads.

    Under tdd the test step has two tasks: its failing tests come first, and the backend reads them.
    """
    if methodology is not Methodology.TDD:
        return TASKS
    graph: list[Task] = []
    for task in TASKS:
        if task.key == "backend":
            graph.append(TESTS_RED)
            task = replace(task, reads=(*task.reads, TESTS_RED.key))
        if task.key == "tests":
            task = replace(task, reads=(*task.reads, TESTS_RED.key))
        graph.append(task)
    return tuple(graph)


def dependents(tasks: Iterable[Task], changed: set[str]) -> set[str]:
    """The changed tasks and every task that reads one of them, directly or through others."""
    touched = set(changed)
    for task in tasks:
        if touched.intersection(task.reads):
            touched.add(task.key)
    return touched


def seen_by(tasks: Iterable[Task], key: str) -> set[str]:
    """The tasks whose files a task sees: those that it reads, directly or through others."""
    reads = {task.key: set(task.reads) for task in tasks}
    seen: set[str] = set()
    ahead = reads[key]
    while ahead:
        seen |= ahead
        ahead = {further for one in ahead for further in reads[one]} - seen
    return seen


def in_order(by_key: Mapping[str, Made]) -> list[Made]:
    """What belongs to tasks, in the order of the graph, so that a later one can stand over an earlier one."""
    return [by_key[task.key] for task in tasks_for(Methodology.TDD) if task.key in by_key]


def tested(by_key: Mapping[str, Made]) -> list[Made]:
    """What the tests of a run look at: everything but phase 4, which ships, watches and explains what was tested."""
    early = {task.key for task in tasks_for(Methodology.TDD) if task.phase < len(PHASES)}
    return in_order({key: made for key, made in by_key.items() if key in early})


def may_write(tasks: Iterable[Task], key: str, path: str) -> bool:
    """Whether the path is the task's own, or of a task whose files it may change."""
    tasks = tuple(tasks)
    changes = next(task.changes for task in tasks if task.key == key)
    return owner_of(tasks, path) == key or any(owns_path(prefix, path) for prefix in changes)


def owner_of(tasks: Iterable[Task], path: str) -> str | None:
    """The key of the task that owns a path: the longest matching prefix wins; None when nobody does."""
    matches = [(len(prefix), task.key) for task in tasks for prefix in task.owns if owns_path(prefix, path)]
    return max(matches)[1] if matches else None


def owns_path(prefix: str, path: str) -> bool:
    """A prefix that ends with a slash is a folder; any other names one file."""
    return path.startswith(prefix) if prefix.endswith("/") else path == prefix
