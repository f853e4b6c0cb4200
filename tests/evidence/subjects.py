"""What the blueprint makes of a request, as checks look at it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from services.evidence.environments import Environments, find_environments
from services.evidence.sabotage import Place
from services.evidence.subjects import Subject
from services.features.extract import understand
from services.features.request import Document, FeatureRequest
from services.settings import read_settings
from services.workflow.tasks import TASKS, in_order, tested
from tests.agents.chain import drafts_of, files_of
from tests.builders import REQUEST
from tests.corpus.judged_runs import CASES

_CHANGING = {task.key for task in TASKS if task.changes}


@cache
def generated(request: FeatureRequest = REQUEST, documents: tuple[Document, ...] = ()) -> Subject:
    """All twelve steps of a request, and the environments of this machine."""
    drafts = drafts_of(request, documents)
    records = {key: draft.records.model_dump(mode="json") for key, draft in drafts.items()}
    early = tested({key: key for key in drafts})
    places: dict[str, tuple[Place, ...]] = {}
    for rule in records["backend"]["rules"]:
        places[rule["criterion"]] = (*places.get(rule["criterion"], ()), Place(rule["file"], rule["function"]))
    return Subject(
        request=request,
        understanding=understand(request, documents),
        files=files_of(in_order(drafts)),
        tested=files_of(drafts[key] for key in early),
        before_code=files_of(drafts[key] for key in ("architecture", "tests-red") if key in drafts),
        unchanged=files_of(drafts[key] for key in early if key not in _CHANGING),
        records=records,
        environments=find_environments(read_settings().environments_dir),
        allow_unsandboxed=False,
        rules=places,
    )


def of_the_corpus(id_: str) -> Subject:
    """A request of the corpus with its row of options."""
    asked, row = CASES[id_]
    return generated(FeatureRequest(title=asked.title, description=asked.description, **row), asked.documents)


def without_environments(subject: Subject) -> Subject:
    return replace(subject, environments=Environments())


def with_files(subject: Subject, changes: Mapping[str, bytes | None]) -> Subject:
    """The same with other files: a content, or None for a file that is gone."""

    def changed(files: Mapping[str, bytes]) -> dict[str, bytes]:
        kept = {path: data for path, data in files.items() if path not in changes}
        return kept | {path: data for path, data in changes.items() if data is not None}

    return replace(subject, files=changed(subject.files), tested=changed(subject.tested))


def with_records(subject: Subject, task: str, **changes: Any) -> Subject:
    return replace(subject, records={**subject.records, task: {**subject.records[task], **changes}})
