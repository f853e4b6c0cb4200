"""Everything that happens in a team is an event row with time and actor; `runs/events.py` adds what a run needs."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.tables import Event
from services.actors import Actor
from services.deps import Deps


def record_for_team(
    session: Session,
    deps: Deps,
    actor: Actor,
    kind: str,
    *,
    run_id: UUID | None = None,
    task_key: str | None = None,
    **data: Any,
) -> None:
    """Inside the caller's transaction. Never a secret, a password or a link."""
    session.add(
        Event(
            team_id=actor.team_id,
            run_id=run_id,
            at=deps.now(),
            actor_kind=actor.kind.value,
            actor_name=actor.name,
            actor_id=actor.user_id,
            kind=kind,
            task_key=task_key,
            data=data,
        )
    )
