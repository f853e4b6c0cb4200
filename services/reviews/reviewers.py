"""Reviewers who are asked by name, until when; and who is asked anyway, because their approval would count.

To be asked by name decides nothing: whose approval counts is the policy's matter alone.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session

from db.queries.people import active_members
from db.queries.reviewers import EVERY_GATE, deciders_at_gate, reviewers_at_gates, reviewers_of
from db.queries.runs import find_run
from db.tables import Reviewer, Run, User
from db.tables.run import RunStatus
from services.actors import Actor, ActorKind
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotFound
from services.notifications.kinds import Kind
from services.notifications.telling import Notice, link_to, notify
from services.people.permissions import Action, require
from services.people.users import actor_of
from services.reviews.policies import why_not
from services.reviews.standing import rules_for
from services.runs.events import record
from services.runs.states import ENDED
from services.workflow.tasks import PHASES


@dataclass(frozen=True)
class ReviewerView:
    """`phase` None: every gate. `waits`: the run stands at this gate and the person has not decided there."""

    user_id: UUID
    name: str
    phase: int | None
    due_on: date | None
    asked_by: str
    waits: bool
    is_overdue: bool


@dataclass(frozen=True)
class Candidate:
    user_id: UUID
    name: str


def assign_reviewers(
    deps: Deps, actor: Actor, *, run_id: UUID, user_ids: tuple[UUID, ...], due_on: date | None, phase: int | None = None
) -> None:
    """Asks people by name, at one gate or at every one (None). Who was asked before gets the new date.

    Raises: InvalidInput, Conflict when the run has ended, NotFound.
    """
    require(actor, Action.DECIDE)
    with deps.session() as session:
        run = _run(session, actor, run_id, lock=True)
        if run.status in ENDED:
            raise Conflict(f"This run is {run.status.value}; nothing is left to review.")
        people = _counting(session, run)
        problems = {
            "user_ids": "Choose at least one person." if not user_ids else "",
            "phase": "This gate has been passed; choose one that is still to come."
            if phase is not None and not run.phase <= phase <= len(PHASES)
            else "",
            "due_on": "The date has passed already." if due_on and due_on < deps.now().date() else "",
        }
        if not set(user_ids) <= set(people):
            problems["user_ids"] = "Choose people whose approval would count for this run."
        if any(problems.values()):
            raise InvalidInput({field: sentence for field, sentence in problems.items() if sentence})
        for user_id in dict.fromkeys(user_ids):
            _ask(session, deps, actor, run, people[user_id], phase or EVERY_GATE, due_on)
        names = ", ".join(people[user_id].name for user_id in dict.fromkeys(user_ids))
        due = due_on.isoformat() if due_on else ""
        record(session, deps, actor, run, "reviewers.assigned", names=names, phase=phase, due=due)
        session.commit()


def unassign_reviewer(deps: Deps, actor: Actor, *, run_id: UUID, user_id: UUID, phase: int | None = None) -> None:
    """Raises: NotFound, also for somebody who was not asked."""
    require(actor, Action.DECIDE)
    with deps.session() as session:
        run = _run(session, actor, run_id, lock=True)
        row = session.get(Reviewer, (run.id, phase or EVERY_GATE, user_id))
        if row is None:
            raise NotFound("This person was not asked to review this gate.")
        name = session.get_one(User, user_id).name
        session.delete(row)
        record(session, deps, actor, run, "reviewers.unassigned", names=name, phase=phase)
        session.commit()


def list_reviewers(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[ReviewerView, ...]:
    """By gate, then by name. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        run = _run(session, actor, run_id)
        decided = deciders_at_gate(session, run)
        today = deps.now().date()
        return tuple(_view(row, user, run, decided, today) for row, user in reviewers_of(session, run_id))


def list_candidates(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[Candidate, ...]:
    """Whose approval would count for this run, by name. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        people = _counting(session, _run(session, actor, run_id))
        return tuple(Candidate(user.id, user.name) for user in sorted(people.values(), key=lambda user: user.name))


def waiting_reviewers(deps: Deps, actor: Actor) -> dict[UUID, tuple[ReviewerView, ...]]:
    """Run -> who was asked by name at the gate where it stands, and has not decided; over the whole team."""
    require(actor, Action.VIEW)
    found: dict[UUID, list[ReviewerView]] = {}
    with deps.reading() as session:
        today = deps.now().date()
        for row, user, run in reviewers_at_gates(session, actor.team_id):
            view = _view(row, user, run, deciders_at_gate(session, run), today)
            if view.waits:
                found.setdefault(run.id, []).append(view)
    return {run_id: tuple(views) for run_id, views in found.items()}


def people_asked(session: Session, run: Run) -> set[UUID]:
    """Whose decision a waiting run waits for: people whose approval would count, and who has not decided at this gate."""
    return set(_counting(session, run)) - deciders_at_gate(session, run)


def overdue_reviewers(session: Session, run: Run, today: date) -> list[Reviewer]:
    """Who was asked by name at the gate where the run stands, let the date pass, and could still decide."""
    asked = people_asked(session, run)
    return [
        row
        for row, user in reviewers_of(session, run.id)
        if row.phase in (EVERY_GATE, run.phase) and user.id in asked and row.due_on and row.due_on < today
    ]


def _counting(session: Session, run: Run) -> dict[UUID, User]:
    """Members whose approval, given in a browser, would count for this run."""
    rules = rules_for(session, run)
    return {
        user.id: user
        for membership, user in active_members(session, run.team_id)
        if why_not(rules, actor_of(user, membership, ActorKind.PERSON, "browser")) is None
    }


def _run(session: Session, actor: Actor, run_id: UUID, *, lock: bool = False) -> Run:
    run = find_run(session, actor.team_id, run_id, lock=lock)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    return run


def _ask(session: Session, deps: Deps, actor: Actor, run: Run, user: User, phase: int, due_on: date | None) -> None:
    row = session.get(Reviewer, (run.id, phase, user.id)) or Reviewer(
        run_id=run.id, phase=phase, user_id=user.id, asked_name=actor.name
    )
    row.due_on, row.asked_id, row.asked_name, row.at = due_on, actor.user_id, actor.name, deps.now()
    session.add(row)
    if user.id == actor.user_id:
        return
    where = f"gate {phase}" if phase != EVERY_GATE else "every gate"
    until = f", by {due_on:%Y-%m-%d}" if due_on else ""
    stands = run.status is RunStatus.WAITING and phase in (EVERY_GATE, run.phase)
    notice = Notice(
        kind=Kind.REVIEWER,
        team_id=run.team_id,
        person_id=user.id,
        run_id=run.id,
        text=f"{actor.name} asks for your review of {where} of run {run.number}, {run.request['title']}{until}.",
        link=link_to("run", run=run.id),
        once=f"reviewer:{run.id}:{phase}:{run.segment}:{due_on}",
        gate=(run.phase, run.segment) if stands else None,
    )
    notify(session, deps, notice)


def _view(row: Reviewer, user: User, run: Run, decided: set[UUID], today: date) -> ReviewerView:
    stands = run.status is RunStatus.WAITING and row.phase in (EVERY_GATE, run.phase)
    waits = stands and user.id not in decided
    return ReviewerView(
        user_id=user.id,
        name=user.name,
        phase=row.phase or None,
        due_on=row.due_on,
        asked_by=row.asked_name,
        waits=waits,
        is_overdue=waits and row.due_on is not None and row.due_on < today,
    )
