"""Over a finished blueprint run: an edit makes exactly those steps run again that read what it changed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from db.engine import make_engine
from db.queries.runs import current_revisions
from db.tables import Revision, Task
from services.actors import Actor
from services.deps import Deps
from services.reviews.changes import edit_report, rerun_step
from services.runs.briefs import brief_of
from services.runs.work import output_hash
from services.settings import read_settings
from services.workflow.tasks import TASKS
from tests.agents.chain import drafts_of
from tests.builders import REQUEST, a_team
from tests.conftest import RecordingDispatcher
from tests.fakes.paying_work import PayingWork
from tests.fakes.scripted_engine import ScriptedEngine
from tests.reviews.edits import EDITS, READ_BY_NOBODY, Edit
from tests.runs.building import a_run_at_gate, ask_for, go_on_to_gate, rows, the_run, work_off


@dataclass(frozen=True)
class Finished:
    """A data folder with a run that waits at its last gate."""

    folder: Path
    actor: Actor
    run_id: UUID


@contextmanager
def opened(folder: Path) -> Iterator[Deps]:
    settings = read_settings({"GREENLIGHT_DATA": str(folder)})
    engine = make_engine(settings.database_url)
    yield Deps(
        settings, engine, RecordingDispatcher(), lambda: datetime.now(UTC), uuid4, b"k" * 32, ("blueprint", "edited")
    )
    engine.dispose()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Finished:
    drafts_of(REQUEST)  # what is compiled and understood once is no part of a run's work
    folder = tmp_path_factory.mktemp("finished")
    shutil.copyfile(sqlite_template, folder / "greenlight.db")
    with opened(folder) as deps:
        actor = a_team(deps)
        return Finished(folder, actor, a_run_at_gate(deps, actor, phase=4, engine=ScriptedEngine()))


@dataclass(frozen=True)
class Done:
    """What an edit made run. `stale`: steps that kept their revision although, made anew, it would be another."""

    executed: tuple[str, ...]
    new_revisions: dict[str, int]
    stale: tuple[str, ...]


def make(edit: Edit, finished: Finished, folder: Path) -> Done:
    """In a copy of the run: the edit, then everything up to the last gate again."""
    shutil.copytree(finished.folder, folder)
    with opened(folder) as deps:
        actor, run_id = finished.actor, finished.run_id
        before = {r.id for r in rows(deps, Revision, run_id)}
        usual, other = ScriptedEngine(), edit.engine
        _begin(deps, actor, run_id, edit)
        work_off(deps, run_id, engine=usual, other=other)
        go_on_to_gate(deps, actor, run_id, 4, engine=usual, other=other)
        assert the_run(deps, run_id).status == "waiting"
        new = {r.task_key: r.number for r in rows(deps, Revision, run_id) if r.id not in before}
        return Done((*usual.executed, *other.executed), new, _stale(deps, run_id, set(new)))


def _begin(deps: Deps, actor: Actor, run_id: UUID, edit: Edit) -> None:
    if edit.report:
        edit_report(deps, actor, run_id=run_id, task_key=edit.step, number=1, report=edit.report)
    elif edit.remark:
        ask_for(deps, actor, run_id, **{edit.step: edit.remark})
    else:
        rerun_step(deps, actor, run_id=run_id, task_key=edit.step, engine="edited")


def _stale(deps: Deps, run_id: UUID, made: set[str]) -> tuple[str, ...]:
    with deps.session() as session:
        run, current = the_run(deps, run_id), current_revisions(session, run_id)
        found = []
        for task in rows(deps, Task, run_id):
            if task.key not in made:
                draft = ScriptedEngine().produce(brief_of(session, run, task), PayingWork())
                again = output_hash(draft.report, draft.records.model_dump(mode="json"), draft.files)
                found += [task.key] if again != current[task.key].output_hash else []
        return tuple(found)


def test_the_table_covers_every_step_and_is_half_without_effect() -> None:
    assert {edit.step for edit in EDITS} == {task.key for task in TASKS}
    assert len(EDITS) == 24
    assert len(READ_BY_NOBODY) == 12
    early = {task.key for task in TASKS if task.step <= 4}
    assert sum(edit.step in early for edit in EDITS) >= 10
    assert all(edit.runs <= {edit.step} for edit in READ_BY_NOBODY)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.step}-{edit.what}")
def test_exactly_the_steps_that_read_what_changed_run_again(edit: Edit, finished: Finished, tmp_path: Path) -> None:
    done = make(edit, finished, tmp_path / "copy")
    assert sorted(done.executed) == sorted(edit.runs)
    assert done.new_revisions == dict.fromkeys(edit.runs | {edit.step}, 2)
    assert done.stale == ()


def test_under_thirty_percent_of_the_work_is_done_again(finished: Finished) -> None:
    """Of the executions and of the seconds that the steps took in the whole run."""
    with opened(finished.folder) as deps:
        seconds = {
            r.task_key: (r.created_at - r.started_at).total_seconds() for r in rows(deps, Revision, finished.run_id)
        }
    again = [key for edit in EDITS for key in edit.runs]
    assert len(again) < 0.3 * len(EDITS) * len(TASKS)
    assert sum(seconds[key] for key in again) < 0.3 * len(EDITS) * sum(seconds.values())
