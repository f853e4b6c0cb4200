"""Nothing that an agent writes turns a criterion to met: not in a report, not in a file, however it is worded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from db.tables import Attestation, Decision, Evidence, LedgerEntry, Run, Task, Verdict, Waiver
from db.tables.run import RunStatus, TaskStatus
from services.agents.engine import Brief, Draft, Work
from services.criteria.current import judge_now
from services.criteria.judging import EvidenceFact, judge
from services.criteria.subjects import subject_of
from services.deps import Deps
from services.evidence.registry import CHECKS, trees_of
from services.evidence.rounds import run_checks
from services.evidence.subjects import Subject
from services.runs import work
from services.workflow.criteria import Outcome
from services.workflow.tasks import PHASES, TASKS
from tests.builders import a_team
from tests.criteria.claims import claim_for, claimed_files
from tests.evidence.subjects import generated, with_files
from tests.evidence.workspaces import with_a_failing_test
from tests.fakes.scripted_engine import ScriptedEngine
from tests.runs.building import a_run_at_gate, counts

CLAIMS = 1_000
SHELL = b"import subprocess\n\n\ndef run(given):\n    subprocess.call(given, shell=True)\n"
ONLY_PEOPLE_AND_PROGRAMS_WRITE = (Attestation, Waiver, Decision, LedgerEntry, Evidence, Verdict)


class Claimant:
    """Hands over the blueprint's draft of each task with other claims each time. `claims`: reports and files so far."""

    def __init__(self) -> None:
        self.made: dict[str, Draft] = {}
        self.drafts = self.claims = 0

    def __call__(self, brief: Brief, work: Work) -> Draft:
        key = brief.task.key
        if key not in self.made:
            self.made[key] = ScriptedEngine().produce(brief, work)
        honest, claim = self.made[key], claim_for(brief.task, self.drafts)
        self.drafts += 1
        self.claims += 1 + len(claim.files)
        return replace(honest, report=f"{claim.report}\n\n{honest.report}", files={**honest.files, **claim.files})

    def engine(self) -> ScriptedEngine:
        return ScriptedEngine({task.key: self for task in TASKS})


def done_again(deps: Deps, run_id: Any) -> None:
    """Every task is queued for another revision, as if somebody had asked for changes of each."""
    with deps.session() as session:
        run = session.get(Run, run_id)
        assert run
        run.status = RunStatus.RUNNING
        for task in TASKS:
            row = session.get(Task, (run_id, task.key))
            assert row
            row.revision, row.status = row.revision + 1, TaskStatus.QUEUED
            session.add(row)
        session.add(run)
        session.commit()


def judged_now(deps: Deps, run_id: Any) -> list[tuple[str, str]]:
    with deps.reading() as session:
        run = session.get(Run, run_id)
        assert run
        found = judge_now(session, subject_of(session, deps.settings, run), run, deps.now())
    return [(judgement.criterion, judgement.reason) for judgement in found if judgement.outcome is Outcome.MET]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # nothing of it depends on the database
def test_a_thousand_reports_and_files_full_of_claims_turn_no_criterion_to_met(deps: Deps) -> None:
    claimant = Claimant()
    engine = claimant.engine()
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, len(PHASES), engine=engine)
    before = counts(deps, ONLY_PEOPLE_AND_PROGRAMS_WRITE)
    assert judged_now(deps, run_id) == []
    worker = replace(deps, ledger_key=None)
    while claimant.claims < CLAIMS:
        done_again(deps, run_id)
        with deps.reading() as session:
            numbers = {task.key: session.get(Task, (run_id, task.key)).revision for task in TASKS}  # type: ignore[union-attr]
        ended = {work.execute(worker, {engine.name: engine}, run_id, key, numbers[key], 1) for key in numbers}
        assert ended == {work.Ending.DONE}
        assert judged_now(deps, run_id) == []
    assert counts(deps, ONLY_PEOPLE_AND_PROGRAMS_WRITE) == before


def met_by_measuring(subject: Subject) -> Iterator[tuple[str, str]]:
    """The criteria that all checks of the last two gates would let pass over these files."""
    due = [check for check in CHECKS if check.concerns(subject, 3) or check.concerns(subject, 4)]
    trees = trees_of(subject)
    facts = [
        EvidenceFact(check.name, check.name, m.outcome, m.reason, m.figures, trees[check.name], m.isolation)
        for check, m in run_checks(due, subject)
    ]
    for judgement in judge(
        request=subject.request,
        understanding=subject.understanding,
        phase=len(PHASES),
        trees=trees,
        evidence=facts,
        now=datetime.now(UTC),
    ):
        if judgement.outcome is Outcome.MET:
            yield judgement.criterion, judgement.reason


@pytest.mark.timeout(240)
def test_a_thousand_files_full_of_claims_are_measured_and_pass_nothing(service_python: object) -> None:
    """The files stand in a workspace with a test that fails and with nothing that the criteria ask for."""
    whole = generated()
    poor = replace(
        whole, files=with_a_failing_test(), tested=with_a_failing_test(), unchanged=with_a_failing_test(), records={}
    )
    claims = claimed_files(CLAIMS)
    assert len(claims) >= CLAIMS
    assert list(met_by_measuring(with_files(poor, claims))) == []


# Folder or file -> what is found there instead of what the blueprint wrote; each leaves its criteria unmet.
SPOILED = {
    "design/openapi.json": b"{}\n",
    "analytics/": b"{}\n",
    "flags/": b"{}\n",
    "observability/": b"{}\n",
    "performance/": b"",
    ".github/": b"on: push\n",
    "deploy/": b"kind: Deployment\n",
    "docs/": b"See [the rest](missing.md).\n",
    "migrations/versions/": b"raise RuntimeError\n",
}


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_claims_beside_a_spoiled_service_pass_nothing(service_python: object) -> None:
    """Everything is there and runs, and every criterion lacks something: no claim makes up for it."""
    whole = generated()
    assert {criterion for criterion, _ in met_by_measuring(whole)} >= {"acceptance_criteria", "test_coverage"}
    spoiled: dict[str, bytes | None] = {
        path: data for start, data in SPOILED.items() for path in whole.files if path.startswith(start)
    }
    failing = {"tests/test_wrong.py": b"def test_wrong():\n    assert 1 == 2\n", "app/shell.py": SHELL}
    claims = {path: data for path, data in claimed_files(CLAIMS).items() if not path.endswith("conftest.py")}
    assert list(met_by_measuring(with_files(whole, {**claims, **spoiled, **failing}))) == []
