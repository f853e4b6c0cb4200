"""The context documents of a run: frozen at its start, shown to people, handed to agents.

The run's row holds names and texts; a picture lies in a git tree of its own, as everything else that a run keeps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.runs import find_run
from db.tables import ContextDocument, Run
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.features.request import Document, FeatureRequest, MediaType
from services.people.permissions import Action, require
from services.workflow.options import DocumentKind
from services.workflow.tasks import tasks_for
from services.workspaces.trees import read_file, store_files

_ORIGINAL, _PREVIEW = "original", "preview.jpg"


@dataclass(frozen=True)
class RunDocument:
    """`position` names it within its run. `read_by`: titles of the steps that its kind concerns."""

    position: int
    name: str
    kind: DocumentKind
    media_type: MediaType
    read_by: tuple[str, ...]


@dataclass(frozen=True)
class OpenDocument:
    """What people see of one: its text, or a JPEG of its picture."""

    text: str
    preview: bytes


def freeze(session: Session, rows: Sequence[ContextDocument]) -> list[dict[str, Any]]:
    """The JSON form that the run keeps: removing a document from the feature takes nothing from it."""
    return [_frozen(session, row).model_dump(mode="json", exclude_defaults=True) for row in rows]


def with_data(session: Session, document: Document) -> Document:
    """The document as an engine gets it: a picture with its bytes."""
    return (
        document.model_copy(update={"data": read_file(session, document.tree, _ORIGINAL)})
        if document.tree
        else document
    )


def list_documents(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[RunDocument, ...]:
    """In the order in which they came. Raises: NotFound."""
    with deps.reading() as session:
        run = _own(session, actor, run_id)
    steps = tasks_for(FeatureRequest.model_validate(run.request).methodology)
    return tuple(
        RunDocument(position, d.name, d.kind, d.media_type, tuple(s.title for s in steps if d.kind in s.documents))
        for position, d in enumerate(Document.model_validate(frozen) for frozen in run.documents)
    )


def open_document(deps: Deps, actor: Actor, *, run_id: UUID, position: int) -> OpenDocument:
    """Raises: NotFound."""
    with deps.reading() as session:
        document = _document(_own(session, actor, run_id), position)
        return OpenDocument(document.text, read_file(session, document.tree, _PREVIEW) if document.tree else b"")


def read_original(deps: Deps, actor: Actor, *, run_id: UUID, position: int) -> bytes:
    """A picture byte for byte, a text as UTF-8. Raises: NotFound."""
    with deps.reading() as session:
        document = with_data(session, _document(_own(session, actor, run_id), position))
        return document.data or document.text.encode()


def _frozen(session: Session, row: ContextDocument) -> Document:
    tree = store_files(session, {_ORIGINAL: row.data, _PREVIEW: row.preview or b""}) if row.data else ""
    return Document(
        name=row.name, kind=DocumentKind(row.kind), text=row.text, media_type=MediaType(row.media_type), tree=tree
    )


def _document(run: Run, position: int) -> Document:
    if not 0 <= position < len(run.documents):
        raise NotFound("This run has no such document.")
    return Document.model_validate(run.documents[position])


def _own(session: Session, actor: Actor, run_id: UUID) -> Run:
    require(actor, Action.VIEW)
    run = find_run(session, actor.team_id, run_id)
    if run is None:
        raise NotFound("This run does not exist in your team.")
    return run
