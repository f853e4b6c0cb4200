"""What one run asks of people: reviews, reminders of them, answers, failures, and approvals that what came later made stale."""

from collections.abc import Iterator
from datetime import date

from sqlmodel import Session

from db.queries.people import active_members
from db.queries.questions import waiting_questions
from db.queries.runs import decisions_of, output_hashes
from db.tables import Decision, Run
from db.tables.run import RunStatus
from services.actors import ActorKind
from services.notifications.kinds import Kind
from services.notifications.telling import Notice, link_to
from services.people.permissions import Action, may
from services.people.users import actor_of
from services.reviews.reviewers import overdue_reviewers, people_asked
from services.runs.states import ENDED
from services.workflow.tasks import BY_KEY, PHASES, title_of


def notices_of(session: Session, run: Run, today: date) -> Iterator[Notice]:
    """Everything that this run asks of anybody now, whether it was told before or not."""
    if run.status in ENDED:
        return
    if run.status is RunStatus.WAITING:
        yield from _reviews(session, run)
        yield from _reminders(session, run, today)
    if run.status is RunStatus.FAILED:
        yield from _failure(run)
    yield from _questions(session, run)
    yield from _stale(session, run)


def _reviews(session: Session, run: Run) -> Iterator[Notice]:
    question = PHASES[run.phase - 1].question
    for person_id in sorted(people_asked(session, run)):
        yield Notice(
            kind=Kind.REVIEW,
            team_id=run.team_id,
            person_id=person_id,
            run_id=run.id,
            text=f"{_named(run)} waits at gate {run.phase}: {question}",
            link=link_to("run", run=run.id),
            once=f"review:{run.id}:{run.phase}:{run.segment}",
            gate=(run.phase, run.segment),
        )


def _reminders(session: Session, run: Run, today: date) -> Iterator[Notice]:
    """One a day."""
    for row in overdue_reviewers(session, run, today):
        yield Notice(
            kind=Kind.REVIEW_OVERDUE,
            team_id=run.team_id,
            person_id=row.user_id,
            run_id=run.id,
            text=f"{_named(run)} waits at gate {run.phase} for your review, which {row.asked_name} asked for by "
            f"{row.due_on:%Y-%m-%d}.",
            link=link_to("run", run=run.id),
            once=f"overdue:{run.id}:{run.phase}:{run.segment}:{today}",
            gate=(run.phase, run.segment),
        )


def _failure(run: Run) -> Iterator[Notice]:
    if run.requester_id is not None:
        yield Notice(
            kind=Kind.RUN_FAILED,
            team_id=run.team_id,
            person_id=run.requester_id,
            run_id=run.id,
            text=f"{_named(run)} has failed: {run.reason or 'no reason is known.'}",
            link=link_to("run", run=run.id),
            once=f"failed:{run.id}:{run.segment}",
            gate=(run.phase, run.segment),
        )


def _questions(session: Session, run: Run) -> Iterator[Notice]:
    """Everybody who may answer; the first answer counts."""
    waiting = waiting_questions(session, run.id)
    people = active_members(session, run.team_id) if waiting else ()
    for question in waiting:
        for membership, user in people:
            if may(actor_of(user, membership, ActorKind.PERSON, "browser"), Action.ANSWER):
                yield Notice(
                    kind=Kind.QUESTION,
                    team_id=run.team_id,
                    person_id=user.id,
                    run_id=run.id,
                    text=f"{_named(run)} waits for an answer. {question.agent} asks: {question.text}",
                    link=link_to("run", run=run.id, step=question.task_key),
                    once=f"question:{question.id}",
                    question_id=question.id,
                )


def _stale(session: Session, run: Run) -> Iterator[Notice]:
    approvals = [d for d in decisions_of(session, run.id) if d.kind == "approve"]
    current = output_hashes(session, run.id) if approvals else {}
    newest = {(d.phase, d.actor_id): d for d in approvals}
    holding = {d.phase for d in approvals if not _changed(d, current)}
    for (phase, person_id), decision in newest.items():
        changed = _changed(decision, current)
        if person_id is None or not changed or phase in holding:
            continue
        steps = ", ".join(title_of(key).lower() for key in changed)
        yield Notice(
            kind=Kind.APPROVAL_STALE,
            team_id=run.team_id,
            person_id=person_id,
            run_id=run.id,
            text=f"{_named(run)} has moved on: what you approved at gate {phase} has changed since: {steps}.",
            link=link_to("run", run=run.id, step=changed[0]),
            once=f"stale:{decision.id}",
        )


def _changed(decision: Decision, current: dict[str, str]) -> list[str]:
    """The tasks whose result is another one than the decision was about: those of the phases up to its gate."""
    return [
        key
        for key, shown in decision.shown.items()
        if (key not in BY_KEY or BY_KEY[key].phase <= decision.phase) and current.get(key) != shown["output_hash"]
    ]


def _named(run: Run) -> str:
    return f"Run {run.number}, {run.request['title']},"
