"""Everything that happens is an event row with time and actor; what changes a screen also moves the run's version."""

from typing import Any

from sqlmodel import Session

from db.queries.runs import move_version
from db.tables import Run
from services.actors import Actor
from services.deps import Deps
from services.people.events import record_for_team

LIVE_TEXT = "task.text"


def record(
    session: Session, deps: Deps, actor: Actor, run: Run, kind: str, *, task_key: str | None = None, **data: Any
) -> None:
    record_for_team(session, deps, actor, kind, run_id=run.id, task_key=task_key, **data)
    move_version(session, run.id)
