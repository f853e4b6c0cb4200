"""Two revisions of a step of a real run, compared by whoever may look."""

from uuid import UUID, uuid4

import pytest

from db.tables import Revision
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.reviews.differences import revisions
from services.reviews.differences.revisions import RevisionDifference, compare_revisions
from services.reviews.differences.sequences import Change
from services.workspaces.trees import BLOB_MAX, store_files
from tests.builders import a_team
from tests.runs.building import a_run_at_gate, ask_for, rows, work_off


def compared(deps: Deps, actor: Actor, run_id: UUID, task: str, before: int = 1, after: int = 2) -> RevisionDifference:
    return compare_revisions(deps, actor, run_id=run_id, task_key=task, before=before, after=after)


def with_files(deps: Deps, run_id: UUID, number: int, files: dict[str, bytes]) -> None:
    """A revision of the architecture as the first, with other files."""
    first = next(r for r in rows(deps, Revision, run_id) if (r.task_key, r.number) == ("architecture", 1))
    with deps.session() as session:
        tree = store_files(session, files)
        session.add(Revision(**{**first.model_dump(), "id": uuid4(), "number": number, "tree": tree}))
        session.commit()


def test_a_correction_shows_in_report_records_and_files(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    ask_for(deps, actor, run_id, business="rename expense to claim")
    work_off(deps, run_id)
    found = compared(deps, actor, run_id, "architecture")
    assert not found.is_same
    assert [p.kind for p in found.report.paragraphs].count(Change.CHANGED) > 3
    assert {"entities", "operations"} <= {change.table for change in found.records.changes}
    assert "design/openapi.json" in [file.path for file in found.files]
    back = compared(deps, actor, run_id, "architecture", before=2, after=1)
    assert len(back.records.changes) == len(found.records.changes)


def test_a_revision_is_the_same_as_itself(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    found = compared(deps, actor, run_id, "architecture", after=1)
    assert found.is_same
    assert (found.files, found.unchanged_files) == ((), 2)


def test_files_that_came_went_and_are_too_large_to_read_are_told(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    with_files(deps, run_id, 2, {"design/a.md": b"a\n", "design/b.md": b"b\n", "design/c.md": b"c\n"})
    with_files(deps, run_id, 3, {"design/b.md": b"b\n", "design/c.md": b"x" * BLOB_MAX, "design/d.bin": b"\0\0"})
    found = compared(deps, actor, run_id, "architecture", before=2, after=3)
    assert [(file.path, file.kind, file.said) for file in found.files] == [
        ("design/a.md", Change.REMOVED, ""),
        ("design/c.md", Change.CHANGED, "It is too large to compare: 10,000,000 bytes."),
        ("design/d.bin", Change.ADDED, "It is no text: 2 bytes."),
    ]
    assert found.unchanged_files == 1


def test_of_very_many_files_the_rest_is_counted(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "FILES_MAX", 3)
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    with_files(deps, run_id, 2, {f"design/{n}.md": b"a\n" for n in range(10)})
    found = compared(deps, actor, run_id, "architecture")
    assert (len(found.files), found.files_left_out) == (3, 9)


def test_what_is_shown_of_all_files_together_has_an_end(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "LINES_MAX", 3)
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    with_files(deps, run_id, 2, {})
    with_files(deps, run_id, 3, {f"design/{name}.md": b"1\n2\n3\n4\n" for name in "ab"})
    one, other = compared(deps, actor, run_id, "architecture", before=2, after=3).files
    assert len(one.hunks[0].lines) == 4
    assert (other.hunks, other.said) == ((), "Not shown: the files before it have 4 lines of difference already.")


def test_a_revision_that_is_not_there_is_not_found(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    with pytest.raises(NotFound, match="no such revision"):
        compared(deps, actor, run_id, "architecture", after=9)
