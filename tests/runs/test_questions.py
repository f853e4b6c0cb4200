"""An agent asks the team: the run stands and says so, the first answer lets it go on, and nothing is asked or paid twice."""

import threading
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest

from db.tables import Call, Question, QuestionAnswer, Revision, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor, ActorKind, Role
from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, WorkParked
from services.notifications.inbox import list_inbox, mark_all_read, pulse
from services.notifications.kinds import Kind
from services.reminders.rounds import Memory, make_round
from services.reviews.changes import rerun_step
from services.runs import work
from services.runs.activity import list_activity
from services.runs.control import cancel_run, delete_run, retry_run
from services.runs.questions import ANSWER_MAX, Place, QuestionView, answer_question, ask, list_questions
from tests.builders import a_member, a_team
from tests.fakes.scripted_engine import ScriptedEngine, asking, raising
from tests.runs.building import (
    a_run,
    a_run_at_gate,
    approve,
    ask_for,
    at_once,
    counts,
    rows,
    statuses,
    the_run,
    work_off,
)

WHICH = "Who keeps the receipts: the service or the store of documents?"
CHOICES = ("The service", "The store")


def analyst(*questions: str, counted: list[str] | None = None) -> ScriptedEngine:
    """The business analyst asks before it writes; `counted`: what it computed, which a replay may not do again."""

    def compute(text: str) -> int:
        if counted is not None:
            counted.append(text)
        return len(text)

    def act(brief: Brief, work: Work) -> Draft:
        said = [reply.answer for reply in brief.replies.values()]
        for number, text in enumerate(questions):
            work.once(f"before-{number}", partial(compute, text))
            said.append(work.once(f"ask-{number}", partial(work.ask, f"ask-{number}", text, CHOICES)))
        draft = BlueprintEngine().produce(brief, work)
        return replace(draft, report=f"{draft.report}\n\nAnswers: {'; '.join(said)}")

    return ScriptedEngine({"business": act})


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


@pytest.fixture
def ben(deps: Deps, ada: Actor) -> Actor:
    return a_member(deps, ada.team_id, username="ben")


def parked(deps: Deps, actor: Actor, engine: ScriptedEngine) -> UUID:
    run_id = a_run(deps, actor)
    work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status is RunStatus.PARKED
    return run_id


def waiting(deps: Deps, actor: Actor, run_id: UUID) -> QuestionView:
    [question] = [q for q in list_questions(deps, actor, run_id=run_id) if q.is_waiting]
    return question


def report_of(deps: Deps, run_id: UUID, number: int = 1) -> Revision:
    return next(r for r in rows(deps, Revision, run_id) if (r.task_key, r.number) == ("business", number))


def test_a_question_parks_the_run_which_says_what_it_waits_for(deps: Deps, ada: Actor) -> None:
    run_id = parked(deps, ada, analyst(WHICH))
    assert (
        the_run(deps, run_id).reason
        == "Business analysis: Question 1 waits for an answer of the team, on the page of the run."
    )
    question = waiting(deps, ada, run_id)
    assert (question.agent, question.text, question.choices) == ("business-analyst", WHICH, CHOICES)
    assert statuses(deps, run_id)["business"] is TaskStatus.PARKED
    sentences = [row.sentence for row in list_activity(deps, ada, run_id=run_id).rows]
    assert "business-analyst asked the team question 1, about business analysis." in sentences
    assert sum("is parked" in sentence for sentence in sentences) == 2


def test_the_answer_starts_the_next_attempt_which_repeats_nothing(deps: Deps, ada: Actor, ben: Actor) -> None:
    counted: list[str] = []
    engine = analyst(WHICH, "And for how long?", counted=counted)
    run_id = parked(deps, ada, engine)
    answer_question(deps, ben, question_id=waiting(deps, ben, run_id).id, text=" The store ")
    assert the_run(deps, run_id).status is RunStatus.RUNNING
    work_off(deps, run_id, engine=engine)
    second = waiting(deps, ben, run_id)
    assert (second.number, second.text) == (2, "And for how long?")
    answer_question(deps, ada, question_id=second.id, text="Ten years")
    work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status is RunStatus.WAITING
    assert report_of(deps, run_id).report.endswith("Answers: The store; Ten years")
    assert counted == [WHICH, "And for how long?"]
    assert {call.key for call in rows(deps, Call, run_id)} == {"before-0", "ask-0", "before-1", "ask-1"}
    first = list_questions(deps, ada, run_id=run_id)[0]
    assert (first.answer, first.answered_by, first.is_waiting) == ("The store", "Ben", False)
    assert "Ben answered question 1, about business analysis." in [r.sentence for r in list_activity(deps, ada).rows]


def test_what_was_answered_is_an_input_of_the_revision_and_of_the_next(deps: Deps, ada: Actor) -> None:
    run_id = parked(deps, ada, analyst(WHICH))
    answer_question(deps, ada, question_id=waiting(deps, ada, run_id).id, text="The store")
    work_off(deps, run_id, engine=analyst(WHICH))
    part = f"reply:{list_questions(deps, ada, run_id=run_id)[0].id}"
    made = report_of(deps, run_id)
    assert part in (made.reads or {})
    ask_for(deps, ada, run_id, business="Shorter.")
    later = analyst()
    work_off(deps, run_id, engine=later)
    again = report_of(deps, run_id, 2)
    assert again.report.endswith("Answers: The store")
    assert (again.reads or {})[part] == (made.reads or {})[part]
    assert len(rows(deps, Question, run_id)) == 1


def test_a_step_that_reads_nothing_new_is_kept_with_its_answers(deps: Deps, ada: Actor) -> None:
    engine = ScriptedEngine({"risk": asking(WHICH)})
    run_id = parked(deps, ada, engine)
    answer_question(deps, ada, question_id=waiting(deps, ada, run_id).id, text="The store")
    work_off(deps, run_id, engine=engine)
    ask_for(deps, ada, run_id, business="Shorter.")
    work_off(deps, run_id, engine=engine)
    assert [r.number for r in rows(deps, Revision, run_id) if r.task_key == "risk"] == [1]


def test_of_two_who_answer_at_once_the_first_counts_and_the_other_is_told(deps: Deps, ada: Actor, ben: Actor) -> None:
    run_id = parked(deps, ada, analyst(WHICH))
    id_ = waiting(deps, ada, run_id).id
    ended = at_once(
        lambda: answer_question(deps, ada, question_id=id_, text="Ada's."),
        lambda: answer_question(deps, ben, question_id=id_, text="Ben's."),
    )
    [refusal] = [end for end in ended if end is not None]
    kept = list_questions(deps, ada, run_id=run_id)[0]
    assert isinstance(refusal, Conflict)
    assert str(refusal) == f"{kept.answered_by} has answered this already: {kept.answer} Your answer was not kept."
    assert the_run(deps, run_id).segment == 2
    assert newest_attempt(deps, run_id) == 2


def newest_attempt(deps: Deps, run_id: UUID) -> int:
    return next(task.attempt for task in rows(deps, Task, run_id) if task.key == "business")


def test_an_answer_while_other_steps_work_is_taken_up_in_the_same_segment(deps: Deps, ada: Actor) -> None:
    """Step 4 asks; while step 6 works somebody answers, so the run never stands."""

    def data(brief: Brief, work: Work) -> Draft:
        answer_question(deps, ada, question_id=waiting(deps, ada, run_id).id, text="The store")
        return BlueprintEngine().produce(brief, work)

    run_id = a_run_at_gate(deps, ada)
    approve(deps, ada, run_id)
    work_off(deps, run_id, engine=ScriptedEngine({"backend": asking(WHICH), "data": data}))
    run = the_run(deps, run_id)
    assert (run.status, run.phase, run.segment) == (RunStatus.WAITING, 2, 2)
    assert {task.key: task.attempt for task in rows(deps, Task, run_id) if task.phase == 2}["backend"] == 2


def test_an_answer_to_one_of_two_questions_leaves_the_other_waiting(deps: Deps, ada: Actor) -> None:
    engine = ScriptedEngine({"backend": asking(WHICH), "data": asking(WHICH)})
    run_id = a_run_at_gate(deps, ada)
    approve(deps, ada, run_id)
    work_off(deps, run_id, engine=engine)
    first, second = list_questions(deps, ada, run_id=run_id)
    answer_question(deps, ada, question_id=second.id, text="Yes.")
    work_off(deps, run_id, engine=engine)
    assert [q.is_waiting for q in list_questions(deps, ada, run_id=run_id)] == [True, False]
    assert the_run(deps, run_id).status is RunStatus.PARKED
    answer_question(deps, ada, question_id=first.id, text="Yes.")
    work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status is RunStatus.WAITING
    assert len(rows(deps, Question, run_id)) == 2


def test_a_retry_without_an_answer_waits_for_the_same_question(deps: Deps, ada: Actor) -> None:
    counted: list[str] = []
    engine = analyst(WHICH, counted=counted)
    run_id = parked(deps, ada, engine)
    retry_run(deps, ada, run_id=run_id)
    work_off(deps, run_id, engine=engine)
    assert (waiting(deps, ada, run_id).number, counted) == (1, [WHICH])
    assert the_run(deps, run_id).status is RunStatus.PARKED


def test_doing_an_attempt_again_after_a_crash_asks_once(deps: Deps, ada: Actor) -> None:
    engine, run_id = analyst(WHICH), a_run(deps, ada)
    endings = [work.execute(deps, {"blueprint": engine}, run_id, "business", 1, 1) for _ in range(3)]
    assert set(endings) == {work.Ending.PARKED}
    assert len(rows(deps, Question, run_id)) == 1


def test_an_attempt_that_was_taken_for_dead_asks_and_parks_nothing(deps: Deps, ada: Actor) -> None:
    """The answer has begun attempt 2; attempt 1 still runs somewhere and comes to another question."""
    run_id = parked(deps, ada, analyst(WHICH))
    answer_question(deps, ada, question_id=waiting(deps, ada, run_id).id, text="The store")
    agent = Actor(ActorKind.AGENT, ada.team_id, "business-analyst", "worker")
    with pytest.raises(WorkParked, match="went on without this attempt"):
        ask(deps, agent, Place(run_id, "business", 1, 1), call="ask-1", text="And for how long?", choices=())
    assert statuses(deps, run_id)["business"] is TaskStatus.QUEUED
    assert len(rows(deps, Question, run_id)) == 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * (ANSWER_MAX + 1)])
def test_an_answer_says_something_and_is_bounded(deps: Deps, ada: Actor, text: str) -> None:
    run_id = parked(deps, ada, analyst(WHICH))
    with pytest.raises(InvalidInput):
        answer_question(deps, ada, question_id=waiting(deps, ada, run_id).id, text=text)
    assert waiting(deps, ada, run_id).answer is None


def test_a_viewer_sees_the_question_and_may_not_answer(deps: Deps, ada: Actor) -> None:
    vera = a_member(deps, ada.team_id, username="vera", role=Role.VIEWER)
    run_id = parked(deps, ada, analyst(WHICH))
    with pytest.raises(NotAllowed, match="answer questions of agents"):
        answer_question(deps, vera, question_id=waiting(deps, vera, run_id).id, text="Yes.")


def test_a_cancelled_run_takes_no_answer_and_asks_nobody(deps: Deps, ada: Actor) -> None:
    run_id = parked(deps, ada, analyst(WHICH))
    id_ = waiting(deps, ada, run_id).id
    make_round(deps, Memory())
    cancel_run(deps, ada, run_id=run_id)
    assert [q.is_waiting for q in list_questions(deps, ada, run_id=run_id)] == [False]
    assert list_inbox(deps, ada).needs == ()
    with pytest.raises(Conflict, match="This run is cancelled"):
        answer_question(deps, ada, question_id=id_, text="Too late.")


def test_a_step_made_by_another_engine_needs_no_answer_any_more(deps: Deps, ada: Actor) -> None:
    run_id = parked(deps, ada, analyst(WHICH))
    id_ = waiting(deps, ada, run_id).id
    rerun_step(deps, ada, run_id=run_id, task_key="business")
    work_off(deps, run_id, engine=ScriptedEngine())
    assert the_run(deps, run_id).status is RunStatus.WAITING
    with pytest.raises(Conflict, match="gone on without an answer"):
        answer_question(deps, ada, question_id=id_, text="Too late.")


def test_a_run_that_failed_beside_the_question_goes_on_with_the_answer(deps: Deps, ada: Actor) -> None:
    run_id = a_run_at_gate(deps, ada)
    approve(deps, ada, run_id)
    work_off(deps, run_id, engine=ScriptedEngine({"backend": asking(WHICH), "data": raising(OSError("away"))}))
    assert the_run(deps, run_id).status is RunStatus.FAILED
    answer_question(deps, ada, question_id=waiting(deps, ada, run_id).id, text="Yes.")
    work_off(deps, run_id, engine=ScriptedEngine({"backend": asking(WHICH)}))
    assert the_run(deps, run_id).status is RunStatus.WAITING


def test_whoever_may_answer_is_told_until_somebody_has(deps: Deps, ada: Actor, ben: Actor) -> None:
    vera = a_member(deps, ada.team_id, username="vera", role=Role.VIEWER)
    run_id = parked(deps, ada, analyst(WHICH))
    assert make_round(deps, Memory()) == 2
    assert make_round(deps, Memory()) == 0
    [row] = list_inbox(deps, ben).needs
    assert (row.kind, row.page, row.query) == (Kind.QUESTION, "run", {"run": str(run_id), "step": "business"})
    assert row.text.endswith(f"business-analyst asks: {WHICH}")
    assert list_inbox(deps, vera).needs == ()
    mark_all_read(deps, ben)
    assert len(list_inbox(deps, ben).needs) == 1
    assert (pulse(deps, ada).unread, pulse(deps, ben).unread) == (1, 0)
    answer_question(deps, ada, question_id=waiting(deps, ada, run_id).id, text="The store")
    assert [list_inbox(deps, person).needs for person in (ada, ben)] == [(), ()]
    assert pulse(deps, ada).unread == 0
    assert [row.kind for row in list_inbox(deps, ben).others] == [Kind.QUESTION]


def test_no_answer_falls_between_asking_and_parking(deps: Deps, ada: Actor) -> None:
    """Somebody answers as soon as the question is there, while its attempt is still ending."""
    run_id = a_run(deps, ada)
    engine = analyst(WHICH)

    def answers() -> None:
        while not list_questions(deps, ada, run_id=run_id):
            threading.Event().wait(0.005)
        answer_question(deps, ada, question_id=list_questions(deps, ada, run_id=run_id)[0].id, text="The store")

    at_once(answers, lambda: work_off(deps, run_id, engine=engine))
    if the_run(deps, run_id).status is RunStatus.RUNNING:
        work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status is RunStatus.WAITING
    assert report_of(deps, run_id).report.endswith("Answers: The store")


def test_questions_go_with_their_run(deps: Deps, ada: Actor) -> None:
    run_id = parked(deps, ada, analyst(WHICH))
    make_round(deps, Memory())
    answer_question(deps, ada, question_id=waiting(deps, ada, run_id).id, text="Yes.")
    cancel_run(deps, ada, run_id=run_id)
    delete_run(deps, ada, run_id=run_id)
    assert set(counts(deps, (Question, QuestionAnswer)).values()) == {0}
