"""Cancel, retry, archive, delete: what people do to a run outside its gates."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select

from db.tables import Event, LedgerEntry, Outbox, Run, Task
from db.tables.run import RunStatus
from services import ledger
from services.actors import Actor, Role
from services.deps import Deps
from services.errors import Conflict, GreenlightError, NotAllowed, NotFound
from services.runs.control import cancel_run, delete_run, deletion_of_run, retry_run, set_archived
from services.runs.views import get_run, list_runs
from tests.builders import a_team, in_role
from tests.conftest import Clock, RecordingDispatcher
from tests.fakes.scripted_engine import ScriptedEngine, raising
from tests.runs.building import (
    HANGING_ON_A_RUN,
    a_failed_run,
    a_run,
    a_run_at_gate,
    approve,
    ask_for,
    counts,
    newest_todo,
    rows,
    set_status,
    statuses,
    the_run,
    unsent_segments,
    work_off,
)

Act = Callable[..., object]
FAILING = {"architecture": raising(GreenlightError("No."))}
ENDED = [RunStatus.CANCELLED, RunStatus.FINISHED]


def test_a_cancel_ends_what_is_open_and_keeps_what_is_done(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    approve(deps, actor, run_id)
    cancel_run(deps, actor, run_id=run_id)
    found = statuses(deps, run_id)
    assert {key for key, status in found.items() if status == "done"} == {"business", "architecture", "risk"}
    assert {status.value for status in found.values()} == {"done", "cancelled"}


def test_a_cancelled_run_says_when_it_ended(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    clock.advance(hours=1)
    cancel_run(deps, actor, run_id=run_id)
    assert (the_run(deps, run_id).status.value, the_run(deps, run_id).finished_at) == ("cancelled", clock.at)


def test_a_cancel_takes_the_unsent_segment_away(deps: Deps) -> None:
    actor = a_team(deps)
    run_id, other = a_run(deps, actor), a_run(deps, actor)
    cancel_run(deps, actor, run_id=run_id)
    assert unsent_segments(deps, run_id) == []
    assert unsent_segments(deps, other) == [1]


def test_a_cancel_stops_the_live_work_of_this_run_only(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    cancel_run(deps, actor, run_id=run_id)
    assert isinstance(deps.dispatcher, RecordingDispatcher)
    assert deps.dispatcher.cancelled == [f"{run_id}:"]


@pytest.mark.parametrize("status", [s for s in RunStatus if s not in ENDED])
def test_a_run_that_has_not_ended_can_be_cancelled(deps: Deps, status: RunStatus) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    set_status(deps, run_id, status)
    cancel_run(deps, actor, run_id=run_id)
    assert the_run(deps, run_id).status == "cancelled"


@pytest.mark.parametrize("status", ENDED)
def test_a_run_that_has_ended_cannot_be_cancelled(deps: Deps, status: RunStatus) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    set_status(deps, run_id, status)
    before = counts(deps, HANGING_ON_A_RUN)
    with pytest.raises(Conflict, match=status.value):
        cancel_run(deps, actor, run_id=run_id)
    assert counts(deps, HANGING_ON_A_RUN) == before


def test_a_retry_repeats_what_failed_and_what_never_ran(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_failed_run(deps, actor, ScriptedEngine(FAILING))
    retry_run(deps, actor, run_id=run_id)
    assert newest_todo(deps, run_id) == {"architecture": [1, 2], "risk": [1, 2]}


def test_a_retry_does_not_touch_what_is_done(deps: Deps) -> None:
    actor, engine = a_team(deps), ScriptedEngine()
    run_id = a_failed_run(deps, actor, ScriptedEngine(FAILING))
    retry_run(deps, actor, run_id=run_id)
    work_off(deps, run_id, engine=engine)
    assert engine.executed == ["architecture", "risk"]
    assert the_run(deps, run_id).status == "waiting"


def test_a_retry_forgets_the_old_error(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_failed_run(deps, actor, ScriptedEngine(FAILING))
    retry_run(deps, actor, run_id=run_id)
    run = the_run(deps, run_id)
    assert (run.status.value, run.reason, run.segment) == ("running", None, 2)
    assert [task.error for task in rows(deps, Task, run_id) if task.error] == []


@pytest.mark.parametrize("status", [s for s in RunStatus if s not in (RunStatus.FAILED, RunStatus.PARKED)])
def test_only_a_failed_or_parked_run_can_be_retried(deps: Deps, status: RunStatus) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    set_status(deps, run_id, status)
    with pytest.raises(Conflict, match=status.value):
        retry_run(deps, actor, run_id=run_id)
    assert len(rows(deps, Outbox, run_id)) == 1


@pytest.mark.parametrize("act", [cancel_run, retry_run])
def test_a_viewer_may_neither_cancel_nor_retry(deps: Deps, act: Act) -> None:
    actor = a_team(deps)
    run_id = a_failed_run(deps, actor, ScriptedEngine(FAILING))
    with pytest.raises(NotAllowed):
        act(deps, in_role(actor, Role.VIEWER), run_id=run_id)
    assert the_run(deps, run_id).status == "failed"


@pytest.mark.parametrize("act", [cancel_run, retry_run, delete_run, deletion_of_run, get_run])
def test_the_run_of_another_team_is_not_found(deps: Deps, act: Act) -> None:
    run_id = a_failed_run(deps, a_team(deps, "Payments"), ScriptedEngine(FAILING))
    with pytest.raises(NotFound):
        act(deps, a_team(deps, "Search"), run_id=run_id)
    assert the_run(deps, run_id).status == "failed"


def listed(deps: Deps, actor: Actor, *, archived: bool) -> list[int]:
    return [run.number for run in list_runs(deps, actor, archived=archived)]


def test_an_archived_run_leaves_the_list_and_comes_back(deps: Deps) -> None:
    actor = a_team(deps)
    first, _ = a_run_at_gate(deps, actor), a_run(deps, actor)
    set_archived(deps, actor, run_id=first, archived=True)
    assert (listed(deps, actor, archived=False), listed(deps, actor, archived=True)) == ([2], [1])
    set_archived(deps, actor, run_id=first, archived=False)
    assert (listed(deps, actor, archived=False), listed(deps, actor, archived=True)) == ([2, 1], [])


def test_a_running_run_cannot_be_archived(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    with pytest.raises(Conflict, match="running"):
        set_archived(deps, actor, run_id=run_id, archived=True)
    assert the_run(deps, run_id).archived_at is None


def test_the_question_before_a_deletion_names_what_goes(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    deletion = deletion_of_run(deps, actor, run_id=run_id)
    assert deletion.parts == {"revisions": 3, "events": 15, "pieces of evidence": 1}
    assert deletion.sentence.startswith("This deletes run 1 with 3 revisions, 15 events")
    assert "The ledger of decisions stays." in deletion.sentence


def test_a_deletion_takes_everything_of_the_run_and_nothing_else(deps: Deps) -> None:
    actor = a_team(deps)
    kept = a_run_at_gate(deps, actor, phase=2)
    before = counts(deps, HANGING_ON_A_RUN)
    run_id = a_run_at_gate(deps, actor, phase=3)
    ask_for(deps, actor, run_id, tests="More.")
    cancel_run(deps, actor, run_id=run_id)
    delete_run(deps, actor, run_id=run_id)
    after = counts(deps, HANGING_ON_A_RUN)
    assert after == {**before, "event": before["event"] + 1}
    with deps.reading() as session:
        (told,) = session.exec(select(Event).where(col(Event.run_id).is_(None)))
    assert (told.kind, told.actor_name, told.data["number"]) == ("run.deleted", actor.name, 2)
    assert the_run(deps, kept).status == "waiting"


def test_a_deletion_leaves_the_ledger_whole(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3)
    delete_run(deps, actor, run_id=run_id)
    assert counts(deps, (Run, LedgerEntry)) == {"run": 0, "ledger_entry": 2}
    assert ledger.verify(deps, actor).is_whole


def test_a_run_at_work_cannot_be_deleted(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    with pytest.raises(Conflict, match="cancel it first"):
        delete_run(deps, actor, run_id=run_id)
    assert the_run(deps, run_id).status == "running"


@pytest.mark.parametrize("act", [delete_run, deletion_of_run])
def test_only_an_owner_deletes(deps: Deps, act: Act) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(NotAllowed, match="owner"):
        act(deps, in_role(actor, Role.MEMBER), run_id=run_id)
    assert the_run(deps, run_id).status == "waiting"


def test_the_number_of_a_deleted_run_in_the_middle_is_not_used_again(deps: Deps) -> None:
    actor = a_team(deps)
    first, _ = a_run_at_gate(deps, actor), a_run(deps, actor)
    delete_run(deps, actor, run_id=first)
    assert the_run(deps, a_run(deps, actor)).number == 3
