"""Starts a run: everything it will read is frozen now."""

import hashlib
import json
from typing import Any
from uuid import UUID

from sqlmodel import select

from db.queries.features import documents_of
from db.queries.runs import next_number
from db.tables import Feature, Outbox, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor
from services.deps import Deps
from services.errors import InvalidInput, NotFound
from services.features.engines import check_engines
from services.features.request import FeatureRequest
from services.features.validation import to_request
from services.people.permissions import Action, require
from services.runs import RunId
from services.runs.documents import freeze
from services.runs.events import record
from services.runs.segments import todo_of
from services.runs.team_limits import limit_of_new_runs
from services.workflow.tasks import tasks_for


def start_run(deps: Deps, actor: Actor, *, feature_id: UUID) -> RunId:
    """Writes run, tasks, event and outbox row in one transaction, then wakes the workers.

    Raises: NotFound, NotAllowed, InvalidInput when the feature is not complete yet.
    """
    require(actor, Action.START_RUN)
    with deps.session() as session:
        feature = session.exec(
            select(Feature).where(Feature.id == feature_id, Feature.team_id == actor.team_id)
        ).first()
        if feature is None:
            raise NotFound("This feature does not exist in your team.")
        request = _request(feature)
        check_engines(deps.settings, request)
        run = Run(
            id=deps.new_id(),
            team_id=actor.team_id,
            feature_id=feature_id,
            number=next_number(session, actor.team_id),
            requester_id=actor.user_id,
            requester_name=actor.name,
            channel=actor.channel,
            engine=request.engine.value,
            request=request.model_dump(mode="json"),
            documents=freeze(session, documents_of(session, feature_id)),
            status=RunStatus.RUNNING,
            phase=1,
            segment=1,
            created_at=deps.now(),
            cost_limit_usd=request.cost_limit_usd or limit_of_new_runs(session, actor.team_id),
        )
        session.add(run)
        session.flush()
        _add_tasks(session, deps, run, request)
        record(session, deps, actor, run, "run.started", number=run.number)
        session.commit()
        run_id = RunId(run.id)
    deps.dispatcher.dispatch()
    return run_id


def parameters_hash(request: dict[str, Any], documents: list[dict[str, Any]]) -> str:
    """SHA-256 over the canonical JSON of what the run was asked."""
    text = json.dumps([request, documents], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _request(feature: Feature) -> FeatureRequest:
    unready = InvalidInput({"feature": "This feature is not complete; open it, mend what is marked, then start."})
    if feature.submitted_at is None:
        raise unready
    try:
        return to_request(feature.request)
    except InvalidInput as error:
        raise unready from error


def _own_engine(request: FeatureRequest, step: int) -> str | None:
    """None where the step goes with the run."""
    engine = request.engine_of(step)
    return None if engine is request.engine else engine.value


def _add_tasks(session: Any, deps: Deps, run: Run, request: FeatureRequest) -> None:
    numbers: dict[str, tuple[int, int]] = {}
    for task in tasks_for(request.methodology):
        starts_now = task.phase == 1
        session.add(
            Task(
                run_id=run.id,
                key=task.key,
                step=task.step,
                phase=task.phase,
                agent=task.agent,
                status=TaskStatus.QUEUED if starts_now else TaskStatus.PENDING,
                revision=1,
                attempt=1,
                remarks=[],
                engine=_own_engine(request, task.step),
                asked_id=run.requester_id,
                queued_at=deps.now() if starts_now else None,
            )
        )
        if starts_now:
            numbers[task.key] = (1, 1)
    session.add(Outbox(run_id=run.id, segment=1, todo=todo_of(numbers, numbers), created_at=deps.now()))
