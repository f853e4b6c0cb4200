"""A run outside of the product: a real git repository and a zip, whatever the run was called."""

import io
import json
import os
import subprocess
import zipfile
from pathlib import Path
from uuid import UUID

import pytest

from db.tables import Revision
from services import ledger
from services.actors import Role
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotFound
from services.exports import export_run, zip_run, zip_workspace
from services.runs.questions import answer_question, list_questions
from services.runs.views import read_workspace
from services.workspaces.paths import check_path
from tests.builders import REQUEST, a_team, in_role
from tests.conftest import Clock
from tests.fakes.scripted_engine import ScriptedEngine, asking, writing
from tests.runs.building import a_run, a_run_at_gate, ask_for, rows, work_off


def git(folder: Path, *words: str) -> str:
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *words]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def ticking(clock: Clock) -> ScriptedEngine:
    """Revisions are made one after the other, as in life."""
    return ScriptedEngine(before=lambda: clock.advance(seconds=1))


def on_disk(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in found
        if path.relative_to(folder).parts[0] != ".git"
    }


def in_zip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_run_exported_twice_has_the_same_commits(deps: Deps, clock: Clock, tmp_path: Path) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3, engine=ticking(clock))
    export_run(deps, actor, run_id=run_id, folder=tmp_path / "one")
    clock.advance(days=1)
    export_run(deps, actor, run_id=run_id, folder=tmp_path / "two")
    assert git(tmp_path / "one", "log", "--format=%H") == git(tmp_path / "two", "log", "--format=%H")


def test_git_finds_nothing_wrong_with_an_export(deps: Deps, clock: Clock, tmp_path: Path) -> None:
    actor = a_team(deps)
    export_run(deps, actor, run_id=a_run_at_gate(deps, actor, phase=3, engine=ticking(clock)), folder=tmp_path / "out")
    assert git(tmp_path / "out", "fsck", "--strict", "--full") == ""
    assert git(tmp_path / "out", "status", "--porcelain") == ""
    assert git(tmp_path / "out", "branch", "--show-current") == "main"


def test_an_export_has_a_commit_per_revision_and_one_for_the_evidence(deps: Deps, clock: Clock, tmp_path: Path) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=ticking(clock))
    ask_for(deps, actor, run_id, risk="More.")
    work_off(deps, run_id, engine=ticking(clock))
    assert export_run(deps, actor, run_id=run_id, folder=tmp_path / "out") == 5
    assert git(tmp_path / "out", "log", "--reverse", "--format=%an|%s").splitlines() == [
        "business-analyst|Step 1: business, revision 1",
        "architect-review|Step 2: architecture, revision 1",
        "security-auditor|Step 3: risk, revision 1",
        "security-auditor|Step 3: risk, revision 2",
        "Greenlight|Evidence, verdicts and the head of the ledger",
    ]


def test_a_commit_says_why_and_with_which_output_it_was_made(deps: Deps, clock: Clock, tmp_path: Path) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=ticking(clock))
    export_run(deps, actor, run_id=run_id, folder=tmp_path / "out")
    risk = next(r for r in rows(deps, Revision, run_id) if r.task_key == "risk")
    said = git(tmp_path / "out", "log", "-1", "--format=%b%ct", "HEAD~1")
    assert said == f"Cause: start\nEngine: blueprint scripted\nOutput: {risk.output_hash}\n{int(clock.at.timestamp())}"


def test_the_zip_holds_what_the_repository_holds(deps: Deps, clock: Clock, tmp_path: Path) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3, engine=ticking(clock))
    export_run(deps, actor, run_id=run_id, folder=tmp_path / "out")
    assert in_zip(zip_run(deps, actor, run_id=run_id)) == on_disk(tmp_path / "out")


def test_the_zip_of_the_workspace_holds_the_generated_files(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=2, engine=ticking(clock))
    files = in_zip(zip_workspace(deps, actor, run_id=run_id))
    assert files == read_workspace(deps, actor, run_id=run_id)
    assert "app/main.py" in files


def test_a_zip_has_the_same_bytes_each_time(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=ticking(clock))
    first = zip_run(deps, actor, run_id=run_id)
    clock.advance(days=1)
    assert zip_run(deps, actor, run_id=run_id) == first


def test_the_workspace_lies_below_tree_and_reports_beside_it(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=2, engine=ticking(clock))
    files = in_zip(zip_run(deps, actor, run_id=run_id))
    workspace = read_workspace(deps, actor, run_id=run_id)
    assert {path.removeprefix("tree/"): data for path, data in files.items() if path.startswith("tree/")} == workspace
    assert {"reports/01-business-analyst.md", "records/01-business.json", "evidence/run.json"} <= set(files)


def test_an_export_holds_the_head_of_the_ledger(deps: Deps, clock: Clock) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=2, engine=ticking(clock))
    about = json.loads(in_zip(zip_run(deps, actor, run_id=run_id))["evidence/run.json"])
    assert about["ledger_head"] == ledger.verify(deps, actor).head


def test_an_export_holds_what_was_asked_and_answered(deps: Deps) -> None:
    actor, engine = a_team(deps), ScriptedEngine({"risk": asking("Who keeps the receipts?", "We", "They")})
    run_id = a_run(deps, actor)
    work_off(deps, run_id, engine=engine)
    answer_question(deps, actor, question_id=list_questions(deps, actor, run_id=run_id)[0].id, text="They")
    work_off(deps, run_id, engine=engine)
    about = json.loads(in_zip(zip_run(deps, actor, run_id=run_id))["evidence/run.json"])
    [question] = about["questions"]
    assert (question["text"], question["choices"]) == ("Who keeps the receipts?", ["We", "They"])
    assert (question["answer"]["text"], question["answer"]["author_name"]) == ("They", actor.name)


def test_an_export_holds_no_executable_and_no_link(deps: Deps, clock: Clock, tmp_path: Path) -> None:
    actor = a_team(deps)
    export_run(deps, actor, run_id=a_run_at_gate(deps, actor, phase=2, engine=ticking(clock)), folder=tmp_path / "out")
    assert {line.split()[0] for line in git(tmp_path / "out", "ls-tree", "-r", "HEAD").splitlines()} == {"100644"}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # a title is text in both databases
@pytest.mark.parametrize(
    "title",
    ["../../../etc/passwd", "a/b\\c:d*?", "<script>alert(1)</script>", "-rf --upload-pack=x", "line\nauthor x", "费用 🧾", "$(id)`id`"],
)  # fmt: skip
def test_a_hostile_title_is_only_text(deps: Deps, clock: Clock, tmp_path: Path, title: str) -> None:
    actor = a_team(deps)
    request = REQUEST.model_copy(update={"title": title})
    run_id = a_run_at_gate(deps, actor, phase=2, request=request, engine=ticking(clock))
    export_run(deps, actor, run_id=run_id, folder=tmp_path / "deep" / "out")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]
    assert git(tmp_path / "deep" / "out", "fsck", "--strict") == ""
    files = in_zip(zip_run(deps, actor, run_id=run_id))
    assert json.loads(files["evidence/run.json"])["request"]["title"] == title
    for path in files:
        check_path(path)


def test_the_longest_path_of_a_workspace_can_be_exported(deps: Deps, tmp_path: Path) -> None:
    actor = a_team(deps)
    path = "design/" + "x" * 190 + ".md"
    run_id = a_run_at_gate(deps, actor, engine=ScriptedEngine({"architecture": writing(path, b"long")}))
    assert read_workspace(deps, actor, run_id=run_id)[path] == b"long"
    export_run(deps, actor, run_id=run_id, folder=tmp_path / "out")
    assert on_disk(tmp_path / "out")[f"tree/{path}"] == b"long"


def test_files_that_git_would_ignore_are_exported(deps: Deps, tmp_path: Path) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, engine=ScriptedEngine({"architecture": writing("design/.gitignore", b"*\n")}))
    export_run(deps, actor, run_id=run_id, folder=tmp_path / "out")
    tracked = git(tmp_path / "out", "ls-tree", "-r", "--name-only", "HEAD").splitlines()
    assert {f"tree/{path}" for path in read_workspace(deps, actor, run_id=run_id)} <= set(tracked)
    assert "tree/design/.gitignore" in tracked


def test_a_folder_that_is_not_empty_is_left_alone(deps: Deps, tmp_path: Path) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    (tmp_path / "mine.txt").write_text("mine")
    before = set(tmp_path.iterdir())
    with pytest.raises(InvalidInput, match="empty"):
        export_run(deps, actor, run_id=run_id, folder=tmp_path)
    assert set(tmp_path.iterdir()) == before


def test_a_run_that_made_nothing_yet_has_no_zip(deps: Deps) -> None:
    actor = a_team(deps)
    with pytest.raises(Conflict, match="nothing yet"):
        zip_run(deps, actor, run_id=a_run(deps, actor))


def test_a_viewer_may_export(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor)
    assert in_zip(zip_run(deps, in_role(actor, Role.VIEWER), run_id=run_id))


def test_the_run_of_another_team_cannot_be_exported(deps: Deps, tmp_path: Path) -> None:
    run_id: UUID = a_run_at_gate(deps, a_team(deps, "Payments"))
    stranger = a_team(deps, "Search")
    for attempt in (
        lambda: export_run(deps, stranger, run_id=run_id, folder=tmp_path / "out"),
        lambda: zip_run(deps, stranger, run_id=run_id),
        lambda: zip_workspace(deps, stranger, run_id=run_id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert not (tmp_path / "out").exists()
