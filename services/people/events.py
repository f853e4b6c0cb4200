"""What people do to their team and its things, outside of a run: an event row with time and actor."""

from typing import Any

from sqlmodel import Session

from db.tables import Event
from services.actors import Actor
from services.deps import Deps


def record_for_team(session: Session, deps: Deps, actor: Actor, kind: str, **data: Any) -> None:
    """Inside the caller's transaction. Never a secret, a password or a link."""
    session.add(
        Event(
            team_id=actor.team_id,
            run_id=None,
            at=deps.now(),
            actor_kind=actor.kind.value,
            actor_name=actor.name,
            actor_id=actor.user_id,
            kind=kind,
            data=data,
        )
    )
