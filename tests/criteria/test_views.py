"""The criteria of a run as people read them."""

from uuid import UUID

import pytest
from sqlmodel import select

from db.tables import Evidence
from services.criteria.views import list_acceptance, list_criteria
from services.deps import Deps
from services.errors import NotFound
from services.workflow.criteria import CRITERIA, Outcome
from tests.builders import a_team
from tests.fakes.scripted_engine import ScriptedEngine, writing
from tests.runs.building import a_run, a_run_at_gate, ask_for, work_off


def test_before_the_first_gate_nothing_is_measured(deps: Deps) -> None:
    actor = a_team(deps)
    views = list_criteria(deps, actor, run_id=a_run(deps, actor))
    assert [view.id for view in views] == [criterion.id for criterion in CRITERIA]
    assert {(view.outcome, view.reason) for view in views} == {(Outcome.NOT_MEASURED, "No gate has been reached yet.")}


def test_a_criterion_shows_its_newest_verdict_and_how_it_came_to_be(deps: Deps) -> None:
    actor = a_team(deps)
    coverage = list_criteria(deps, actor, run_id=a_run_at_gate(deps, actor, phase=3))[1]
    assert (coverage.id, coverage.outcome) == ("test_coverage", Outcome.NOT_MEASURED)
    assert "environment for checks is missing" in coverage.reason
    assert sorted(phase for _, phase, _ in coverage.history) == [1, 2, 3]


def test_the_criteria_of_another_team_are_not_found(deps: Deps) -> None:
    run_id = a_run(deps, a_team(deps, "Payments"))
    for read in (list_criteria, list_acceptance):
        with pytest.raises(NotFound):
            read(deps, a_team(deps, "Search"), run_id=run_id)


def measured_as_covered(deps: Deps, run_id: UUID, ids: list[str]) -> None:
    """The tests ran over the files at hand and proved every criterion."""
    with deps.session() as session:
        evidence = session.exec(select(Evidence).where(Evidence.run_id == run_id, Evidence.check == "tests")).first()
        assert evidence is not None
        proven = {"outcome": "covered", "reason": "1 test passed.", "tests": ["t"]}
        evidence.outcome, evidence.figures = "passed", {"criteria": dict.fromkeys(ids, proven)}
        session.add(evidence)
        session.commit()


def test_an_acceptance_criterion_shows_its_tests(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3)
    ids = [view.id for view in list_acceptance(deps, actor, run_id=run_id)]
    measured_as_covered(deps, run_id, ids)
    covered = [view for view in list_acceptance(deps, actor, run_id=run_id) if view.outcome == "covered"]
    assert {view.tests for view in covered} == {("t",)}


def test_tests_over_other_files_do_not_show_a_criterion_as_covered(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3)
    measured_as_covered(deps, run_id, [view.id for view in list_acceptance(deps, actor, run_id=run_id)])
    ask_for(deps, actor, run_id, architecture="Other names.")
    change_files(deps, run_id)
    assert "covered" not in {view.outcome for view in list_acceptance(deps, actor, run_id=run_id)}


def change_files(deps: Deps, run_id: UUID) -> None:
    """The architect writes one file more."""
    work_off(deps, run_id, engine=ScriptedEngine({"architecture": writing("design/more.md")}))
