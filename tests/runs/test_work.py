"""One attempt at one task: what it reads, what it leaves, and how it can end."""

from uuid import UUID

import pytest

from db.tables import Call, Revision, Task
from services import bootstrap
from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work
from services.deliverables.base import Deliverable, Record
from services.deps import Deps
from services.errors import GreenlightError, WorkParked
from services.runs import work
from services.runs.control import cancel_run, delete_run, retry_run
from services.runs.views import live_text
from services.runs.work import Ending
from services.workflow.options import Methodology
from services.workflow.tasks import TASKS
from tests.builders import REQUEST, a_team
from tests.fakes.scripted_engine import ScriptedEngine, raising, writing
from tests.runs.building import a_failed_run, a_run, a_run_at_gate, rows, statuses, the_run, work_off

SECRET = "password=hunter2 at /srv/app/secret.py"


def execute(deps: Deps, run_id: UUID, engine: ScriptedEngine, key: str = "business", attempt: int = 1) -> Ending:
    return work.execute(deps, {"blueprint": engine}, run_id, key, 1, attempt)


def revision_of(deps: Deps, run_id: UUID, key: str, number: int = 1) -> Revision:
    return next(r for r in rows(deps, Revision, run_id) if (r.task_key, r.number) == (key, number))


def task_of(deps: Deps, run_id: UUID, key: str = "business") -> Task:
    return next(task for task in rows(deps, Task, run_id) if task.key == key)


def test_a_revision_names_exactly_the_revisions_that_it_read(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps), phase=2)
    made = {r.task_key: r for r in rows(deps, Revision, run_id)}
    assert made["data"].inputs == {key: str(made[key].id) for key in ("business", "architecture")}


def test_a_revision_names_its_engine_author_and_cause(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps), engine=ScriptedEngine())
    made = revision_of(deps, run_id, "risk")
    assert (made.engine, made.engine_version) == ("blueprint", "scripted")
    assert (made.author_kind, made.author_name, made.cause) == ("agent", "security-auditor", "start")


def test_the_output_hash_is_over_report_records_and_files(deps: Deps) -> None:
    run_id = a_run_at_gate(deps, a_team(deps))
    made = revision_of(deps, run_id, "business")
    assert made.output_hash == work.output_hash(made.report, made.records, {})


@pytest.mark.parametrize(
    ("report", "records", "files"),
    [
        ("another report", {"summary": "s"}, {"app/a.py": b"1"}),
        ("report", {"summary": "other"}, {"app/a.py": b"1"}),
        ("report", {"summary": "s"}, {"app/a.py": b"2"}),
        ("report", {"summary": "s"}, {"app/b.py": b"1"}),
        ("report", {"summary": "s"}, {}),
    ],
)
def test_any_change_of_the_output_moves_its_hash(report: str, records: dict[str, str], files: dict[str, bytes]) -> None:
    assert work.output_hash(report, records, files) != work.output_hash("report", {"summary": "s"}, {"app/a.py": b"1"})


def test_doing_a_finished_task_again_changes_nothing(deps: Deps) -> None:
    run_id, engine = a_run(deps, a_team(deps)), ScriptedEngine()
    endings = [execute(deps, run_id, engine) for _ in range(2)]
    assert endings == [Ending.DONE, Ending.DONE]
    assert engine.executed == ["business"]
    assert len(rows(deps, Revision, run_id)) == 1


def test_a_task_is_given_the_results_that_it_reads_and_no_others(deps: Deps) -> None:
    engine = ScriptedEngine()
    a_run_at_gate(deps, a_team(deps), phase=4, engine=engine)
    assert {b.task.key: set(b.inputs) for b in engine.briefs} == {task.key: set(task.reads) for task in TASKS}


def test_a_task_is_given_the_files_that_were_made_before(deps: Deps) -> None:
    engine = ScriptedEngine()
    a_run_at_gate(deps, a_team(deps), phase=3, engine=engine)
    before = {brief.task.key: set(brief.files) for brief in engine.briefs}
    assert not before["business"]
    assert "app/main.py" in before["tests"]


def test_an_answer_is_asked_for_once(deps: Deps) -> None:
    answers: list[object] = []
    asked: list[str] = []

    def act(brief: Brief, work_: Work) -> Draft:
        def ask() -> dict[str, int]:
            asked.append(brief.task.key)
            return {"tokens": 7}

        answers.extend(work_.once("question", ask) for _ in range(2))
        return BlueprintEngine().produce(brief, work_)

    run_id = a_run(deps, a_team(deps))
    execute(deps, run_id, ScriptedEngine({"business": act}))
    assert (asked, answers) == (["business"], [{"tokens": 7}, {"tokens": 7}])
    assert [(call.key, call.result) for call in rows(deps, Call, run_id)] == [("question", {"tokens": 7})]


def test_an_answer_of_nothing_is_also_kept(deps: Deps) -> None:
    asked: list[int] = []

    def act(brief: Brief, work_: Work) -> Draft:
        for _ in range(2):
            work_.once("nothing", lambda: asked.append(1))
        return BlueprintEngine().produce(brief, work_)

    execute(deps, a_run(deps, a_team(deps)), ScriptedEngine({"business": act}))
    assert asked == [1]


def parking_after_an_answer(asked: list[str]) -> ScriptedEngine:
    """Asks once and parks; goes on at the second attempt."""
    attempts: list[int] = []

    def act(brief: Brief, work_: Work) -> Draft:
        attempts.append(1)
        work_.once("question", lambda: asked.append("paid"))
        if len(attempts) == 1:
            raise WorkParked("Which currency is the default?")
        return BlueprintEngine().produce(brief, work_)

    return ScriptedEngine({"architecture": act})


def test_a_question_parks_the_run_with_its_reason(deps: Deps) -> None:
    run_id = a_failed_run(deps, a_team(deps), parking_after_an_answer([]))
    assert (the_run(deps, run_id).status.value, the_run(deps, run_id).reason) == (
        "parked",
        "Technical architecture: Which currency is the default?",
    )
    assert task_of(deps, run_id, "architecture").status == "parked"
    assert task_of(deps, run_id, "risk").status == "queued"


def test_a_retry_of_parked_work_replays_its_answers(deps: Deps) -> None:
    asked: list[str] = []
    actor, engine = a_team(deps), parking_after_an_answer(asked)
    run_id = a_failed_run(deps, actor, engine)
    retry_run(deps, actor, run_id=run_id)
    work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status == "waiting"
    assert asked == ["paid"]
    assert engine.executed == ["business", "architecture", "architecture", "risk"]


def test_an_unexpected_error_is_told_without_its_text(deps: Deps) -> None:
    run_id = a_run(deps, a_team(deps))
    ending = execute(deps, run_id, ScriptedEngine({"business": raising(ValueError(SECRET))}))
    said = task_of(deps, run_id).error or ""
    assert (ending, task_of(deps, run_id).status) == (Ending.FAILED, "failed")
    assert "ValueError" in said
    assert not [word for word in ("hunter2", "secret.py", "Traceback", 'File "') if word in said]


def test_an_error_that_people_can_read_is_told_as_it_is(deps: Deps) -> None:
    run_id = a_run(deps, a_team(deps))
    execute(deps, run_id, ScriptedEngine({"business": raising(GreenlightError("The budget is spent."))}))
    assert task_of(deps, run_id).error == "The budget is spent."


def test_a_failed_task_fails_the_run_and_what_reads_it_does_not_start(deps: Deps) -> None:
    engine = ScriptedEngine({"architecture": raising(GreenlightError("No."))})
    run_id = a_failed_run(deps, a_team(deps), engine)
    assert (the_run(deps, run_id).status.value, the_run(deps, run_id).reason) == (
        "failed",
        "Technical architecture: No.",
    )
    assert engine.executed == ["business", "architecture"]


def test_a_worker_without_the_engine_says_so(deps: Deps) -> None:
    run_id = a_run(deps, a_team(deps))
    work.execute(deps, {}, run_id, "business", 1, 1)
    assert task_of(deps, run_id).error == "This worker has no engine named blueprint."


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("business", "app/main.py"),
        ("architecture", "designs.md"),
        ("risk", "design/risk.md"),
        ("business", "/etc/passwd"),
        ("business", "../outside"),
    ],
)
def test_a_file_that_the_task_does_not_own_is_refused(deps: Deps, key: str, path: str) -> None:
    run_id = a_failed_run(deps, a_team(deps), ScriptedEngine({key: writing(path)}))
    assert task_of(deps, run_id, key).error == f"The agent wrote files that are not its own to write: {path}."
    assert key not in {r.task_key for r in rows(deps, Revision, run_id)}


@pytest.mark.parametrize(
    "path", ["design/../app/x.py", "design/.git/config", "design/a\\b", "design/a\x00b", "design/con"]
)
def test_a_path_that_cannot_be_is_refused_below_an_own_folder(deps: Deps, path: str) -> None:
    run_id = a_failed_run(deps, a_team(deps), ScriptedEngine({"architecture": writing(path)}))
    assert task_of(deps, run_id, "architecture").status == "failed"
    assert "architecture" not in {r.task_key for r in rows(deps, Revision, run_id)}


def test_a_foreign_path_that_no_database_can_hold_fails_the_task(deps: Deps) -> None:
    run_id = a_failed_run(deps, a_team(deps), ScriptedEngine({"business": writing("app\x00.py")}))
    assert task_of(deps, run_id).status == "failed"


def test_under_tdd_the_acceptance_tests_belong_to_the_failing_tests(deps: Deps) -> None:
    actor = a_team(deps)
    tdd = REQUEST.model_copy(update={"methodology": Methodology.TDD})
    engine = ScriptedEngine({"tests": writing("tests/acceptance/test_mine.py")})
    run_id = a_run_at_gate(deps, actor, phase=3, request=tdd, engine=engine)
    assert "not its own to write: tests/acceptance/test_mine.py" in (task_of(deps, run_id, "tests").error or "")


class Poem(Record):
    schema_version: int = 1
    summary: str = "Roses"


def handing_over(records: Record) -> ScriptedEngine:
    return ScriptedEngine({"business": lambda brief, work_: Draft("# Report", records)})


@pytest.mark.parametrize("records", [Poem(), Deliverable(summary="Nothing")], ids=["foreign", "too general"])
def test_records_of_another_model_are_refused(deps: Deps, records: Record) -> None:
    run_id = a_run(deps, a_team(deps))
    execute(deps, run_id, handing_over(records))
    assert task_of(deps, run_id).error == f"The agent handed over {type(records).__name__} instead of Business."
    assert rows(deps, Revision, run_id) == []


def test_a_result_that_comes_after_a_cancel_is_not_written(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    engine = ScriptedEngine(before=lambda: cancel_run(deps, actor, run_id=run_id))
    assert execute(deps, run_id, engine) is Ending.CANCELLED
    assert rows(deps, Revision, run_id) == []
    assert set(statuses(deps, run_id).values()) == {"cancelled"}


def test_a_failure_that_comes_after_a_cancel_is_not_written(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)

    def act(brief: Brief, work_: Work) -> Draft:
        cancel_run(deps, actor, run_id=run_id)
        raise RuntimeError(SECRET)

    assert execute(deps, run_id, ScriptedEngine({"business": act})) is Ending.CANCELLED
    assert (task_of(deps, run_id).status, task_of(deps, run_id).error) == ("cancelled", None)


def test_an_engine_hears_that_its_run_was_cancelled(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    heard: list[bool] = []

    def act(brief: Brief, work_: Work) -> Draft:
        heard.append(work_.cancelled())
        cancel_run(deps, actor, run_id=run_id)
        heard.append(work_.cancelled())
        return BlueprintEngine().produce(brief, work_)

    execute(deps, run_id, ScriptedEngine({"business": act}))
    assert heard == [False, True]


def test_work_on_a_run_that_was_deleted_ends_quietly(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    cancel_run(deps, actor, run_id=run_id)
    delete_run(deps, actor, run_id=run_id)
    assert execute(deps, run_id, ScriptedEngine()) is Ending.CANCELLED


@pytest.mark.parametrize(("revision", "attempt"), [(1, 2), (2, 1), (0, 1)])
def test_an_attempt_that_nobody_asked_for_does_nothing(deps: Deps, revision: int, attempt: int) -> None:
    run_id, engine = a_run(deps, a_team(deps)), ScriptedEngine()
    assert work.execute(deps, {"blueprint": engine}, run_id, "business", revision, attempt) is Ending.CANCELLED
    assert engine.briefs == []


def test_a_worker_that_was_taken_for_dead_cannot_undo_what_the_other_one_finished(deps: Deps) -> None:
    run_id = a_run(deps, a_team(deps))

    def act(brief: Brief, work_: Work) -> Draft:
        work.execute(deps, bootstrap.engines(deps.settings), run_id, "business", 1, 1)
        raise RuntimeError("the first worker wakes up and fails")

    execute(deps, run_id, ScriptedEngine({"business": act}))
    assert (task_of(deps, run_id).status, task_of(deps, run_id).error) == ("done", None)


def test_people_who_watch_see_what_the_agent_says(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run(deps, actor)
    execute(deps, run_id, ScriptedEngine())
    assert live_text(deps, actor, run_id=run_id, task_key="business")[0].startswith("Business analysis: reading")
