"""What the agent of a revision answers in the threads that it was asked about."""

from uuid import UUID

from sqlmodel import Session

from db.queries.threads import count_comments
from db.tables import Run, Task, Thread, ThreadComment
from services.actors import Actor
from services.agents.engine import Answer, Brief, Draft, Remark
from services.deps import Deps
from services.errors import legible
from services.runs.events import record

_SILENT = "Not answered by the agent: this revision does not say what became of it."


def remarks_of(row: Task) -> tuple[Remark, ...]:
    """What was said of the step as a whole, then what was chosen from threads, with the text that it is about."""
    chosen = (Remark(t["text"], thread=t["id"], about=t["about"], quote=t["quote"]) for t in row.threads)
    return (*map(Remark, row.remarks), *chosen)


def answer_threads(
    session: Session, deps: Deps, agent: Actor, run: Run, brief: Brief, draft: Draft, revision: int
) -> None:
    """One comment in each thread that was chosen, in the transaction that keeps the revision."""
    for position, remark in enumerate(brief.remarks):
        thread = session.get(Thread, UUID(remark.thread)) if remark.thread else None
        if thread is None:
            continue
        told = [answer for answer in draft.answers if answer.remark == position]
        session.add(
            ThreadComment(
                id=deps.new_id(),
                thread_id=thread.id,
                number=count_comments(session, thread.id) + 1,
                author_kind=agent.kind.value,
                author_name=agent.name,
                text=legible("\n".join(map(_sentence, told)) or _SILENT),
                revision=revision,
                answers=[{"line": legible(a.line), "is_applied": a.is_applied, "text": legible(a.text)} for a in told],
                at=deps.now(),
            )
        )
        data = {"thread": str(thread.id), "number": thread.number, "about": remark.about, "revision": revision}
        record(session, deps, agent, run, "thread.answered", task_key=thread.task_key, **data)


def _sentence(answer: Answer) -> str:
    return f"{'Applied' if answer.is_applied else 'Not applied'}: {answer.line} {answer.text}"
