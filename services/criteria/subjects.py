"""What the checks of a run look at, read from the database."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session

from db.queries.runs import current_revisions
from db.tables import Run
from services.evidence.environments import find_environments
from services.evidence.sabotage import Place
from services.evidence.subjects import Subject
from services.features.asked import asked_of
from services.settings import Settings
from services.workflow.tasks import TASKS, TESTS_RED, in_order, tested
from services.workspaces.trees import laid_over, read_each

# The tasks whose files are there before the first line of the backend.
_BEFORE_CODE = ("architecture", TESTS_RED.key)
# Those that change files of others.
_CHANGING = {task.key for task in TASKS if task.changes}


def subject_of(session: Session, settings: Settings, run: Run) -> Subject:
    current = current_revisions(session, run.id)
    asked = asked_of(session, run)

    trees = read_each(session, [revision.tree for revision in current.values()])
    made = dict(zip(current, trees, strict=True))

    def files(keys: Collection[str]) -> dict[str, bytes]:
        return laid_over(in_order({key: tree for key, tree in made.items() if key in keys}))

    early = {revision.task_key for revision in tested(current)}
    return Subject(
        request=asked.request,
        understanding=asked.understanding,
        files=files(current),
        tested=files(early),
        before_code=files(_BEFORE_CODE),
        unchanged=files(early - _CHANGING),
        records={key: revision.records for key, revision in current.items()},
        environments=find_environments(settings.environments_dir),
        allow_unsandboxed=settings.allow_unsandboxed,
        audits_dependencies=settings.audit_dependencies,
        rules=places_in(current["backend"].records) if "backend" in current else {},
    )


def places_in(backend: Mapping[str, Any]) -> dict[str, tuple[Place, ...]]:
    """Criterion -> the places that keep its rules, as the backend's records say it has built them."""
    found: dict[str, tuple[Place, ...]] = {}
    for rule in backend.get("rules", []):
        found[rule["criterion"]] = (*found.get(rule["criterion"], ()), Place(rule["file"], rule["function"]))
    return found
