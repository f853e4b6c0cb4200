"""Walks the graph of a request with the blueprint generators, as the executor does, without a database."""

from collections.abc import Iterable
from typing import Any

from services.agents.blueprint.engine import GENERATORS
from services.agents.engine import Brief, Draft, Result
from services.deliverables.registry import REGISTRY
from services.features.extract import understand
from services.features.request import Document, FeatureRequest
from services.workflow.tasks import seen_by, tasks_for


def drafts_of(request: FeatureRequest, documents: tuple[Document, ...] = (), until: str = "") -> dict[str, Draft]:
    """Task key -> draft, in the order of the graph; each task sees only what it reads and the files of what led to that."""
    made: dict[str, Draft] = {}
    tasks = tasks_for(request.methodology)
    for task in tasks:
        seen = seen_by(tasks, task.key)
        brief = Brief(
            task=task,
            request=request,
            understanding=understand(request, documents),
            documents=tuple(d for d in documents if d.kind in task.documents),
            inputs={key: Result(made[key].report, made[key].records.model_dump(mode="json")) for key in task.reads},
            files=files_of(draft for key, draft in made.items() if key in seen),
        )
        made[task.key] = GENERATORS[task.key](brief)
        assert isinstance(made[task.key].records, REGISTRY[task.key])
        if task.key == until:
            break
    return made


def files_of(drafts: Iterable[Draft]) -> dict[str, bytes]:
    return {path: data for draft in drafts for path, data in draft.files.items()}


def records_of(draft: Draft) -> Any:
    """The typed records, without naming their model in every test."""
    return draft.records
