"""Threads that are chosen for a change request: their words become remarks, with the text that they are about beside them.

A quotation is context only. It is kept apart from the words, because every line of the words is read as an instruction.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlmodel import Session

from db.queries.threads import comments_in, threads_of
from db.tables import Task
from services.errors import Conflict, InvalidInput, NotFound
from services.reviews.discussions import about, anchor_of, words_of

REMARK_MAX = 5_000  # characters to one step at once
# Task key -> what goes with the task: id, about, quote and text of each thread.
Chosen = Mapping[str, list[dict[str, str]]]


def chosen_threads(session: Session, run_id: UUID, threads: Mapping[UUID, str]) -> Chosen:
    """`threads`: id -> the words as they were shown to whoever chose them.

    Raises: Conflict when somebody has written or resolved meanwhile, NotFound.
    """
    rows = [row for row in threads_of(session, run_id) if row.id in threads] if threads else []
    if len(rows) != len(threads):
        raise NotFound("A thread that you chose does not exist in this run.")
    said = comments_in(session, threads)
    chosen: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        words = words_of(said[row.id])
        if row.resolved_at is not None or words != threads[row.id]:
            raise Conflict(f"Thread {row.number} has moved since it was shown to you. Look again, then decide.")
        sent = {"id": str(row.id), "about": about(anchor_of(row)), "quote": row.quote, "text": words}
        chosen.setdefault(row.task_key, []).append(sent)
    return chosen


def with_threads(remarks: Mapping[str, str], chosen: Chosen) -> dict[str, str]:
    """All that is said to each task. Raises: InvalidInput when threads make it longer than a remark may be."""
    said = {key: "\n".join(filter(None, [remarks.get(key, "").strip(), *_texts(chosen.get(key, ()))]))
            for key in [*remarks, *(key for key in chosen if key not in remarks)]}  # fmt: skip
    problems = {
        key: f"The remarks on this step have {len(said[key]):,} characters together with the threads; {REMARK_MAX:,} go at once. "
        "Choose fewer threads."
        for key in chosen
        if len(said[key]) > REMARK_MAX
    }
    if problems:
        raise InvalidInput(problems)
    return said


def hand_over(touched: Iterable[Task], remarks: Mapping[str, str], chosen: Chosen) -> None:
    """To each task what was said of it as a whole, and its threads, each with its quotation."""
    for task in touched:
        own = remarks.get(task.key, "").strip()
        task.remarks, task.threads = [own] if own else [], list(chosen.get(task.key, ()))


def ids_of(chosen: Chosen) -> list[str]:
    return [thread["id"] for threads in chosen.values() for thread in threads]


def _texts(threads: Iterable[Mapping[str, str]]) -> list[str]:
    return [thread["text"] for thread in threads]
