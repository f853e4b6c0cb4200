"""Follows a run from the command line, and reports on it."""

import json
import time
from collections.abc import Callable
from typing import Any

from services.actors import Actor
from services.criteria.views import list_criteria
from services.deps import Deps
from services.reviews.decisions import approve_phase, open_gate
from services.reviews.views import get_gate
from services.runs.views import RunView, get_revision, get_run

EXIT_CODES = {"finished": 0, "failed": 3, "cancelled": 3, "parked": 3, "waiting": 4}
POLL_SECONDS = 0.2


def follow(deps: Deps, actor: Actor, run_id: Any, *, approve: bool, say: Callable[[str], None]) -> str:
    """Waits until nothing moves any more; approves gates when told to. The run's last status."""
    told: set[tuple[str, int, str]] = set()
    while True:
        run = get_run(deps, actor, run_id=run_id)
        _tell(run, told, say)
        if run.status == "waiting" and approve:
            gate = get_gate(deps, actor, run_id=run_id)
            if gate is not None and gate.may_open:
                open_gate(deps, actor, run_id=run_id, shown_hash=gate.shown_hash)
            elif gate is not None and gate.why_not:
                needs = f" The gate needs {', '.join(gate.missing)}." if gate.missing else ""
                say(f"{gate.why_not}{needs}")
                return str(run.status)
            elif gate is not None:
                approve_phase(deps, actor, run_id=run_id, shown_hash=gate.shown_hash)
                say(f"Gate {gate.phase} approved by command line, not signed in.")
        elif run.status != "running":
            return str(run.status)
        time.sleep(POLL_SECONDS)


def _tell(run: RunView, told: set[tuple[str, int, str]], say: Callable[[str], None]) -> None:
    for phase in run.phases:
        for task in phase.tasks:
            news = (task.key, task.revision, str(task.status))
            if task.status in ("done", "failed", "parked") and news not in told:
                told.add(news)
                say(f"{task.step:2}  {task.title}: {task.status}" + (f" - {task.error}" if task.error else ""))


def report(deps: Deps, actor: Actor, run_id: Any, *, as_json: bool) -> None:
    """One JSON object, or a few lines for people, on standard output."""
    answer = as_data(deps, actor, run_id)
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, sort_keys=True))
        return
    print(f"Run {answer['run_id']}: {answer['status']}")
    for criterion in answer["criteria"]:
        print(f"{criterion['id']:22}{criterion['outcome']:15}{criterion['reason']}")


def as_data(deps: Deps, actor: Actor, run_id: Any) -> dict[str, Any]:
    """Shape: docs/command-line.md, `--json`."""
    run = get_run(deps, actor, run_id=run_id)
    revisions = {
        task.key: get_revision(deps, actor, run_id=run_id, task_key=task.key)
        for phase in run.phases
        for task in phase.tasks
        if task.status == "done"
    }
    costs = [r.cost_usd for r in revisions.values() if r.cost_usd is not None]
    phases = [
        {
            "number": phase.number,
            "steps": [
                {
                    "number": task.step,
                    "agent": task.agent,
                    "engine": revisions[task.key].engine if task.key in revisions else task.engine,
                    "revision": task.revision,
                    "status": str(task.status),
                    "duration_seconds": task.duration_seconds,
                }
                for task in phase.tasks
            ],
        }
        for phase in run.phases
    ]
    criteria = [
        {"id": c.id, "outcome": str(c.outcome), "reason": c.reason, "evidence": list(c.evidence)}
        for c in list_criteria(deps, actor, run_id=run_id)
    ]
    return {
        "run_id": str(run.id),
        "status": str(run.status),
        "engine": run.engine,
        "cost_usd": sum(costs) if costs else None,
        "phases": phases,
        "criteria": criteria,
        "files": sorted(file.path for revision in revisions.values() for file in revision.files),
    }
