"""Everything that happens is an event row with time and actor; what changes a screen also moves the run's version."""

from typing import Any

from sqlmodel import Session

from db.queries.runs import move_version
from db.tables import Event, Run
from services.actors import Actor
from services.deps import Deps

LIVE_TEXT = "task.text"


def record(
    session: Session, deps: Deps, actor: Actor, run: Run, kind: str, *, task_key: str | None = None, **data: Any
) -> None:
    session.add(
        Event(
            team_id=run.team_id,
            run_id=run.id,
            at=deps.now(),
            actor_kind=actor.kind.value,
            actor_name=actor.name,
            actor_id=actor.user_id,
            kind=kind,
            task_key=task_key,
            data=data,
        )
    )
    if kind != LIVE_TEXT:
        move_version(session, run.id)
