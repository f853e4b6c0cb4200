"""What people change in a run that stands still: remarks at a gate, a step that runs again, a report that is edited.

Each makes a new revision of its step. Later steps are asked whether anything that they read has changed, and only then run
again. The run goes back to the earliest phase that is touched; later phases are decided again.
"""

from collections.abc import Mapping
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session

from db.queries.runs import current_revisions, find_run, tasks_of
from db.tables import Revision, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from services.features.asked import asked_of
from services.features.request import FeatureRequest, Stated
from services.people.permissions import Action, require
from services.reviews.chosen import REMARK_MAX, chosen_threads, hand_over, ids_of, with_threads
from services.reviews.decisions import at_gate, write_decision
from services.reviews.opening import keep
from services.runs.events import record
from services.runs.reruns import ask_again, ask_upstream, go_on
from services.runs.work import output_hash
from services.workflow.tasks import Task as Step
from services.workflow.tasks import dependents, tasks_for
from services.workspaces.trees import read_files

REPORT_MAX = 200_000
_STANDING = (RunStatus.WAITING, RunStatus.FAILED, RunStatus.PARKED)
_NOT_DONE = "This step has not been done yet."


def request_changes(
    deps: Deps,
    actor: Actor,
    *,
    run_id: UUID,
    shown_hash: str,
    remarks: Mapping[str, str],
    threads: Mapping[UUID, str] | None = None,
) -> None:
    """A new revision of each task with a remark; those that read it are asked. `remarks`: task key -> what to change.
    `threads`: those that are to be done as well, each with its words as they were shown; the revision answers in them.

    A remark that corrects what was understood ("rename order to purchase") asks every step.

    Raises: InvalidInput, Conflict, NotAllowed.
    """
    with deps.session() as session:
        run, gate = at_gate(session, deps, actor, run_id, shown_hash)
        if not gate.may_request_changes:
            raise NotAllowed(gate.why_not or "Your role may not decide.")
        rows = tasks_of(session, run_id)
        chosen = chosen_threads(session, run_id, threads or {})
        wanted = checked_remarks(with_threads(remarks, chosen), rows, run.phase)
        asked = asked_of(session, run)
        for key, text in wanted.items():
            ask_again(rows[key], cause="change_request", remarks=[text], asked_id=actor.user_id)
        hand_over((rows[key] for key in wanted), remarks, chosen)
        reached = set(rows) if asked.is_changed_by(wanted) else dependents(_graph(run), set(wanted))
        touched = [*(rows[key] for key in wanted), *ask_upstream(rows, reached - set(wanted), actor.user_id)]
        back_to = min(task.phase for task in touched)
        write_decision(
            session, deps, actor, run, gate, "request_changes", wanted, threads=ids_of(chosen), back_to=back_to
        )
        go_on(session, deps, run, back_to)
        session.commit()
    deps.dispatcher.dispatch()


def rerun_step(deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, engine: str | None = None) -> None:
    """Another revision of one step, by another engine where one is named; that engine stays with the step.

    What else had failed or parked in the run is tried again with it. Raises: NotFound, Conflict, InvalidInput.
    """
    require(actor, Action.CANCEL_RUN)
    if engine is not None and engine not in deps.engines:
        raise InvalidInput({"engine": f"This installation offers {' and '.join(deps.engines) or 'no other engine'}."})
    with deps.session() as session:
        run, rows = _standing(session, actor, run_id)
        task = _reached(rows, task_key, run)
        task.engine = engine or task.engine
        ask_again(task, cause="rerun", asked_id=actor.user_id)
        touched = ask_upstream(rows, dependents(_graph(run), {task_key}) - {task_key}, actor.user_id)
        record(session, deps, actor, run, "step.rerun", task_key=task_key, revision=task.revision, engine=task.engine)
        back_to = min(t.phase for t in (task, *touched))
        _keep_change(session, deps, actor, run, "rerun_step", task, back_to)
        go_on(session, deps, run, back_to)
        session.commit()
    deps.dispatcher.dispatch()


def edit_report(deps: Deps, actor: Actor, *, run_id: UUID, task_key: str, number: int, report: str) -> None:
    """The step's report in a person's words, as a new revision with the same records and files.

    `number`: the revision that was opened. Steps that read the report are asked, no others.

    Raises: NotFound, InvalidInput, Conflict when the run moves or the step has another revision by now.
    """
    require(actor, Action.DECIDE)
    said = _checked_report(report)
    with deps.session() as session:
        run, rows = _standing(session, actor, run_id)
        task, current = _reached(rows, task_key, run), current_revisions(session, run_id)
        before = current.get(task_key)
        if before is None or task.status is not TaskStatus.DONE:
            raise Conflict("This step is not done; edit its report when it is.")
        if before.number != number:
            raise Conflict(
                f"This step has revision {before.number} by now. Keep your text, look at it, then edit again."
            )
        if said == before.report.strip():
            raise InvalidInput({"report": "Nothing was changed."})
        session.add(_edited(session, deps, actor, before, said))
        task.revision, task.attempt, task.kept = before.number + 1, 1, 0
        task.cause, task.remarks, task.findings, task.asked_id = "edit", [], [], actor.user_id
        session.add(task)
        readers = _readers(_graph(run), current, task_key)
        touched = ask_upstream(rows, dependents(_graph(run), readers), actor.user_id)
        record(session, deps, actor, run, "report.edited", task_key=task_key, revision=task.revision)
        back_to = min(t.phase for t in (task, *touched))
        _keep_change(session, deps, actor, run, "edit_report", task, back_to, shown_hash=before.output_hash)
        go_on(session, deps, run, back_to)
        session.commit()
    deps.dispatcher.dispatch()


def _keep_change(
    session: Session, deps: Deps, actor: Actor, run: Run, act: str, task: Task, back_to: int, *, shown_hash: str = ""
) -> None:
    """Who changes what others have approved, or will, stands in the ledger: it decides whose approval counts."""
    payload = {
        "run": str(run.id),
        "phase": run.phase,
        "by": str(actor.user_id),
        "task": task.key,
        "revision": task.revision,
        "back_to": back_to,
    }
    keep(session, deps, actor, act, payload, shown_hash=shown_hash)


def checked_remarks(remarks: Mapping[str, str], rows: Mapping[str, Task], phase: int) -> dict[str, str]:
    """Raises: InvalidInput."""
    wanted = {key: text.strip() for key, text in remarks.items() if text.strip()}
    if not wanted:
        raise InvalidInput({"remarks": "Say at least for one step what should change."})
    problems = {
        key: f"A remark may have {REMARK_MAX:,} characters; this one has {len(text):,}."
        for key, text in wanted.items()
        if len(text) > REMARK_MAX
    }
    problems |= {key: _NOT_DONE for key in wanted if key not in rows or rows[key].phase > phase}
    if problems:
        raise InvalidInput(problems)
    return wanted


def _checked_report(report: str) -> str:
    said = report.replace("\r\n", "\n").strip()
    if len(said) > REPORT_MAX:
        raise InvalidInput({"report": f"A report may have {REPORT_MAX:,} characters; this one has {len(said):,}."})
    try:
        return TypeAdapter[str](Stated).validate_python(said)
    except ValidationError as error:
        raise InvalidInput({"report": "The report is empty or holds control characters; write it as text."}) from error


def _graph(run: Run) -> tuple[Step, ...]:
    return tasks_for(FeatureRequest.model_validate(run.request).methodology)


def _standing(session: Session, actor: Actor, run_id: UUID) -> tuple[Run, dict[str, Task]]:
    """A run that nobody works on, locked, and its tasks."""
    run = find_run(session, actor.team_id, run_id, lock=True)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    if run.status not in _STANDING:
        after = "wait for its gate" if run.status is RunStatus.RUNNING else "start another one"
        raise Conflict(f"This run is {run.status.value}; {after}.")
    return run, tasks_of(session, run_id)


def _reached(rows: Mapping[str, Task], key: str, run: Run) -> Task:
    if key not in rows:
        raise NotFound("This run has no such step.")
    if rows[key].phase > run.phase:
        raise InvalidInput({key: _NOT_DONE})
    return rows[key]


def _edited(session: Session, deps: Deps, actor: Actor, before: Revision, report: str) -> Revision:
    """What was read stays what was read: the words are another's, the records and files come from the same work."""
    values = before.model_dump()
    return Revision(
        **values
        | {
            "id": deps.new_id(),
            "number": before.number + 1,
            "report": report,
            "output_hash": output_hash(report, before.records, read_files(session, before.tree)),
            "author_kind": actor.kind.value,
            "author_name": actor.name,
            "asked_id": actor.user_id,
            "cause": "edit",
            "remarks": [],
            "findings": [],
            "cost_usd": 0.0,
            "started_at": deps.now(),
            "created_at": deps.now(),
        }
    )


def _readers(graph: tuple[Step, ...], current: Mapping[str, Revision], key: str) -> set[str]:
    """The tasks whose current revision read the report, and those of which nobody knows what they read."""
    part = f"report:{key}"
    return {
        step.key
        for step in graph
        if step.key in current
        and key in step.reads
        and (current[step.key].reads is None or part in (current[step.key].reads or {}))
    }
