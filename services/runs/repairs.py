"""What failed checks found goes back to the agents that own the places, some rounds of it, before people are asked at the gate.

Nothing of the loop is kept apart: the rounds are events since the last gate, what a round changed stands in the revisions, what
is still wrong in the evidence. So whoever takes over from a dead worker asks for the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import current_revisions, events_of_kinds, evidence_of, find_revision, find_run, tasks_of
from db.tables import Event, Evidence, Revision, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor, TeamId, system_actor
from services.agents.engine import Engine
from services.deps import Deps
from services.errors import NotFound
from services.evidence.findings import Severity, finding_of
from services.evidence.registry import CHECKS
from services.features.request import FeatureRequest
from services.people.permissions import Action, require
from services.runs.events import record
from services.runs.reruns import ask_again, ask_upstream
from services.runs.segments import REPAIR, Todo, todo_of
from services.workflow.tasks import Task as Step
from services.workflow.tasks import dependents, in_order, owner_of, tasks_for
from services.workspaces.trees import list_blobs

_ASKED, _GATE = "repair.asked", "gate.reached"
# An agent that mends the worst sees the rest in the next round.
FINDINGS_MAX = 40
Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class RepairView:
    """A revision that was made to mend `findings`. `is_changed`: whether its records or files are others than before."""

    task_key: str
    revision: int
    round: int
    is_changed: bool
    findings: tuple[Mapping[str, str], ...]


def ask_repairs(deps: Deps, engines: Mapping[str, Engine], run_id: UUID, segment: int) -> Todo:
    """Queues a repair of each task of the phase whose places a check has failed by, and asks the tasks that read it.

    What is to be worked off then; nothing where only people can go on. Asking twice asks for the same.
    """
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None or run.segment != segment or run.status is not RunStatus.RUNNING:
            return {}
        rows = tasks_of(session, run_id)
        queued = {key: t for key, t in rows.items() if t.phase == run.phase and t.status is not TaskStatus.DONE}
        if not queued and not (queued := _asked(session, deps, engines, run, rows)):
            return {}
        session.commit()
        return todo_of({key: (task.revision, task.attempt) for key, task in queued.items()}, queued)


def list_repairs(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[RepairView, ...]:
    """Those since the gate before this one, oldest first. Raises: NotFound, also for another team's run."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        return repairs_before_gate(session, run)


def repairs_before_gate(session: Session, run: Run) -> tuple[RepairView, ...]:
    """As `list_repairs`, inside the caller's transaction."""
    events = list(events_of_kinds(session, run.id, (_ASKED, _GATE)))
    if run.status is not RunStatus.RUNNING and events and events[-1].kind == _GATE:
        events.pop()
    views = []
    for event in _since_gate(events):
        for key, number in event.data["tasks"].items():
            made, before = (find_revision(session, run.id, key, n) for n in (number, number - 1))
            if made is not None:
                is_changed = not _is_same(before, made)
                views.append(RepairView(key, number, event.data["round"], is_changed, tuple(made.findings)))
    return tuple(views)


def _asked(
    session: Session, deps: Deps, engines: Mapping[str, Engine], run: Run, rows: Mapping[str, Task]
) -> dict[str, Task]:
    """The tasks of the phase that work in the next round; none after the last one, or where nobody can mend anything."""
    number = len(_since_gate(events_of_kinds(session, run.id, (_ASKED, _GATE)))) + 1
    if number > deps.settings.repair_rounds:
        return {}
    graph, wanted = _graph(run), _wanted(session, engines, run, rows)
    if not wanted:
        return {}
    for key, found in wanted.items():
        ask_again(rows[key], cause=REPAIR, asked_id=rows[key].asked_id, findings=found)
    asked_id = rows[min(wanted)].asked_id
    readers = ask_upstream(rows, dependents(graph, set(wanted)) - set(wanted), asked_id)
    queued = {task.key: task for task in (*(rows[key] for key in wanted), *readers) if task.phase == run.phase}
    for task in queued.values():
        task.status, task.queued_at = TaskStatus.QUEUED, deps.now()
    session.add_all(rows.values())
    record(
        session,
        deps,
        system_actor(TeamId(run.team_id)),
        run,
        _ASKED,
        phase=run.phase,
        round=number,
        rounds=deps.settings.repair_rounds,
        tasks={key: rows[key].revision for key in wanted},
        findings=sum(map(len, wanted.values())),
    )
    return queued


def _wanted(session: Session, engines: Mapping[str, Engine], run: Run, rows: Mapping[str, Task]) -> dict[str, Rows]:
    """Task -> what it is to mend: where its engine can, unless its last repair changed nothing, as another would not."""
    current = current_revisions(session, run.id)
    writers = {path: row.task_key for row in in_order(current) for path in list_blobs(session, row.tree)}
    found = by_task(_graph(run), run.phase, writers, what_failed(evidence_of(session, run.id), run.phase))
    return {
        key: given
        for key, given in found.items()
        if _can_repair(engines, rows[key].engine or run.engine) and not _changed_nothing(session, current[key])
    }


def what_failed(measured: Iterable[Evidence], phase: int) -> list[dict[str, str]]:
    """The findings by which the newest measurements of the phase did not pass, worst first. `measured`: oldest first."""
    due = {check.name for check in CHECKS if phase in check.phases}
    newest = {row.check: row for row in measured if row.check in due and "over" in row.figures}
    found = [f for row in newest.values() if row.outcome != "passed" for f in row.findings if finding_of(f).is_blocking]
    return sorted(found, key=lambda f: list(Severity).index(Severity(f["severity"])))


def by_task(graph: Sequence[Step], phase: int, writers: Mapping[str, str], found: Rows) -> dict[str, Rows]:
    """Task of the phase -> the findings that it can mend; what no task of the phase can is left to people.

    A place belongs to the task whose file stands there (`writers`: path -> task), else to the owner of the path; one that is
    no path, such as a record, to the task that the check names.
    """
    here = [step.key for step in graph if step.phase == phase]
    given: dict[str, list[Mapping[str, str]]] = {key: [] for key in here}
    for finding in found:
        path = finding["place"].partition(":")[0]
        key = writers.get(path) or owner_of(graph, path) or finding["task"]
        if key in given:
            given[key].append(finding)
    return {key: rows[:FINDINGS_MAX] for key, rows in given.items() if rows}


def _graph(run: Run) -> tuple[Step, ...]:
    return tasks_for(FeatureRequest.model_validate(run.request).methodology)


def _can_repair(engines: Mapping[str, Engine], name: str) -> bool:
    return name in engines and engines[name].can_repair


def _changed_nothing(session: Session, newest: Revision) -> bool:
    if newest.cause != REPAIR:
        return False
    return _is_same(find_revision(session, newest.run_id, newest.task_key, newest.number - 1), newest)


def _is_same(before: Revision | None, after: Revision) -> bool:
    """A report tells of what it was asked, so its words alone are no change."""
    return before is not None and (before.records, before.tree) == (after.records, after.tree)


def _since_gate(events: Sequence[Event]) -> list[Event]:
    """The rounds since the last gate. `events`: rounds and gates, oldest first."""
    gates = [position for position, event in enumerate(events) if event.kind == _GATE]
    return list(events[gates[-1] + 1 if gates else 0 :])
