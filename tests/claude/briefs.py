"""Briefs as the executor makes them, over what the blueprint engine hands over."""

from functools import cache

from services.agents.engine import Brief, Draft, Remark, Result
from services.features.extract import understand
from services.features.request import Document, FeatureRequest
from services.workflow.tasks import seen_by, tasks_for
from tests.agents.chain import drafts_of, files_of
from tests.builders import REQUEST


@cache
def _drafts(request_json: str) -> dict[str, Draft]:
    return drafts_of(FeatureRequest.model_validate_json(request_json))


def a_brief(
    key: str,
    request: FeatureRequest = REQUEST,
    *,
    documents: tuple[Document, ...] = (),
    remarks: tuple[str, ...] = (),
    made: dict[str, Draft] | None = None,
) -> Brief:
    tasks = tasks_for(request.methodology)
    task = next(task for task in tasks if task.key == key)
    drafts = made or _drafts(request.model_dump_json())
    seen = seen_by(tasks, key)
    before = drafts[key] if remarks else None
    return Brief(
        task=task,
        request=request,
        understanding=understand(request, documents),
        documents=tuple(d for d in documents if d.kind in task.documents),
        inputs={k: Result(drafts[k].report, drafts[k].records.model_dump(mode="json")) for k in task.reads},
        files=files_of(draft for k, draft in drafts.items() if k in seen),
        remarks=tuple(Remark(text) for text in remarks),
        previous=Result(before.report, before.records.model_dump(mode="json")) if before else None,
        previous_files=before.files if before else {},
    )
