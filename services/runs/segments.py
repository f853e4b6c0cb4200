"""Which tasks a segment holds and what may start next. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from services.workflow.tasks import Task

Todo = dict[str, list[int]]  # task key -> [revision, attempt]
# The cause of an attempt that nobody asked for: something that the task reads may have changed.
UPSTREAM = "upstream"
# The cause of an attempt that mends what checks have found.
REPAIR = "repair"


def runnable(tasks: Sequence[Task], waiting: Iterable[str], unfinished: Iterable[str]) -> list[str]:
    """The waiting tasks that read nothing unfinished, in the order of the graph.

    `unfinished` holds every task of the segment that has not ended well, the waiting ones included.
    """
    open_keys, left = set(unfinished), set(waiting)
    return [task.key for task in tasks if task.key in left and not open_keys.intersection(task.reads)]


def todo_of(numbers: Mapping[str, tuple[int, int]], keys: Iterable[str]) -> Todo:
    """`numbers`: task key -> (revision, attempt)."""
    return {key: list(numbers[key]) for key in keys}


def todo_again(begun: Mapping[str, list[int]], queued: Todo) -> Todo:
    """Of the queued tasks those of the segment that were given another attempt than the one that it worked off."""
    return {key: made for key, made in queued.items() if key in begun and made != begun[key]}


def workflow_id(run_id: str, key: str, revision: int, attempt: int) -> str:
    return f"{run_id}:{key}:{revision}:{attempt}"


def segment_id(run_id: str, segment: int) -> str:
    return f"{run_id}:segment-{segment}"
