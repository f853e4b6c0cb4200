"""A task that is asked and finds nothing changed keeps its revision, also when it is asked twice or breaks off."""

from dataclasses import replace
from typing import NoReturn
from uuid import UUID

import pytest

from db.tables import Event, Revision, Task
from services.actors import Actor
from services.deps import Deps
from services.runs import work
from services.runs.work import Ending
from tests.builders import a_team
from tests.fakes.scripted_engine import ScriptedEngine
from tests.runs.building import a_run_at_gate, ask_for, go_on_to_gate, newest_todo, rows, statuses, work_off


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def actor(deps: Deps) -> Actor:
    return a_team(deps)


@pytest.fixture
def run_id(deps: Deps, actor: Actor, engine: ScriptedEngine) -> UUID:
    """At the first gate; a remark on the business analysis has just asked the two steps after it."""
    made = a_run_at_gate(deps, actor, engine=engine)
    engine.briefs.clear()
    ask_for(deps, actor, made, business="Say more.")
    return made


def execute(deps: Deps, run_id: UUID, engine: ScriptedEngine, key: str, revision: int, attempt: int) -> Ending:
    return work.execute(deps, {"blueprint": engine}, run_id, key, revision, attempt)


def task_of(deps: Deps, run_id: UUID, key: str) -> Task:
    return next(task for task in rows(deps, Task, run_id) if task.key == key)


def events(deps: Deps, run_id: UUID, kind: str) -> list[str]:
    return [str(e.task_key) for e in rows(deps, Event, run_id) if e.kind == kind]


def test_a_kept_task_is_done_with_the_revision_that_it_has(deps: Deps, run_id: UUID, engine: ScriptedEngine) -> None:
    before = task_of(deps, run_id, "risk").started_at
    work_off(deps, run_id, engine=engine)
    assert engine.executed == ["business"]
    assert sorted(events(deps, run_id, "task.kept")) == ["architecture", "risk"]
    kept = task_of(deps, run_id, "risk")
    assert (kept.status, kept.revision, kept.cause, kept.started_at) == ("done", 1, "start", before)
    assert sorted((r.task_key, r.number) for r in rows(deps, Revision, run_id)) == [
        ("architecture", 1), ("business", 1), ("business", 2), ("risk", 1),
    ]  # fmt: skip


def test_a_kept_attempt_that_is_executed_again_says_the_same(deps: Deps, run_id: UUID, engine: ScriptedEngine) -> None:
    execute(deps, run_id, engine, "business", 2, 1)
    endings = [execute(deps, run_id, engine, "architecture", 2, 1) for _ in range(2)]
    assert endings == [Ending.DONE, Ending.DONE]
    assert events(deps, run_id, "task.kept") == ["architecture"]


def test_an_attempt_that_breaks_off_before_it_is_written_down_is_done_again(
    deps: Deps, run_id: UUID, engine: ScriptedEngine
) -> None:
    def broken() -> NoReturn:
        raise ConnectionError("the database is away")

    execute(deps, run_id, engine, "business", 2, 1)
    with pytest.raises(ConnectionError):
        execute(replace(deps, now=broken), run_id, engine, "architecture", 2, 1)
    assert statuses(deps, run_id)["architecture"] == "queued"
    assert execute(deps, run_id, engine, "architecture", 2, 1) is Ending.DONE
    assert task_of(deps, run_id, "architecture").revision == 1


def test_the_number_that_was_not_needed_is_made_under_another_attempt(
    deps: Deps, actor: Actor, run_id: UUID, engine: ScriptedEngine
) -> None:
    """The durable engine never runs an id twice."""
    work_off(deps, run_id, engine=engine)
    ask_for(deps, actor, run_id, business="Say still more.")
    assert newest_todo(deps, run_id) == {"business": [3, 1], "architecture": [2, 2], "risk": [2, 2]}
    work_off(deps, run_id, engine=engine)
    ask_for(deps, actor, run_id, business="Rename expense to claim.")
    assert newest_todo(deps, run_id) == {"business": [4, 1], "architecture": [2, 3], "risk": [2, 3]}
    work_off(deps, run_id, engine=engine)
    assert engine.executed == ["business", "business", "business", "architecture", "risk"]
    ask_for(deps, actor, run_id, business="Enough.")
    assert newest_todo(deps, run_id) == {"business": [5, 1], "architecture": [3, 1], "risk": [3, 1]}


def test_a_late_attempt_of_another_worker_undoes_nothing(
    deps: Deps, actor: Actor, run_id: UUID, engine: ScriptedEngine
) -> None:
    work_off(deps, run_id, engine=engine)
    ask_for(deps, actor, run_id, business="Say still more.")
    assert execute(deps, run_id, engine, "architecture", 2, 1) is Ending.CANCELLED
    assert statuses(deps, run_id)["architecture"] == "queued"


def test_a_revision_that_nobody_watched_is_made_anew(deps: Deps, run_id: UUID, engine: ScriptedEngine) -> None:
    with deps.session() as session:
        for revision in rows(deps, Revision, run_id):
            revision.reads = None
            session.merge(revision)
        session.commit()
    work_off(deps, run_id, engine=engine)
    assert engine.executed == ["business", "architecture", "risk"]


def test_a_renamed_thing_reaches_every_step_that_was_done(deps: Deps, actor: Actor, engine: ScriptedEngine) -> None:
    run_id = a_run_at_gate(deps, actor, phase=4, engine=engine)
    engine.briefs.clear()
    ask_for(deps, actor, run_id, tests="Rename expense to claim.")
    work_off(deps, run_id, engine=engine)
    go_on_to_gate(deps, actor, run_id, 4, engine=engine)
    assert set(engine.executed) == set(statuses(deps, run_id))
    newest = {r.task_key: r for r in rows(deps, Revision, run_id) if r.number == 2}
    assert "claim" in newest["documentation"].report.lower()


def test_a_remark_that_was_answered_is_not_lost_when_the_step_is_asked_again(
    deps: Deps, actor: Actor, run_id: UUID, engine: ScriptedEngine
) -> None:
    work_off(deps, run_id, engine=engine)
    ask_for(deps, actor, run_id, risk="Make it nicer somehow.")
    work_off(deps, run_id, engine=engine)
    ask_for(deps, actor, run_id, business="And more.")
    work_off(deps, run_id, engine=engine)
    kept = task_of(deps, run_id, "risk")
    assert (kept.revision, kept.cause, kept.remarks) == (2, "change_request", ["Make it nicer somehow."])
