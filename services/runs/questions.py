"""What agents ask people while they work. The question parks its task; the first answer lets the next attempt go on.

Asking and answering both hold the run's row, so that no answer falls between "nobody has answered" and the parking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.queries.questions import (
    answered_by,
    asked_at,
    count_questions,
    find_question,
    questions_of,
    waiting_questions,
)
from db.queries.runs import find_run
from db.tables import Question, QuestionAnswer, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor
from services.agents.engine import Reply
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotFound, WorkParked, legible
from services.people.permissions import Action, require
from services.runs.control import own_run
from services.runs.events import record
from services.runs.reruns import go_on
from services.runs.states import ENDED

ANSWER_MAX = 4_000
_STANDING = (RunStatus.PARKED, RunStatus.FAILED)


@dataclass(frozen=True)
class Place:
    """Where in the work of a run something is asked."""

    run_id: UUID
    task_key: str
    revision: int
    attempt: int


@dataclass(frozen=True)
class QuestionView:
    """`answer`, `answered_by` and `answered_at` are None while nobody has answered. `is_waiting`: its step still needs it."""

    id: UUID
    number: int
    task_key: str
    revision: int
    agent: str
    text: str
    choices: tuple[str, ...]
    asked_at: datetime
    is_waiting: bool
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


def ask(deps: Deps, agent: Actor, place: Place, *, call: str, text: str, choices: Sequence[str]) -> str:
    """The answer. Raises: WorkParked while there is none; the task stands parked then."""
    with deps.session() as session:
        run = session.get(Run, place.run_id, with_for_update=True)
        row = session.get(Task, (place.run_id, place.task_key))
        is_current = row is not None and (row.revision, row.attempt) == (place.revision, place.attempt)
        if run is None or row is None or run.status is not RunStatus.RUNNING or not is_current:
            raise WorkParked("The run went on without this attempt.")
        question = asked_at(session, run.id, row.key, row.revision, call)
        if question is None:
            question = _new(session, deps, agent, run, row, call, legible(text), [legible(c) for c in choices])
        answer = session.get(QuestionAnswer, question.id)
        if answer is not None:
            return answer.text
        reason = f"Question {question.number} waits for an answer of the team, on the page of the run."
        row.status, row.error, row.finished_at = TaskStatus.PARKED, reason, deps.now()
        session.add(row)
        record(session, deps, agent, run, "task.parked", task_key=row.key, reason=reason)
        session.commit()
    raise WorkParked(reason)


def answer_question(deps: Deps, actor: Actor, *, question_id: UUID, text: str) -> None:
    """The first answer counts, and the step goes on with it.

    Raises: NotFound, InvalidInput, Conflict when somebody was faster or nobody waits for it any more.
    """
    require(actor, Action.ANSWER)
    said = legible(text.strip())
    if not 0 < len(said) <= ANSWER_MAX:
        raise InvalidInput({"answer": f"Choose or write an answer, at most {ANSWER_MAX:,} characters."})
    with deps.session() as session:
        question = find_question(session, actor.team_id, question_id)
        if question is None:
            raise NotFound("This question does not exist in your team.")
        run = own_run(session, actor, question.run_id)
        _check_waits(session, run, question)
        session.add(
            QuestionAnswer(
                question_id=question.id,
                text=said,
                author_id=actor.user_id,
                author_name=actor.name,
                channel=actor.channel,
                at=deps.now(),
            )
        )
        record(session, deps, actor, run, "question.answered", task_key=question.task_key, number=question.number)
        _let_go_on(session, deps, run, question)
        session.commit()
    deps.dispatcher.dispatch()


def list_questions(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[QuestionView, ...]:
    """Oldest first. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        if find_run(session, actor.team_id, run_id) is None:
            raise NotFound("This run does not exist in your team.")
        waiting = {question.id for question in waiting_questions(session, run_id)}
        return tuple(_view(q, answer, is_waiting=q.id in waiting) for q, answer in questions_of(session, run_id))


def replies_to(session: Session, run_id: UUID, task_key: str, revisions: range) -> dict[str, Reply]:
    """Id of a question -> what was answered, of those that these revisions of a task have asked."""
    rows = answered_by(session, run_id, task_key)
    return {str(q.id): Reply(q.text, answer.text) for q, answer in rows if q.revision in revisions}


def _new(
    session: Session, deps: Deps, agent: Actor, run: Run, row: Task, call: str, text: str, choices: list[str]
) -> Question:
    question = Question(
        id=deps.new_id(),
        run_id=run.id,
        task_key=row.key,
        revision=row.revision,
        call=call,
        number=count_questions(session, run.id) + 1,
        agent=agent.name,
        text=text,
        choices=choices,
        at=deps.now(),
    )
    session.add(question)
    record(session, deps, agent, run, "question.asked", task_key=row.key, number=question.number)
    return question


def _check_waits(session: Session, run: Run, question: Question) -> None:
    """Raises: Conflict, with a sentence that says what happened."""
    answer = session.get(QuestionAnswer, question.id)
    if answer is not None:
        raise Conflict(f"{answer.author_name} has answered this already: {answer.text} Your answer was not kept.")
    if run.status in ENDED:
        raise Conflict(f"This run is {run.status.value}; nobody waits for the answer any more.")
    if all(waiting.id != question.id for waiting in waiting_questions(session, run.id)):
        raise Conflict("The step has gone on without an answer.")


def _let_go_on(session: Session, deps: Deps, run: Run, question: Question) -> None:
    """A run that stands goes on. Where other steps are at work, the segment takes the next attempt up before it ends."""
    row = session.get_one(Task, (run.id, question.task_key))
    if run.status in _STANDING:
        go_on(session, deps, run, run.phase)
    elif row.status is TaskStatus.PARKED:
        row.attempt, row.status, row.error, row.queued_at = row.attempt + 1, TaskStatus.QUEUED, None, deps.now()
        session.add(row)


def _view(question: Question, answer: QuestionAnswer | None, *, is_waiting: bool) -> QuestionView:
    return QuestionView(
        question.id,
        question.number,
        question.task_key,
        question.revision,
        question.agent,
        question.text,
        tuple(question.choices),
        question.at,
        is_waiting,
        answer.text if answer else None,
        answer.author_name if answer else None,
        answer.at if answer else None,
    )
