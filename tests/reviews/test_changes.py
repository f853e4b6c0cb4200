"""A step that runs again by hand, and a report in a person's words."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import select

from db.tables import Event, Revision, Task
from db.tables.run import RunStatus
from services.actors import Actor, Role
from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from services.reviews.changes import REPORT_MAX, edit_report, rerun_step
from services.reviews.forecasts import forecast_rerun
from services.runs.work import output_hash
from services.workspaces.trees import read_files
from tests.builders import a_member, a_team
from tests.fakes.scripted_engine import ScriptedEngine, raising
from tests.runs.building import (
    a_failed_run,
    a_run,
    a_run_at_gate,
    at_once,
    gate,
    go_on_to_gate,
    newest_todo,
    rows,
    set_status,
    statuses,
    the_run,
    work_off,
)


@pytest.fixture
def actor(deps: Deps) -> Actor:
    return a_team(deps)


def newest(deps: Deps, run_id: UUID, key: str) -> Revision:
    return max((r for r in rows(deps, Revision, run_id) if r.task_key == key), key=lambda r: r.number)


def edit(deps: Deps, actor: Actor, run_id: UUID, key: str = "business", number: int = 1, report: str = "Ours.") -> None:
    edit_report(deps, actor, run_id=run_id, task_key=key, number=number, report=report)


def read_the_report_of(key: str) -> ScriptedEngine:
    """Its architect reads the words of another step, as a model would."""

    def act(brief: Brief, work: Work) -> Draft:
        draft = BlueprintEngine().produce(brief, work)
        return replace(draft, report=f"{draft.report}\n\nRead: {brief.inputs[key].report[:40]}")

    return ScriptedEngine({"architecture": act})


def test_a_step_runs_again_by_hand_and_the_run_goes_back_to_its_phase(deps: Deps, actor: Actor) -> None:
    engine = ScriptedEngine()
    run_id = a_run_at_gate(deps, actor, phase=3, engine=engine)
    engine.briefs.clear()
    rerun_step(deps, actor, run_id=run_id, task_key="data")
    assert (the_run(deps, run_id).phase, newest_todo(deps, run_id)) == (2, {"data": [2, 1]})
    work_off(deps, run_id, engine=engine)
    go_on_to_gate(deps, actor, run_id, 3, engine=engine)
    assert engine.executed == ["data"]
    made = newest(deps, run_id, "data")
    assert (made.number, made.cause, made.asked_id) == (2, "rerun", actor.user_id)


def test_another_engine_stays_with_the_step(deps: Deps, actor: Actor) -> None:
    both, other = replace(deps, engines=("blueprint", "other")), ScriptedEngine(name="other")
    run_id = a_run_at_gate(deps, actor)
    rerun_step(both, actor, run_id=run_id, task_key="risk", engine="other")
    work_off(deps, run_id, other=other)
    rerun_step(both, actor, run_id=run_id, task_key="risk")
    work_off(deps, run_id, other=other)
    assert [r.engine for r in rows(deps, Revision, run_id) if r.task_key == "risk"].count("other") == 2


def test_an_engine_that_is_not_offered_is_refused(deps: Deps, actor: Actor) -> None:
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(InvalidInput):
        rerun_step(replace(deps, engines=("blueprint",)), actor, run_id=run_id, task_key="risk", engine="other")
    assert statuses(deps, run_id)["risk"] == "done"


def test_a_failed_step_runs_again_with_another_engine_and_the_run_goes_on(deps: Deps, actor: Actor) -> None:
    run_id = a_failed_run(deps, actor, ScriptedEngine({"architecture": raising(ValueError("no"))}))
    other = ScriptedEngine(name="other")
    rerun_step(replace(deps, engines=("other",)), actor, run_id=run_id, task_key="architecture", engine="other")
    assert newest_todo(deps, run_id) == {"architecture": [1, 2], "risk": [1, 2]}
    work_off(deps, run_id, other=other)
    assert the_run(deps, run_id).status == "waiting"
    assert other.executed == ["architecture"]


def test_an_earlier_step_of_a_failed_run_takes_it_back_and_the_failed_one_is_tried_later(
    deps: Deps, actor: Actor
) -> None:
    run_id = a_run_at_gate(deps, actor, phase=1)
    go_on_to_gate(deps, actor, run_id, 2, engine=ScriptedEngine({"frontend": raising(ValueError("no"))}, version="1"))
    assert the_run(deps, run_id).status == "failed"
    rerun_step(deps, actor, run_id=run_id, task_key="risk")
    work_off(deps, run_id)
    go_on_to_gate(deps, actor, run_id, 2)
    assert the_run(deps, run_id).status == "waiting"
    assert [t.attempt for t in rows(deps, Task, run_id) if t.key == "frontend"] == [2]


def test_a_report_that_nobody_reads_runs_nothing(deps: Deps, actor: Actor) -> None:
    engine = ScriptedEngine()
    run_id = a_run_at_gate(deps, actor, phase=2, engine=engine)
    engine.briefs.clear()
    edit(deps, actor, run_id)
    assert (the_run(deps, run_id).phase, newest_todo(deps, run_id)) == (1, {})
    work_off(deps, run_id, engine=engine)
    go_on_to_gate(deps, actor, run_id, 2, engine=engine)
    assert engine.executed == []
    assert {t.revision for t in rows(deps, Task, run_id) if t.key != "business"} == {1}


def test_an_edited_report_is_a_revision_of_the_person(deps: Deps, actor: Actor) -> None:
    run_id = a_run_at_gate(deps, actor, phase=1)
    before = newest(deps, run_id, "architecture")
    edit(deps, actor, run_id, "architecture", report="\r\nOurs.\r\n")
    after = newest(deps, run_id, "architecture")
    assert (after.number, after.report, after.cause) == (2, "Ours.", "edit")
    assert (after.author_kind, after.author_name, after.asked_id) == ("person", actor.name, actor.user_id)
    assert (after.records, after.tree, after.reads) == (before.records, before.tree, before.reads)
    with deps.reading() as session:
        assert after.output_hash == output_hash("Ours.", after.records, read_files(session, after.tree))
    assert [e.actor_id for e in rows(deps, Event, run_id) if e.kind == "report.edited"] == [actor.user_id]


def test_a_step_that_read_the_report_runs_again_and_the_others_do_not(deps: Deps, actor: Actor) -> None:
    engine = read_the_report_of("business")
    run_id = a_run_at_gate(deps, actor, phase=2, engine=engine)
    engine.briefs.clear()
    edit(deps, actor, run_id)
    work_off(deps, run_id, engine=engine)
    go_on_to_gate(deps, actor, run_id, 2, engine=engine)
    assert engine.executed == ["architecture"]
    assert newest(deps, run_id, "architecture").report.endswith("Read: Ours.")


def test_an_edit_outlives_a_change_that_its_step_does_not_read(deps: Deps, actor: Actor) -> None:
    run_id = a_run_at_gate(deps, actor)
    edit(deps, actor, run_id, "risk")
    work_off(deps, run_id)
    rerun_step(deps, actor, run_id=run_id, task_key="architecture")
    work_off(deps, run_id)
    assert newest(deps, run_id, "risk").report == "Ours."
    assert [t.cause for t in rows(deps, Task, run_id) if t.key == "risk"] == ["edit"]


def test_an_edit_over_a_newer_revision_is_a_conflict(deps: Deps, actor: Actor) -> None:
    run_id = a_run_at_gate(deps, actor)
    edit(deps, actor, run_id)
    work_off(deps, run_id)
    with pytest.raises(Conflict, match="revision 2 by now"):
        edit(deps, actor, run_id, report="Mine.")
    assert newest(deps, run_id, "business").report == "Ours."


def test_of_two_edits_at_once_one_is_kept(deps: Deps, actor: Actor) -> None:
    run_id = a_run_at_gate(deps, actor)
    said = at_once(*(lambda n=n: edit(deps, actor, run_id, report=f"Words {n}.") for n in range(4)))
    assert sum(isinstance(one, Conflict) for one in said) == 3
    assert newest(deps, run_id, "business").number == 2


@pytest.mark.parametrize("report", ["", " \n", "a\x00b", "\ud800", "x" * (REPORT_MAX + 1)])
def test_a_report_that_cannot_be_is_refused(deps: Deps, actor: Actor, report: str) -> None:
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(InvalidInput):
        edit(deps, actor, run_id, report=report)
    assert newest(deps, run_id, "business").number == 1


def test_the_same_words_are_no_edit(deps: Deps, actor: Actor) -> None:
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(InvalidInput):
        edit(deps, actor, run_id, report=newest(deps, run_id, "business").report + "\n")


Act = Callable[[Deps, Actor, UUID], None]
ACTS: list[Act] = [lambda d, a, r: rerun_step(d, a, run_id=r, task_key="business"), edit]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FINISHED, RunStatus.CANCELLED])
def test_nothing_is_changed_in_a_run_that_works_or_has_ended(
    deps: Deps, actor: Actor, status: RunStatus, act: Act
) -> None:
    run_id = a_run_at_gate(deps, actor)
    set_status(deps, run_id, status)
    with pytest.raises(Conflict):
        act(deps, actor, run_id)
    assert set(statuses(deps, run_id).values()) == {"done", "pending"}


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_changes_nothing(deps: Deps, actor: Actor, act: Act) -> None:
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(NotAllowed):
        act(deps, a_member(deps, actor.team_id, username="eve", role=Role.VIEWER), run_id)


def test_a_step_that_has_not_been_reached_or_does_not_exist_is_refused(deps: Deps, actor: Actor) -> None:
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(InvalidInput):
        rerun_step(deps, actor, run_id=run_id, task_key="data")
    with pytest.raises(NotFound):
        rerun_step(deps, actor, run_id=run_id, task_key="astrology")


def test_a_step_that_failed_has_no_report_to_edit(deps: Deps, actor: Actor) -> None:
    run_id = a_failed_run(deps, actor, ScriptedEngine({"architecture": raising(ValueError("no"))}))
    with pytest.raises(Conflict):
        edit(deps, actor, run_id, "architecture")


def test_whoever_changed_something_asked_for_what_came_of_it(deps: Deps, actor: Actor) -> None:
    bob, cleo = (a_member(deps, actor.team_id, username=name) for name in ("bob", "cleo"))
    run_id = a_run(deps, actor)
    work_off(deps, run_id)
    edit(deps, bob, run_id)
    work_off(deps, run_id)
    forge_asker(deps, run_id)
    said = {person: gate(deps, person, run_id).why_not for person in (actor, bob, cleo)}
    assert "asked for this run" in (said[actor] or "")
    assert "asked for the last change" in (said[bob] or "")
    assert said[cleo] is None


def forge_asker(deps: Deps, run_id: UUID) -> None:
    """A worker writes revisions, so what it says of whoever asked for them decides nothing."""
    with deps.session() as session:
        for revision in session.exec(select(Revision).where(Revision.run_id == run_id)):
            revision.asked_id, revision.cause = None, "start"
            session.add(revision)
        session.commit()


def test_what_a_rerun_will_do_is_said_before(deps: Deps, actor: Actor) -> None:
    run_id = a_run_at_gate(deps, actor, phase=4)
    told = forecast_rerun(deps, actor, run_id=run_id, task_key="data")
    assert told.certain == ("Data pipeline",)
    # The security step reads the pipeline's code; deployment and observability read nothing of it.
    assert told.possible == ("Security validation", "Documentation")
    assert (told.phase, told.low_cost_usd, told.high_cost_usd) == (2, 0.0, 0.0)
    unknown = forecast_rerun(deps, actor, run_id=run_id, task_key="data", engine="other")
    assert (unknown.low_seconds, unknown.low_cost_usd, unknown.high_cost_usd) == (None, None, None)


def test_of_a_failed_run_also_what_had_failed_is_told(deps: Deps, actor: Actor) -> None:
    run_id = a_failed_run(deps, actor, ScriptedEngine({"risk": raising(ValueError("no"))}))
    told = forecast_rerun(deps, actor, run_id=run_id, task_key="business")
    assert told.certain == ("Business analysis", "Feasibility & risk")
