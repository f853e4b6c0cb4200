"""Who sees to a criterion, until when, and what was remarked on it: notes of a team, which decide nothing."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from db.queries.criteria import assignments_of
from db.queries.people import active_members
from db.queries.runs import find_run, move_version
from db.tables import Assignment, CriterionComment, Run
from services.actors import Actor
from services.deps import Deps
from services.errors import InvalidInput, NotAllowed, NotFound
from services.notifications.kinds import Kind
from services.notifications.telling import Notice, link_to, notify
from services.people.events import record_for_team
from services.people.permissions import Action, require
from services.workflow.criteria import find_criterion

COMMENT_MAX = 5_000


def assign(
    deps: Deps, actor: Actor, *, run_id: UUID, criterion: str, owner_id: UUID | None, due_on: date | None
) -> None:
    """Gives a criterion to an active member, or to nobody. Raises: InvalidInput, NotAllowed, NotFound."""
    with deps.session() as session:
        run = _run(session, actor, run_id, criterion)
        names = {user.id: user.name for _, user in active_members(session, actor.team_id)}
        if owner_id is not None and owner_id not in names:
            raise InvalidInput({"owner": "Choose somebody who can sign in to this team."})
        row = assignments_of(session, run_id).get(criterion) or Assignment(run_id=run_id, criterion=criterion)
        row.owner_id, row.due_on = owner_id, due_on
        session.add(row)
        owner = names.get(owner_id, "") if owner_id else ""
        told = {"criterion": criterion, "owner": owner, "due": due_on.isoformat() if due_on else ""}
        if owner_id is not None and owner_id != actor.user_id:
            notify(session, deps, _assigned(actor, run, criterion, owner_id, due_on))
        _told(session, deps, actor, run, "criterion.assigned", told)


def comment(deps: Deps, actor: Actor, *, run_id: UUID, criterion: str, text: str) -> None:
    """Raises: InvalidInput, NotAllowed, NotFound."""
    said = text.strip()
    if not said or len(said) > COMMENT_MAX:
        raise InvalidInput({"text": f"A comment has 1 to {COMMENT_MAX:,} characters."})
    with deps.session() as session:
        run = _run(session, actor, run_id, criterion)
        if actor.user_id is None:
            raise NotAllowed("Only people comment.")
        session.add(
            CriterionComment(
                id=deps.new_id(),
                run_id=run_id,
                criterion=criterion,
                text=said,
                actor_id=actor.user_id,
                actor_name=actor.name,
                at=deps.now(),
            )
        )
        _told(session, deps, actor, run, "criterion.commented", {"criterion": criterion})


def _assigned(actor: Actor, run: Run, criterion: str, owner_id: UUID, due_on: date | None) -> Notice:
    row = find_criterion(criterion)
    until = f", by {due_on:%Y-%m-%d}" if due_on else ""
    return Notice(
        kind=Kind.CRITERION,
        team_id=run.team_id,
        person_id=owner_id,
        run_id=run.id,
        text=f"{actor.name} asks you to see to {row.title.lower() if row else criterion} of run {run.number}, "
        f"{run.request['title']}{until}.",
        link=link_to("criteria", run=run.id),
        once=f"criterion:{run.id}:{criterion}:{due_on}",
    )


def _run(session: Session, actor: Actor, run_id: UUID, criterion: str) -> Run:
    require(actor, Action.DECIDE)
    run = find_run(session, actor.team_id, run_id, lock=True)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    if find_criterion(criterion) is None:
        raise NotFound("There is no such criterion.")
    return run


def _told(session: Session, deps: Deps, actor: Actor, run: Run, kind: str, data: dict[str, str]) -> None:
    record_for_team(session, deps, actor, kind, run_id=run.id, task_key=None, **data)
    move_version(session, run.id)
    session.commit()
