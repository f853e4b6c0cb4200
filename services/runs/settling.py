"""The end of a segment: its files are measured, the criteria judged, and the run stands where a person must decide."""

import hashlib
import json
import logging
import platform
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import current_revisions, evidence_of, tasks_of
from db.tables import Evidence, Revision, Run, Verdict
from db.tables.run import RunStatus, TaskStatus
from services.actors import TeamId, system_actor
from services.criteria.judging import EvidenceFact, judge
from services.deps import Deps
from services.evidence import optimisations, page_pictures
from services.evidence.environments import find_environment
from services.evidence.measurements import Measurement, not_measured
from services.evidence.sabotage import Place
from services.evidence.test_runs import measure_red, measure_tests
from services.features.asked import asked_of
from services.features.request import FeatureRequest
from services.runs.events import record
from services.workflow.options import Methodology
from services.workflow.tasks import PHASES, TASKS, TESTS_RED, tested
from services.workspaces.trees import read_trees, store_files, tree_id_of

log = logging.getLogger(__name__)
# The tasks whose files are there before the first line of the backend.
_BEFORE_CODE = ("architecture", TESTS_RED.key)
# Those that change files of others.
_CHANGING = {task.key for task in TASKS if task.changes}


@dataclass(frozen=True)
class _Subject:
    """What the checks of one segment look at. Trees and their files: what tests look at, and that before the code.

    `plain_files`: the files without what step 9 changed in the code.
    """

    request: FeatureRequest
    tree: str
    files: Mapping[str, bytes]
    red_tree: str
    red_files: Mapping[str, bytes]
    plain_files: Mapping[str, bytes]
    rules: Mapping[str, Sequence[Place]]
    environment: Path | None
    allow_unsandboxed: bool


@dataclass(frozen=True)
class _Check:
    """`phases`: the gates before which it must have run. `tree` names the tree that its evidence is about."""

    name: str
    phases: tuple[int, ...]
    run: Callable[[_Subject], Measurement]
    tree: Callable[[_Subject], str] = lambda subject: subject.tree
    only_for: tuple[Methodology, ...] = tuple(Methodology)

    def over(self, subject: _Subject) -> str:
        """A fingerprint of all that a measurement of it follows from."""
        rules = {criterion: [list(place) for place in places] for criterion, places in subject.rules.items()}
        environment = subject.environment.name if subject.environment else None
        parameters = [rules, subject.request.test_coverage_min, environment, subject.allow_unsandboxed]
        text = json.dumps([self.name, self.tree(subject), parameters], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


_CHECKS = (
    _Check(
        "tests_red",
        (2,),
        lambda s: measure_red(s.red_files, environment=s.environment, allow_unsandboxed=s.allow_unsandboxed),
        tree=lambda subject: subject.red_tree,
        only_for=(Methodology.TDD,),
    ),
    _Check(
        page_pictures.CHECK,
        (2,),
        lambda s: page_pictures.measure_page(s.files, environment=s.environment, allow_unsandboxed=s.allow_unsandboxed),
    ),
    _Check(
        "tests",
        (3, 4),
        lambda s: measure_tests(
            s.files,
            environment=s.environment,
            minimum_percent=s.request.test_coverage_min,
            rules=s.rules,
            allow_unsandboxed=s.allow_unsandboxed,
        ),
    ),
    _Check(
        optimisations.CHECK,
        (3,),
        lambda s: optimisations.measure_change(
            s.plain_files, s.files, environment=s.environment, allow_unsandboxed=s.allow_unsandboxed
        ),
    ),
)


def measure(deps: Deps, run_id: UUID, segment: int) -> None:
    """Runs the checks of the run's phase over its files. What was measured over exactly the same is not measured again."""
    with deps.session() as session:
        run = session.get(Run, run_id)
        if run is None or run.segment != segment or run.status is not RunStatus.RUNNING:
            return
        request = FeatureRequest.model_validate(run.request)
        # What could not be measured is tried once more at each gate.
        rows = [e for e in evidence_of(session, run_id) if e.segment == segment or e.outcome != "not_measured"]
        known = {row.figures.get("over") for row in rows}
        current = current_revisions(session, run_id)
        files = _files(session, current)
        red_files = _files(session, current, only=_BEFORE_CODE)
        subject = _Subject(
            request=request,
            tree=store_files(session, files),
            files=files,
            red_tree=store_files(session, red_files),
            red_files=red_files,
            plain_files=_files(session, current, only=set(current) - _CHANGING),
            rules=_rules(current.get("backend")),
            environment=find_environment(deps.settings.environments_dir),
            allow_unsandboxed=deps.settings.allow_unsandboxed,
        )
        phase = run.phase
        session.commit()
    for check in _CHECKS:
        over = check.over(subject)
        if phase in check.phases and request.methodology in check.only_for and over not in known:
            _keep(deps, run_id, segment, check.tree(subject), over, _measured(check, subject))


def _measured(check: _Check, subject: _Subject) -> Measurement:
    try:
        return check.run(subject)
    except Exception as error:
        # The border of a check: what it could not measure is said at the gate, and the run goes on.
        log.exception("the check %s failed", check.name)
        reason = f"The check itself failed ({type(error).__name__}); the log of the worker has the details."
        return not_measured(check.name, check.name, reason)


def _rules(backend: Revision | None) -> dict[str, tuple[Place, ...]]:
    """Criterion -> the places that keep its rules, as the backend says it has built them."""
    found: dict[str, tuple[Place, ...]] = {}
    for rule in backend.records.get("rules", []) if backend else []:
        found[rule["criterion"]] = (*found.get(rule["criterion"], ()), Place(rule["file"], rule["function"]))
    return found


def _files(session: Session, current: Mapping[str, Revision], only: Container[str] | None = None) -> dict[str, bytes]:
    """What tests look at, of all tasks or only of some."""
    return read_trees(
        session, [r.tree for r in tested({k: r for k, r in current.items() if only is None or k in only})]
    )


def _keep(deps: Deps, run_id: UUID, segment: int, tree: str, over: str, measured: Measurement) -> None:
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
                tree=tree,
                outcome=measured.outcome,
                reason=measured.reason,
                figures={**measured.figures, **kept, "machine": platform.machine(), "over": over},
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


def settle(deps: Deps, run_id: UUID, segment: int) -> None:
    """Judges the criteria and leaves the run waiting, failed or parked. Doing it twice changes nothing."""
    with deps.session() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None or run.segment != segment or run.status is not RunStatus.RUNNING:
            return
        tasks = [t for t in tasks_of(session, run_id).values() if t.phase <= run.phase]
        failed = [t for t in tasks if t.status is TaskStatus.FAILED]
        parked = [t for t in tasks if t.status is TaskStatus.PARKED]
        actor = system_actor(TeamId(run.team_id))
        if failed:
            run.status, run.reason = RunStatus.FAILED, "; ".join(f"{t.key}: {t.error}" for t in failed)
            record(session, deps, actor, run, "run.failed", reason=run.reason)
        elif parked:
            run.status, run.reason = RunStatus.PARKED, "; ".join(f"{t.key}: {t.error}" for t in parked)
            record(session, deps, actor, run, "run.parked", reason=run.reason)
        else:
            _judge(session, deps, run)
            run.status, run.reason = RunStatus.WAITING, None
            record(session, deps, actor, run, "gate.reached", phase=run.phase, title=PHASES[run.phase - 1].title)
        session.add(run)
        session.commit()


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


def _judge(session: Session, deps: Deps, run: Run) -> None:
    asked = asked_of(session, run)
    tree = tree_id_of(_files(session, current_revisions(session, run.id)))
    judged = judge(
        request=asked.request,
        understanding=asked.understanding,
        phase=run.phase,
        tree=tree,
        evidence=_facts(evidence_of(session, run.id)),
    )
    for judgement in judged:
        session.add(
            Verdict(
                id=deps.new_id(),
                run_id=run.id,
                segment=run.segment,
                phase=run.phase,
                criterion=judgement.criterion,
                outcome=judgement.outcome.value,
                reason=judgement.reason,
                evidence=list(judgement.evidence_ids),
                tree=tree,
                at=deps.now(),
            )
        )


def _facts(rows: Sequence[Evidence]) -> tuple[EvidenceFact, ...]:
    return tuple(EvidenceFact(str(e.id), e.check, e.outcome, e.reason, e.figures, e.tree, e.isolation) for e in rows)
