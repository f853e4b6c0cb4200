"""What failed checks found goes back to the agents before people are asked, a bounded number of times."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from db.tables import Decision, Event, Evidence, Revision, Task
from db.tables.run import RunStatus
from services.actors import Actor
from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work
from services.deps import Deps
from services.errors import WorkParked
from services.reviews.briefs.gates import get_brief
from services.reviews.changes import rerun_step
from services.reviews.views import get_gate
from services.runs import repairs, settling
from services.runs.activity import list_activity
from services.runs.control import cancel_run, retry_run
from services.runs.repairs import ask_repairs, by_task, list_repairs
from services.workflow.tasks import TASKS
from tests.builders import a_member, a_team
from tests.conftest import Clock
from tests.fakes import word_check
from tests.fakes.scripted_engine import Act, ScriptedEngine
from tests.fakes.word_check import BROKEN, MENDED, NOTES
from tests.runs.building import a_run, approve, ask_for, go_on_to_gate, newest_todo, rows, statuses, the_run, work_off


@pytest.fixture
def deps(deps: Deps, clock: Clock) -> Deps:
    """With a clock that moves, as clocks do while agents work."""

    def now() -> datetime:
        clock.advance(seconds=1)
        return clock.at

    return replace(deps, now=now)


@pytest.fixture(autouse=True)
def only_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (settling, repairs):
        monkeypatch.setattr(module, "CHECKS", word_check.CHECKS)


@pytest.fixture
def actor(deps: Deps) -> Actor:
    return a_team(deps)


def saying(path: str, *contents: bytes) -> Act:
    """The blueprint's draft and one more file: another content at each execution, the last one from then on."""
    left = list(contents)

    def act(brief: Brief, work: Work) -> Draft:
        draft = BlueprintEngine().produce(brief, work)
        content = left.pop(0) if len(left) > 1 else left[0]
        return replace(draft, files={**draft.files, path: content})

    return act


def repairing(**script: Act) -> ScriptedEngine:
    return ScriptedEngine(script, can_repair=True)


def worked_off(deps: Deps, actor: Actor, engine: ScriptedEngine) -> UUID:
    run_id = a_run(deps, actor)
    work_off(deps, run_id, engine=engine)
    return run_id


def made(deps: Deps, run_id: UUID, key: str) -> list[Revision]:
    return sorted((r for r in rows(deps, Revision, run_id) if r.task_key == key), key=lambda r: r.number)


def outcomes(deps: Deps, run_id: UUID) -> list[str]:
    return [e.outcome for e in sorted(rows(deps, Evidence, run_id), key=lambda e: e.started_at)]


def rounds(deps: Deps, run_id: UUID) -> list[int]:
    return sorted(e.data["round"] for e in rows(deps, Event, run_id) if e.kind == "repair.asked")


def test_what_a_check_found_is_mended_before_people_are_asked(deps: Deps, actor: Actor) -> None:
    engine = repairing(architecture=saying(NOTES, BROKEN, MENDED))
    run_id = worked_off(deps, actor, engine)
    assert (the_run(deps, run_id).status, outcomes(deps, run_id)) == ("waiting", ["failed", "passed"])
    first, second = made(deps, run_id, "architecture")
    assert (first.cause, second.cause, first.findings) == ("start", "repair", [])
    assert [(f["place"], f["rule"]) for f in second.findings] == [(f"{NOTES}:1", "out-of-order")]
    told = engine.briefs[-1] if engine.executed[-1] == "architecture" else engine.briefs[-2]
    assert [finding.message for finding in told.findings] == ["The file says OUT-OF-ORDER."]
    assert told.previous_files[NOTES] == BROKEN
    assert {key for key, status in statuses(deps, run_id).items() if status == "done"} == {
        "business", "architecture", "risk",
    }  # fmt: skip


def test_steps_that_read_it_are_asked_and_kept_where_nothing_that_they_read_has_changed(
    deps: Deps, actor: Actor
) -> None:
    engine = repairing(architecture=saying(NOTES, BROKEN, MENDED))
    run_id = worked_off(deps, actor, engine)
    assert engine.executed == ["business", "architecture", "risk", "architecture"]
    assert [e.task_key for e in rows(deps, Event, run_id) if e.kind == "task.kept"] == ["risk"]


def test_steps_that_read_what_changed_run_again_after_the_repair(deps: Deps, actor: Actor) -> None:
    def reads_notes(brief: Brief, work: Work) -> Draft:
        assert brief.files[NOTES]
        return BlueprintEngine().produce(brief, work)

    engine = repairing(architecture=saying(NOTES, BROKEN, MENDED), risk=reads_notes)
    run_id = worked_off(deps, actor, engine)
    assert engine.executed == ["business", "architecture", "risk", "architecture", "risk"]
    assert [r.cause for r in made(deps, run_id, "risk")] == ["start", "upstream"]


def test_what_cannot_be_mended_comes_to_the_gate_after_the_last_round_with_its_findings(
    deps: Deps, actor: Actor
) -> None:
    engine = repairing(architecture=saying(NOTES, BROKEN, BROKEN + b"2", BROKEN + b"3", MENDED))
    run_id = worked_off(deps, actor, engine)
    assert (rounds(deps, run_id), outcomes(deps, run_id)) == ([1, 2], ["failed"] * 3)
    gate = get_gate(deps, actor, run_id=run_id)
    assert gate is not None
    assert [(shown.check, shown.outcome, len(shown.findings)) for shown in gate.checks] == [("words", "failed", 1)]
    assert [(v.revision, v.round, v.is_changed) for v in list_repairs(deps, actor, run_id=run_id)] == [
        (2, 1, True),
        (3, 2, True),
    ]


def test_a_repair_that_changes_nothing_ends_the_rounds(deps: Deps, actor: Actor) -> None:
    engine = repairing(architecture=saying(NOTES, BROKEN))
    run_id = worked_off(deps, actor, engine)
    assert (rounds(deps, run_id), the_run(deps, run_id).status) == ([1], "waiting")
    assert engine.executed.count("architecture") == 2
    assert [v.is_changed for v in list_repairs(deps, actor, run_id=run_id)] == [False]


def test_an_engine_that_gives_the_same_for_the_same_is_not_asked(deps: Deps, actor: Actor) -> None:
    run_id = worked_off(deps, actor, ScriptedEngine({"architecture": saying(NOTES, BROKEN, MENDED)}))
    assert (rounds(deps, run_id), outcomes(deps, run_id)) == ([], ["failed"])


def test_no_round_is_played_where_the_installation_wants_none(deps: Deps, actor: Actor) -> None:
    quiet = replace(deps, settings=replace(deps.settings, repair_rounds=0))
    run_id = worked_off(quiet, actor, repairing(architecture=saying(NOTES, BROKEN, MENDED)))
    assert (rounds(deps, run_id), outcomes(deps, run_id)) == ([], ["failed"])


def test_a_place_of_an_earlier_phase_is_left_to_people(deps: Deps, actor: Actor) -> None:
    """Its gate is decided: what was shown there stays as it was shown."""
    quiet = replace(deps, settings=replace(deps.settings, repair_rounds=0))
    engine = repairing(architecture=saying(NOTES, BROKEN, MENDED))
    run_id = worked_off(quiet, actor, engine)
    approve(deps, actor, run_id)
    [approval] = rows(deps, Decision, run_id)
    work_off(deps, run_id, engine=engine)
    assert (the_run(deps, run_id).phase, rounds(deps, run_id)) == (2, [])
    assert len(made(deps, run_id, "architecture")) == 1
    now = {key: made(deps, run_id, key)[-1].output_hash for key in approval.shown}
    assert now == {key: shown["output_hash"] for key, shown in approval.shown.items()}


def test_a_repair_of_a_later_phase_leaves_decided_gates_as_they_were(deps: Deps, actor: Actor) -> None:
    engine = repairing(data=saying("analytics/notes.md", BROKEN, MENDED))
    run_id = worked_off(deps, actor, engine)
    before = {r.id for r in rows(deps, Revision, run_id)}
    approve(deps, actor, run_id)
    work_off(deps, run_id, engine=engine)
    assert rounds(deps, run_id) == [1]
    again = {(r.task_key, r.cause) for r in rows(deps, Revision, run_id) if r.id not in before and r.number > 1}
    assert again == {("data", "repair")}
    go_on_to_gate(deps, actor, run_id, 3, engine=engine)
    assert the_run(deps, run_id).status is RunStatus.WAITING


def test_people_who_ask_for_changes_get_new_rounds(deps: Deps, actor: Actor) -> None:
    engine = repairing(architecture=saying(NOTES, BROKEN, BROKEN + b"2", BROKEN + b"3", BROKEN + b"4", MENDED))
    run_id = worked_off(deps, actor, engine)
    ask_for(deps, actor, run_id, architecture="Say it in other words.")
    work_off(deps, run_id, engine=engine)
    assert (rounds(deps, run_id), outcomes(deps, run_id)[-1]) == ([1, 1, 2], "passed")
    assert [v.revision for v in list_repairs(deps, actor, run_id=run_id)] == [5]


def test_what_comes_back_to_earlier_files_is_measured_again(deps: Deps, actor: Actor) -> None:
    engine = repairing(architecture=saying(NOTES, BROKEN, BROKEN + b"2", BROKEN))
    run_id = worked_off(deps, actor, engine)
    trees = [e.tree for e in sorted(rows(deps, Evidence, run_id), key=lambda e: e.started_at)]
    assert (len(trees), trees[0] == trees[2], trees[0] == trees[1]) == (3, True, False)


def test_a_worker_that_takes_over_asks_for_the_same(deps: Deps, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = repairing(architecture=saying(NOTES, BROKEN, MENDED))
    quiet = replace(deps, settings=replace(deps.settings, repair_rounds=0))
    monkeypatch.setattr(settling, "settle", lambda *_: None)  # the worker dies before the gate
    run_id = worked_off(quiet, actor, engine)
    asked = [ask_repairs(deps, {"blueprint": engine}, run_id, 1) for _ in range(3)]
    assert asked == [{"architecture": [2, 1], "risk": [2, 1]}] * 3
    assert rounds(deps, run_id) == [1]
    assert ask_repairs(deps, {"blueprint": engine}, run_id, 2) == {}


def test_a_cancel_in_the_middle_of_a_repair_ends_it(deps: Deps, actor: Actor) -> None:
    run_id = a_run(deps, actor)

    def cancels(brief: Brief, work: Work) -> Draft:
        if brief.findings:
            cancel_run(deps, actor, run_id=run_id)
        return saying(NOTES, BROKEN)(brief, work)

    engine = repairing(architecture=cancels)
    work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status == "cancelled"
    assert len(made(deps, run_id, "architecture")) == 1
    assert ask_repairs(deps, {"blueprint": engine}, run_id, 1) == {}


def test_a_repair_that_the_limit_stops_parks_with_everything_kept_and_goes_on(deps: Deps, actor: Actor) -> None:
    mends, limits = saying(NOTES, BROKEN, MENDED), [WorkParked("The limit of 1.00 USD could be passed.")]

    def stops_once(brief: Brief, work: Work) -> Draft:
        if brief.findings and limits:
            raise limits.pop()
        return mends(brief, work)

    engine = repairing(architecture=stops_once)
    run_id = worked_off(deps, actor, engine)
    assert the_run(deps, run_id).status == "parked"
    assert len(made(deps, run_id, "architecture")) == 1
    retry_run(deps, actor, run_id=run_id)
    assert newest_todo(deps, run_id) == {"architecture": [2, 2], "risk": [2, 2]}
    work_off(deps, run_id, engine=engine)
    second = made(deps, run_id, "architecture")[-1]
    assert (second.cause, len(second.findings), rounds(deps, run_id)) == ("repair", 1, [1])
    assert (the_run(deps, run_id).status, outcomes(deps, run_id)[-1]) == ("waiting", "passed")


def found(place: str, task: str = "") -> dict[str, str]:
    return {"place": place, "task": task}


@pytest.mark.parametrize(
    ("phase", "finding", "key"),
    [
        (3, found("tests/test_api.py:12", "tests"), "tests"),
        (3, found("tests/acceptance/test_rules.py", "tests-red"), "tests"),
        (3, found("app/main.py:3", "backend"), None),
        (2, found("app/main.py:3", "backend"), "backend"),
        (3, found("app/faster.py:3", "backend"), "performance"),
        (3, found("records/tests.json, coverage_minimum", "tests"), "tests"),
        (4, found("AL-3", "observability"), "observability"),
        (4, found("nobody/owns.this", ""), None),
    ],
)
def test_a_finding_goes_to_whoever_of_the_phase_can_mend_its_place(
    phase: int, finding: dict[str, str], key: str | None
) -> None:
    writers = {"app/main.py": "backend", "app/faster.py": "performance"}
    assert by_task(TASKS, phase, writers, [finding]) == ({key: [finding]} if key else {})


def test_the_task_row_tells_what_it_is_to_mend_and_forgets_it_when_it_is_asked_anew(deps: Deps, actor: Actor) -> None:
    run_id = worked_off(deps, actor, repairing(architecture=saying(NOTES, BROKEN)))
    [asked] = [t for t in rows(deps, Task, run_id) if t.key == "architecture"]
    assert len(asked.findings) == 1
    ask_for(deps, actor, run_id, architecture="Say it in other words.")
    [asked] = [t for t in rows(deps, Task, run_id) if t.key == "architecture"]
    assert (asked.cause, asked.findings) == ("change_request", [])


def test_the_brief_names_the_repairs_in_one_line(deps: Deps, actor: Actor) -> None:
    run_id = worked_off(deps, actor, repairing(architecture=saying(NOTES, BROKEN, MENDED)))
    brief = get_brief(deps, actor, run_id=run_id)
    assert brief is not None
    [line] = brief.steps
    assert line.text == "Repaired after failed checks: Technical architecture (revision 2, 1 finding)"
    source = line.items[0].source
    assert (source.task, source.revision, source.against) == ("architecture", 2, 1)


def test_the_activity_says_what_was_asked_of_whom(deps: Deps, actor: Actor) -> None:
    run_id = worked_off(deps, actor, repairing(architecture=saying(NOTES, BROKEN, MENDED)))
    told = [row.sentence for row in list_activity(deps, actor, run_id=run_id).rows]
    assert "Checks found 1 thing to repair in technical architecture: round 1 of 2 before gate 1." in told


def test_who_made_what_a_repair_mended_still_made_a_part_of_it(deps: Deps, actor: Actor) -> None:
    """Else a fault that a check finds would make the own approval count."""
    ben = a_member(deps, actor.team_id, username="ben")
    engine = repairing(architecture=saying(NOTES, MENDED, BROKEN, MENDED))
    run_id = worked_off(deps, actor, engine)
    rerun_step(deps, ben, run_id=run_id, task_key="architecture")
    work_off(deps, run_id, engine=engine)
    assert [r.cause for r in made(deps, run_id, "architecture")] == ["start", "rerun", "repair"]
    gate = get_gate(deps, ben, run_id=run_id)
    assert gate is not None
    assert gate.why_not is not None
