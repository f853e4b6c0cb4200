"""The brief of a real gate: for each person since the own last approval, and for nobody else."""

from uuid import UUID

from sqlmodel import select

from db.tables import Evidence, Revision
from services.actors import Actor
from services.criteria.vouching import ask_for_waiver
from services.deps import Deps
from services.reviews.briefs import gates
from services.reviews.briefs.fitting import WORDS_MAX, Brief
from services.reviews.briefs.gates import get_brief
from services.reviews.briefs.seen import Show
from services.reviews.views import get_gate
from services.workspaces.trees import read_files, store_files
from tests.builders import a_member, a_team
from tests.conftest import Clock
from tests.runs.building import a_run, a_run_at_gate, approve, ask_for, work_off


def brief_of(deps: Deps, actor: Actor, run_id: UUID) -> Brief:
    brief = get_brief(deps, actor, run_id=run_id)
    assert brief is not None
    assert brief.words <= WORDS_MAX
    return brief


def two(deps: Deps) -> tuple[Actor, Actor]:
    owner = a_team(deps)
    return owner, a_member(deps, owner.team_id, username="ben")


def test_a_run_that_stands_at_no_gate_has_no_brief(deps: Deps) -> None:
    actor = a_team(deps)
    assert get_brief(deps, actor, run_id=a_run(deps, actor)) is None


def test_at_the_first_gate_it_is_about_everything(deps: Deps) -> None:
    actor = a_team(deps)
    brief = brief_of(deps, actor, a_run_at_gate(deps, actor))
    assert brief.lead == "You have approved nothing in this run yet, so this is about all of it."
    assert brief.sections[0].title == "Risks with the widest reach"
    assert brief.steps == ()


def test_what_somebody_approved_and_did_not_change_is_not_told_again(deps: Deps) -> None:
    owner, ben = two(deps)
    run_id = a_run_at_gate(deps, owner)
    approve(deps, ben, run_id)
    work_off(deps, run_id)
    brief = brief_of(deps, ben, run_id)
    assert brief.lead == "Nothing that you approved has changed."
    assert [line.text for line in brief.steps] == ["New since your approval: Backend services, Frontend, Data pipeline"]
    assert "Risks with the widest reach" not in brief.text
    # Who asked for the run has approved nothing, and reads all of it.
    assert brief_of(deps, owner, run_id).lead.startswith("You have approved nothing")


def test_a_correction_after_the_approval_is_told_with_what_it_changed(deps: Deps, clock: Clock) -> None:
    owner, ben = two(deps)
    run_id = a_run_at_gate(deps, owner)
    approve(deps, ben, run_id)
    work_off(deps, run_id)
    clock.advance(days=1)
    ask_for(deps, ben, run_id, business="Amounts above 900 EUR need a comment.")
    work_off(deps, run_id)
    brief = brief_of(deps, ben, run_id)
    assert brief.lead.startswith("You approved phase 1 on 2 March. Since then something has changed")
    assert "Made again with another result: Business analysis" in brief.steps[0].text
    assert brief.steps[0].items[0].source.show is Show.REVISIONS


def test_steps_of_later_phases_are_no_part_of_it_when_the_run_went_back(deps: Deps) -> None:
    owner, ben = two(deps)
    run_id = a_run_at_gate(deps, owner)
    approve(deps, ben, run_id)
    work_off(deps, run_id)
    ask_for(deps, ben, run_id, business="Amounts above 900 EUR need a comment.")
    work_off(deps, run_id)
    assert "Backend services" not in "\n".join(line.text for line in brief_of(deps, ben, run_id).steps)


def test_a_remark_after_which_a_step_came_out_the_same_is_named(deps: Deps) -> None:
    owner, ben = two(deps)
    run_id = a_run_at_gate(deps, owner)
    ask_for(deps, ben, run_id, architecture="Please think about it once more.")
    work_off(deps, run_id)
    brief = brief_of(deps, ben, run_id)
    [section] = [s for s in brief.sections if s.title == "Remarks without effect"]
    assert "On Technical architecture: “Please think about it once more.”" in section.lines[0].text


def test_a_waiver_that_waits_for_a_second_person_is_named(deps: Deps) -> None:
    owner, ben = two(deps)
    run_id = a_run_at_gate(deps, owner)
    ask_for_waiver(deps, owner, run_id=run_id, criterion="monitoring", reason="The stack comes in May.", days=9)
    assert "Monitoring: " in brief_of(deps, ben, run_id).text
    assert "asks to do without it: The stack comes in May." in brief_of(deps, ben, run_id).text


def changed_file(deps: Deps, run_id: UUID, task: str, path: str, data: bytes) -> None:
    """As if an agent had made a second revision in which only one file is another."""
    with deps.session() as session:
        first = session.exec(select(Revision).where(Revision.run_id == run_id, Revision.task_key == task)).one()
        tree = store_files(session, {**read_files(session, first.tree), path: data})
        values = {**first.model_dump(), "id": deps.new_id(), "number": 2, "tree": tree, "output_hash": "other"}
        session.add(Revision(**values))
        session.commit()


def approved_twice(deps: Deps) -> tuple[Actor, UUID]:
    """A run at its third gate; the second member approved the first two."""
    owner, ben = two(deps)
    run_id = a_run_at_gate(deps, owner)
    for _ in range(2):
        approve(deps, ben, run_id)
        work_off(deps, run_id)
    return ben, run_id


def test_a_migration_that_loses_data_is_the_first_thing_and_leads_to_its_line(deps: Deps) -> None:
    ben, run_id = approved_twice(deps)
    path = "migrations/versions/0009_tidy.py"
    changed_file(
        deps, run_id, "backend", path, b"def upgrade():\n    op.drop_table('expense')\n\ndef downgrade():\n    op.x()\n"
    )
    brief = brief_of(deps, ben, run_id)
    line = brief.sections[0].lines[0]
    assert line.text == f"Migration that loses data: {path}:2 (op.drop_table('expense'))"
    source = line.items[0].source
    assert (source.task, source.revision, source.path, source.line) == ("backend", 2, path, 2)


def test_a_file_that_is_too_large_to_look_into_is_named(deps: Deps) -> None:
    ben, run_id = approved_twice(deps)
    changed_file(deps, run_id, "backend", "app/blob.py", b"#" * (gates.FILE_BYTES_MAX + 1))
    assert "Too large to look into: app/blob.py" in brief_of(deps, ben, run_id).text


def test_a_check_that_failed_is_named_with_its_reason(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner)
    gate = get_gate(deps, owner, run_id=run_id)
    assert gate is not None
    finding = {"rule": "R1", "severity": "critical", "place": "design/openapi.json:3", "message": "no answer is told",
               "advice": "Tell it.", "task": "architecture"}  # fmt: skip
    with deps.session() as session:
        session.add(
            Evidence(
                id=deps.new_id(), run_id=run_id, phase=1, segment=1, check="contract", tool="x", tool_version="1",
                isolation="bubblewrap", enforced={}, tree="", outcome="failed", reason="1 finding in the contract.", figures={},
                findings=[finding], log="", started_at=deps.now(), duration_seconds=1,
            )
        )  # fmt: skip
        session.commit()
    text = brief_of(deps, owner, run_id).text
    assert "Critical finding: design/openapi.json:3 (no answer is told)" in text
    assert "Check of contract: 1 finding in the contract." in text
