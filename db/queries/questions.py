"""Questions of agents, and their answers."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from db.tables import Question, QuestionAnswer, Run, Task
from db.tables.run import RunStatus, TaskStatus

_ENDED = (RunStatus.FINISHED, RunStatus.CANCELLED)


def waits() -> sa.ColumnElement[bool]:
    """Nobody has answered, and the step that asked still needs it: it has not gone on, and its run has not ended."""
    answered = sa.exists().where(col(QuestionAnswer.question_id) == col(Question.id))
    needed = sa.exists().where(
        col(Task.run_id) == col(Question.run_id),
        col(Task.key) == col(Question.task_key),
        col(Task.revision) == col(Question.revision),
        col(Task.status) != TaskStatus.DONE,
        col(Run.id) == col(Question.run_id),
        col(Run.status).not_in(_ENDED),
    )
    return sa.and_(sa.not_(answered), needed)


def waiting_questions(session: Session, run_id: UUID) -> Sequence[Question]:
    """Oldest first."""
    query = select(Question).where(Question.run_id == run_id, waits())
    return session.exec(query.order_by(col(Question.number))).all()


def questions_of(session: Session, run_id: UUID) -> Sequence[tuple[Question, QuestionAnswer | None]]:
    """Oldest first."""
    query = select(Question, QuestionAnswer).outerjoin(
        QuestionAnswer, col(QuestionAnswer.question_id) == col(Question.id)
    )
    return list(session.exec(query.where(Question.run_id == run_id).order_by(col(Question.number))).all())


def answered_by(session: Session, run_id: UUID, task_key: str) -> Sequence[tuple[Question, QuestionAnswer]]:
    """What one task has asked and was answered, oldest first."""
    query = select(Question, QuestionAnswer).join(QuestionAnswer, col(QuestionAnswer.question_id) == col(Question.id))
    query = query.where(Question.run_id == run_id, Question.task_key == task_key)
    return list(session.exec(query.order_by(col(Question.number))).all())


def find_question(session: Session, team_id: UUID, question_id: UUID) -> Question | None:
    """The question, if it is of a run of the team."""
    query = select(Question).join(Run, col(Run.id) == col(Question.run_id))
    return session.exec(query.where(Question.id == question_id, Run.team_id == team_id)).first()


def asked_at(session: Session, run_id: UUID, task_key: str, revision: int, call: str) -> Question | None:
    """The question of one place in an agent's work."""
    query = select(Question).where(Question.run_id == run_id, Question.task_key == task_key)
    return session.exec(query.where(Question.revision == revision, Question.call == call)).first()


def count_questions(session: Session, run_id: UUID) -> int:
    return session.exec(select(func.count()).select_from(Question).where(Question.run_id == run_id)).one()
