"""What agents ask the people of their team, and what is answered. Neither is ever changed."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from db.tables.columns import moment, reference, root_id, rows


class Question(SQLModel, table=True):
    """Asked in one revision of a task. `call` names the place in the agent's work, so that it is asked once however often that is
    done again; `number` counts within the run."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("run_id", "number"), UniqueConstraint("run_id", "task_key", "revision", "call"))
    id: UUID = root_id()
    run_id: UUID = reference("run.id")
    task_key: str
    revision: int
    call: str
    number: int
    agent: str
    text: str
    choices: list[str] = rows()
    at: datetime = moment()


class QuestionAnswer(SQLModel, table=True):
    """The first answer; the key leaves no room for a second one. Agents' workers may only read it."""

    __tablename__ = "question_answer"
    question_id: UUID = reference("question.id", primary_key=True)
    text: str
    author_id: UUID | None = Field(default=None)
    author_name: str
    channel: str
    at: datetime = moment()
