"""The end of a segment: its files are measured, the criteria judged, and the run stands where a person must decide."""

import platform
from collections.abc import Sequence
from uuid import UUID

from db.queries.runs import evidence_of, tasks_of
from db.tables import Evidence, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import TeamId, system_actor
from services.criteria.current import keep_verdicts
from services.criteria.subjects import subject_of
from services.deps import Deps
from services.evidence.measurements import Measurement, as_rows
from services.evidence.registry import CHECKS, Check
from services.evidence.rounds import run_checks
from services.evidence.source_scans import SECRETS, knowing
from services.evidence.subjects import Subject
from services.runs.events import record
from services.runs.segments import Todo, todo_again
from services.workflow.tasks import PHASES, title_of
from services.workspaces.trees import store_files, store_trees


def measure(deps: Deps, run_id: UUID, segment: int) -> None:
    """Runs the checks of the run's phase over its files. What was measured over exactly the same is not measured again."""
    with deps.session() as session:
        run = session.get(Run, run_id)
        if run is None or run.segment != segment or run.status is not RunStatus.RUNNING:
            return
        # What could not be measured is tried once more at each gate; what came back to earlier files is measured again, so
        # that the newest measurement of a check is always the one that counts.
        rows = [e for e in evidence_of(session, run_id) if e.segment == segment or e.outcome != "not_measured"]
        known = set({row.check: row.figures["over"] for row in rows if "over" in row.figures}.values())
        read = [row.figures for row in rows if row.check == SECRETS]
        subject = knowing(subject_of(session, deps.settings, run), read)
        due = [check for check in CHECKS if check.concerns(subject, run.phase) and check.over(subject) not in known]
        store_trees(session, [check.looks_at(subject) for check in due])
        session.commit()
    for check, measured in run_checks(due, subject):
        _keep(deps, run_id, segment, check, subject, measured)


def _keep(deps: Deps, run_id: UUID, segment: int, check: Check, subject: Subject, measured: Measurement) -> None:
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None or run.segment != segment:
            return
        kept = {"files": store_files(session, measured.files)} if measured.files else {}
        session.add(
            Evidence(
                id=deps.new_id(),
                run_id=run_id,
                phase=run.phase,
                segment=segment,
                check=measured.check,
                tool=measured.tool,
                tool_version=measured.tool_version,
                isolation=measured.isolation,
                enforced=dict(measured.enforced),
                tree=check.tree(subject),
                outcome=measured.outcome,
                reason=measured.reason,
                figures={**measured.figures, **kept, "machine": platform.machine(), "over": check.over(subject)},
                findings=as_rows(measured.findings),
                log=measured.log,
                started_at=deps.now(),
                duration_seconds=measured.duration_seconds,
            )
        )
        actor = system_actor(TeamId(run.team_id))
        record(
            session,
            deps,
            actor,
            run,
            "check.done",
            check=measured.check,
            outcome=measured.outcome,
            reason=measured.reason,
        )
        session.commit()


def settle(deps: Deps, run_id: UUID, segment: int, begun: Todo) -> Todo:
    """Judges the criteria and leaves the run waiting, failed or parked. Doing it twice changes nothing.

    `begun`: what the segment has worked off, its repairs included. Handed back are the attempts for which a person has let a
    task go on meanwhile; with any of them the run has not settled.
    """
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None or run.segment != segment or run.status is not RunStatus.RUNNING:
            return {}
        tasks = [t for t in tasks_of(session, run_id).values() if t.phase <= run.phase]
        again = todo_again(begun, {t.key: [t.revision, t.attempt] for t in tasks if t.status is TaskStatus.QUEUED})
        if again:
            return again
        failed = [t for t in tasks if t.status is TaskStatus.FAILED]
        parked = [t for t in tasks if t.status is TaskStatus.PARKED]
        actor = system_actor(TeamId(run.team_id))
        if failed:
            run.status, run.reason = RunStatus.FAILED, _in_words(failed)
            record(session, deps, actor, run, "run.failed", reason=run.reason)
        elif parked:
            run.status, run.reason = RunStatus.PARKED, _in_words(parked)
            record(session, deps, actor, run, "run.parked", reason=run.reason)
        else:
            keep_verdicts(session, deps, run)
            run.status, run.reason = RunStatus.WAITING, None
            record(session, deps, actor, run, "gate.reached", phase=run.phase, title=PHASES[run.phase - 1].title)
        session.add(run)
        session.commit()
    return {}


def _in_words(ended: Sequence[Task]) -> str:
    """Whose reason is the same stand together."""
    reasons: dict[str, list[str]] = {}
    for task in ended:
        reasons.setdefault(task.error or "", []).append(title_of(task.key))
    return "; ".join(f"{', '.join(titles)}: {reason}" for reason, titles in reasons.items())


def strand(deps: Deps, run_id: UUID, segment: int) -> None:
    """A segment whose workflow broke off leaves a failed run, so that a person can retry it."""
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None or run.segment != segment or run.status is not RunStatus.RUNNING:
            return
        run.status, run.reason = RunStatus.FAILED, "The worker broke off. Retry goes on with what is missing."
        record(session, deps, system_actor(TeamId(run.team_id)), run, "run.failed", reason=run.reason)
        session.add(run)
        session.commit()
