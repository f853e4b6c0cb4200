"""Remarks at a gate that correct what was understood: the run is built anew from them, and the answer says so."""

import pytest

from db.queries.runs import current_revisions
from db.tables import Revision
from services.deps import Deps
from tests.builders import a_team
from tests.runs.building import a_run_at_gate, ask_for, rows, the_run, work_off

REMARKS = (
    ("Rename expense to claim.", "claim", "Applied."),
    ("Add field cost center (required) to expense.", "cost center", "Applied."),
    ("Limit is 5 per minute.", "Limit is 5 per minute.", "Applied."),
    ("Also notify the owner when an expense is approved.", "Also notify the owner", "Applied."),
    ("Drop story US-3.", "", "Applied."),
)


@pytest.mark.parametrize(("remark", "made", "answer"), REMARKS, ids=[remark for remark, _, _ in REMARKS])
def test_a_remark_that_is_understood_changes_the_design(deps: Deps, remark: str, made: str, answer: str) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, architecture=remark)
    work_off(deps, run_id)
    with deps.reading() as session:
        current = current_revisions(session, run_id)
    assert {key: revision.number for key, revision in current.items()} == {"business": 2, "architecture": 2, "risk": 2}
    assert answer in current["architecture"].report
    assert made in str(current["business"].records)
    assert ("US-3" in str(current["business"].records)) is (remark != "Drop story US-3.")


def test_a_remark_that_is_not_understood_changes_nothing_and_says_why(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    before = {r.task_key: r.records for r in rows(deps, Revision, run_id)}
    ask_for(deps, actor, run_id, risk="Make it nicer somehow.")
    work_off(deps, run_id)
    with deps.reading() as session:
        current = current_revisions(session, run_id)
    assert {key: revision.number for key, revision in current.items()} == {"business": 1, "architecture": 1, "risk": 2}
    assert "Not applied." in current["risk"].report
    assert current["risk"].records == before["risk"]


def test_later_steps_are_built_from_corrected_names(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, 2)
    ask_for(deps, actor, run_id, backend="Rename expense to claim.")
    assert the_run(deps, run_id).phase == 1
    work_off(deps, run_id)
    with deps.reading() as session:
        assert "/claims" in str(current_revisions(session, run_id)["architecture"].records)
