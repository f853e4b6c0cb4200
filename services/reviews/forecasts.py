"""What a change will set going, said before it starts: which steps, how long they work, what they cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from sqlmodel import Session

from db.queries.metrics import works_of_team
from db.queries.runs import current_revisions, find_run, tasks_of
from db.tables import Revision, Run
from db.tables.run import TaskStatus
from services.actors import Actor
from services.agents.engine import Brief
from services.agents.reads import changed_parts, is_asked_for
from services.deps import Deps
from services.errors import NotFound
from services.features.asked import Asked, asked_of
from services.people.permissions import Action, require
from services.runs.reruns import can_reach
from services.workflow.tasks import Task as Step
from services.workflow.tasks import tasks_for


@dataclass(frozen=True)
class Forecast:
    """`certain` and `possible`: titles of steps; the possible ones run only if what they read changes.

    Seconds are the work of the steps one after the other, from the team's own revisions; None where there are none. Costs
    are None where they are not known. `low` is for the certain steps alone, `high` for all. `phase`: the gate that comes next.
    """

    certain: tuple[str, ...]
    possible: tuple[str, ...]
    phase: int
    low_seconds: float | None
    high_seconds: float | None
    low_cost_usd: float | None
    high_cost_usd: float | None


def forecast_rerun(deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, engine: str | None = None) -> Forecast:
    """Of `rerun_step`. Raises: NotFound."""
    require(actor, Action.CANCEL_RUN)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        rows = tasks_of(session, run_id)
        if run is None or task_key not in rows:
            raise NotFound("This run has no such step in your team.")
        unfinished = {t.key for t in rows.values() if t.phase <= run.phase and t.status is not TaskStatus.DONE}
        return forecast(session, run, {task_key, *unfinished}, engines={task_key: engine} if engine else {})


def forecast(
    session: Session,
    run: Run,
    certain: set[str],
    *,
    corrected: Asked | None = None,
    engines: Mapping[str, str] | None = None,
) -> Forecast:
    """`certain`: task keys that run whatever comes of it; `corrected`: what is asked for afterwards, where that changes."""
    asked = asked_of(session, run)
    graph = tasks_for(asked.request.methodology)
    rows, current = tasks_of(session, run.id), current_revisions(session, run.id)
    done = {key for key in current if rows[key].status is TaskStatus.DONE}
    if corrected is not None:
        certain = certain | {s.key for s in graph if s.key in done and _reads_it(s, current[s.key], corrected)}
    reads = {key: current[key].reads for key in done}
    possible = can_reach(graph, reads, certain) - certain
    using = {key: rows[key].engine or run.engine for key in rows} | dict(engines or {})
    works = works_of_team(session, run.team_id, {*certain, *possible})
    low, high = (_work(works, keys, using) for keys in (certain, certain | possible))
    return Forecast(
        certain=tuple(step.title for step in graph if step.key in certain),
        possible=tuple(step.title for step in graph if step.key in possible),
        phase=min(rows[key].phase for key in certain),
        low_seconds=low[0],
        high_seconds=high[0],
        low_cost_usd=low[1],
        high_cost_usd=high[1],
    )


def _reads_it(step: Step, revision: Revision, asked: Asked) -> bool:
    """Whether the step has read something of what is asked for that is no longer so."""
    if revision.reads is None:
        return True
    brief = Brief(
        task=step,
        request=asked.request,
        understanding=asked.understanding,
        documents=(),
        inputs={},
        files={},
    )
    return bool(changed_parts(brief, {part: kept for part, kept in revision.reads.items() if is_asked_for(part)}))


def _work(
    works: Sequence[tuple[str, str, float, float | None]], keys: set[str], using: Mapping[str, str]
) -> tuple[float | None, float | None]:
    """(seconds, US dollars) of one revision of each task by its engine: sums of medians."""
    seconds, costs = list[float](), list[float | None]()
    for key in keys:
        own = [work for work in works if work[:2] == (key, using[key])]
        if not own:
            return None, None
        seconds.append(median(work[2] for work in own))
        paid = [work[3] for work in own if work[3] is not None]
        costs.append(median(paid) if len(paid) == len(own) else None)
    known = [cost for cost in costs if cost is not None]
    return sum(seconds), sum(known) if len(known) == len(costs) else None
