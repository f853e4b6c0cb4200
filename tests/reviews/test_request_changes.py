"""A change request makes new revisions of exactly what it touches, and goes back as far as it must."""

from uuid import UUID

import pytest

from db.tables import Decision, Revision, Task
from services import ledger
from services.actors import Actor, Role
from services.agents.engine import Remark
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed
from services.features.request import FeatureRequest
from services.reviews.changes import request_changes
from services.reviews.chosen import REMARK_MAX
from services.workflow.options import Methodology
from services.workflow.tasks import tasks_for
from tests.builders import REQUEST, a_member, a_team
from tests.fakes.scripted_engine import ScriptedEngine
from tests.runs.building import (
    WRITTEN_BY_A_DECISION,
    a_run_at_gate,
    approve,
    ask_for,
    counts,
    gate,
    go_on_to_gate,
    newest_todo,
    rows,
    statuses,
    the_run,
    work_off,
)

TDD = REQUEST.model_copy(update={"methodology": Methodology.TDD})
RELEASE = {"deployment", "observability", "documentation"}
# What a remark on these steps makes anew, at the last gate, written down by hand from the table of the workflow.
TOUCHED: list[tuple[FeatureRequest, dict[str, str], set[str], int]] = [
    (
        REQUEST,
        {"risk": "More."},
        {"risk", "backend", "frontend", "tests", "security", "performance", *RELEASE},
        1,
    ),
    (REQUEST, {"data": "More."}, {"data", "tests", "security", *RELEASE}, 2),
    (REQUEST, {"tests": "More."}, {"tests", "security", "deployment", "documentation"}, 3),
    (REQUEST, {"documentation": "More."}, {"documentation"}, 4),
    (
        REQUEST,
        {"security": "More.", "deployment": "Less."},
        {"security", "deployment", "documentation"},
        3,
    ),
    (
        TDD,
        {"tests-red": "More."},
        {"tests-red", "backend", "frontend", "tests", "security", "performance", *RELEASE},
        2,
    ),
]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # the graph does not depend on the database
@pytest.mark.parametrize(
    ("request_", "remarks", "touched", "phase"), TOUCHED, ids=["+".join(remarks) for _, remarks, _, _ in TOUCHED]
)
def test_a_change_request_asks_what_it_touches_and_remakes_only_what_reads_a_change(
    deps: Deps, request_: FeatureRequest, remarks: dict[str, str], touched: set[str], phase: int
) -> None:
    """These remarks change reports alone, and the blueprint reads no report."""
    actor, engine = a_team(deps), ScriptedEngine()
    run_id = a_run_at_gate(deps, actor, phase=4, request=request_, engine=engine)
    engine.briefs.clear()
    ask(deps, actor, run_id, remarks)
    assert the_run(deps, run_id).phase == phase
    assert {key for key, status in statuses(deps, run_id).items() if status != "done"} == touched
    work_off(deps, run_id, engine=engine)
    go_on_to_gate(deps, actor, run_id, 4, engine=engine)
    assert sorted(engine.executed) == sorted(remarks)
    keys = [task.key for task in tasks_for(request_.methodology)]
    assert {task.key: task.revision for task in rows(deps, Task, run_id)} == {key: 1 + (key in remarks) for key in keys}
    assert len(rows(deps, Revision, run_id)) == len(keys) + len(remarks)


def test_another_version_of_the_engine_remakes_all_that_is_asked(deps: Deps) -> None:
    actor, engine = a_team(deps), ScriptedEngine()
    run_id = a_run_at_gate(deps, actor, phase=4)
    ask_for(deps, actor, run_id, data="More.")
    work_off(deps, run_id, engine=engine)
    go_on_to_gate(deps, actor, run_id, 4, engine=engine)
    assert set(engine.executed) == {"data", "tests", "security", *RELEASE}


def ask(deps: Deps, actor: Actor, run_id: UUID, remarks: dict[str, str]) -> None:
    ask_for(deps, actor, run_id, **{key.replace("-", "_"): text for key, text in remarks.items()})


def test_only_the_earliest_phase_is_queued(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3)
    ask_for(deps, actor, run_id, risk="More.")
    assert newest_todo(deps, run_id) == {"risk": [2, 1]}


def test_the_remark_is_the_cause_and_what_reads_the_change_follows(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, architecture="Rename expense to claim.")
    work_off(deps, run_id)
    again = {r.task_key: (r.cause, r.remarks) for r in rows(deps, Revision, run_id) if r.number == 2}
    assert again == {
        "business": ("upstream", []),
        "architecture": ("change_request", ["Rename expense to claim."]),
        "risk": ("upstream", []),
    }


def test_the_next_brief_holds_the_remark_and_the_revision_before(deps: Deps) -> None:
    actor, engine = a_team(deps), ScriptedEngine()
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, risk="  Name the retention of receipts.\n")
    work_off(deps, run_id, engine=engine)
    [brief] = engine.briefs
    assert brief.remarks == (Remark("Name the retention of receipts."),)
    assert brief.previous is not None
    first = next(r for r in rows(deps, Revision, run_id) if (r.task_key, r.number) == ("risk", 1))
    assert brief.previous.report == first.report


def test_the_earlier_revision_stays_as_it_was(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    before = {r.id: r.model_dump() for r in rows(deps, Revision, run_id)}
    ask_for(deps, actor, run_id, business="More.")
    work_off(deps, run_id)
    assert {r.id: r.model_dump() for r in rows(deps, Revision, run_id) if r.number == 1} == before


def test_new_revisions_read_the_newest_ones(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, architecture="Rename expense to claim.")
    work_off(deps, run_id)
    made = {(r.task_key, r.number): r for r in rows(deps, Revision, run_id)}
    assert made["risk", 2].inputs == {
        "business": str(made["business", 2].id),
        "architecture": str(made["architecture", 2].id),
    }


def test_a_step_that_was_not_touched_is_not_done_again_in_a_phase_that_is(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=2)
    ask_for(deps, actor, run_id, risk="More.")
    work_off(deps, run_id)
    approve(deps, actor, run_id)
    assert newest_todo(deps, run_id) == {"backend": [2, 1], "frontend": [2, 1]}


def test_a_second_change_request_at_an_earlier_gate_reaches_what_was_done_later(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=2)
    ask_for(deps, actor, run_id, risk="More.")
    work_off(deps, run_id)
    ask_for(deps, actor, run_id, business="Rename expense to claim.")
    work_off(deps, run_id)
    approve(deps, actor, run_id)
    work_off(deps, run_id)
    made = {(r.task_key, r.number): r for r in rows(deps, Revision, run_id)}
    newest = {key: max(n for k, n in made if k == key) for key, _ in made}
    read_by_data = made["data", newest["data"]].inputs
    assert read_by_data["business"] == str(made["business", newest["business"]].id)


def test_a_change_request_is_a_decision_in_the_ledger(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, risk="More.")
    assert [(d.kind, d.remarks) for d in rows(deps, Decision, run_id)] == [("request_changes", {"risk": "More."})]
    assert ledger.verify(deps, actor).entries == 1


def test_who_asked_for_the_run_may_ask_for_changes(deps: Deps) -> None:
    actor = a_team(deps)
    a_member(deps, actor.team_id, username="bob")
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, risk="More.")
    assert the_run(deps, run_id).status == "running"


@pytest.mark.parametrize(
    "remarks",
    [
        {},
        {"risk": ""},
        {"risk": " \n\t"},
        {"risk": "x" * (REMARK_MAX + 1)},
        {"astrology": "More."},
        {"backend": "More."},
        {"risk": "More.", "documentation": "More."},
    ],
    ids=["none", "empty", "blank", "too long", "unknown", "later phase", "one of a later phase"],
)
def test_remarks_that_cannot_be_are_refused_and_nothing_is_written(deps: Deps, remarks: dict[str, str]) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    shown, before = gate(deps, actor, run_id).shown_hash, counts(deps, WRITTEN_BY_A_DECISION)
    with pytest.raises(InvalidInput):
        request_changes(deps, actor, run_id=run_id, shown_hash=shown, remarks=remarks)
    assert counts(deps, WRITTEN_BY_A_DECISION) == before
    assert the_run(deps, run_id).status == "waiting"


def test_the_longest_remark_is_accepted(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, risk="x" * REMARK_MAX)
    assert the_run(deps, run_id).status == "running"


def test_a_change_request_for_something_that_moved_writes_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    before = counts(deps, WRITTEN_BY_A_DECISION)
    with pytest.raises(Conflict):
        request_changes(deps, actor, run_id=run_id, shown_hash="0" * 64, remarks={"risk": "More."})
    assert counts(deps, WRITTEN_BY_A_DECISION) == before


def test_a_viewer_may_not_ask_for_changes(deps: Deps) -> None:
    actor = a_team(deps)
    viewer = a_member(deps, actor.team_id, username="eve", role=Role.VIEWER)
    run_id = a_run_at_gate(deps, actor)
    shown = gate(deps, viewer, run_id).shown_hash
    with pytest.raises(NotAllowed):
        request_changes(deps, viewer, run_id=run_id, shown_hash=shown, remarks={"risk": "More."})
    assert rows(deps, Decision, run_id) == []
