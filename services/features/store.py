"""Features of a team: drafts that keep whatever was typed, submission, documents, duplicates, archive, deletion."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries import features as queries
from db.tables import ContextDocument, Feature, Team
from db.tables.run import RunStatus
from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotFound
from services.features.documents import read_upload
from services.features.engines import check_engines
from services.features.extract import READ_MAX
from services.features.request import DOCUMENTS_MAX, TITLE_MAX, Document, FeatureRequest, MediaType
from services.features.validation import OPTIONS, to_request
from services.people.events import record_for_team
from services.people.permissions import Action, require
from services.workflow.options import DocumentKind

FORM_FIELDS = tuple(FeatureRequest.model_fields)
# What a team may set for all its features; these are of one feature only.
DEFAULT_FIELDS = tuple(name for name in FORM_FIELDS if name not in ("title", "description", "corrections"))
_NO_TITLE = "Untitled feature"


@dataclass(frozen=True)
class DocumentView:
    """`size`: bytes of the file that was uploaded."""

    id: UUID
    name: str
    kind: str
    media_type: MediaType
    size: int


@dataclass(frozen=True)
class FeatureView:
    """`form`: field -> value as typed, valid or not. `submitted_at` is None while it is a draft."""

    id: UUID
    title: str
    form: dict[str, Any]
    documents: tuple[DocumentView, ...]
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None
    archived: bool
    run_count: int


def form_defaults(deps: Deps, actor: Actor) -> dict[str, Any]:
    """Product defaults under the team's own; methodology and complexity have none unless the team set them."""
    with deps.reading() as session:
        team = session.get(Team, actor.team_id)
    product = {
        name: field.default.value if name in OPTIONS else field.default
        for name, field in FeatureRequest.model_fields.items()
        if not field.is_required()
    }
    return {**product, **(team.defaults if team else {})}


def save_defaults(deps: Deps, actor: Actor, *, form: Mapping[str, Any]) -> None:
    """The options of a form become what the team's next form starts with. Raises: InvalidInput."""
    require(actor, Action.EDIT_FEATURE)
    given = {name: form[name] for name in DEFAULT_FIELDS if form.get(name) not in (None, "")}
    request = to_request(
        {"methodology": "traditional", "complexity": "simple", **given, "title": "x", "description": "x"}
    )
    checked = request.model_dump(mode="json")
    with deps.session() as session:
        team = session.get(Team, actor.team_id)
        if team is None:
            raise NotFound("This team does not exist.")
        team.defaults = {name: checked[name] for name in given}
        session.add(team)
        session.commit()


def save_draft(deps: Deps, actor: Actor, *, form: Mapping[str, Any], feature_id: UUID | None = None) -> UUID:
    """Keeps the form as typed, so that a reload loses nothing. An id that nobody has yet names a new draft.

    Raises: NotFound for another team's id.
    """
    require(actor, Action.EDIT_FEATURE)
    with deps.session() as session:
        is_new = feature_id is None or session.get(Feature, feature_id) is None
        feature = _new(deps, actor, feature_id) if is_new else _own(session, actor, feature_id)
        _keep(deps, feature, form)
        session.add(feature)
        session.commit()
        return feature.id


def submit_feature(deps: Deps, actor: Actor, *, feature_id: UUID, form: Mapping[str, Any]) -> UUID:
    """The draft becomes a feature that can run. What was typed is kept even when it is refused. Raises: InvalidInput."""
    save_draft(deps, actor, feature_id=feature_id, form=form)
    request = to_request({name: form[name] for name in form if name in FORM_FIELDS})
    check_engines(deps.settings, request)
    with deps.session() as session:
        feature = _own(session, actor, feature_id)
        feature.request, feature.title = request.model_dump(mode="json"), request.title
        feature.submitted_at = feature.submitted_at or deps.now()
        session.add(feature)
        session.commit()
    return feature_id


def get_feature(deps: Deps, actor: Actor, *, feature_id: UUID) -> FeatureView:
    require(actor, Action.VIEW)
    with deps.reading() as session:
        return _view(session, _own(session, actor, feature_id))


def list_features(deps: Deps, actor: Actor, *, archived: bool = False) -> tuple[FeatureView, ...]:
    require(actor, Action.VIEW)
    with deps.reading() as session:
        return tuple(_view(session, f) for f in queries.features_of(session, actor.team_id, archived=archived))


def duplicate_feature(deps: Deps, actor: Actor, *, feature_id: UUID) -> UUID:
    """A draft with the same form and documents."""
    require(actor, Action.EDIT_FEATURE)
    with deps.session() as session:
        source = _own(session, actor, feature_id)
        copy = _new(deps, actor, None)
        _keep(deps, copy, {**source.request, "title": _title_of_copy(source.request.get("title"))})
        session.add(copy)
        session.flush()
        for document in queries.documents_of(session, source.id):
            values = document.model_dump(exclude={"id", "feature_id"})
            session.add(ContextDocument(id=deps.new_id(), feature_id=copy.id, **values))
        session.commit()
        return copy.id


def _title_of_copy(title: object) -> str:
    """Also of a draft without a title, or with one as long as a title may be."""
    mark = " (copy)"
    return f"{str(title or _NO_TITLE)[: TITLE_MAX - len(mark)]}{mark}"


def add_document(deps: Deps, actor: Actor, *, feature_id: UUID, name: str, kind: str, data: bytes) -> UUID:
    """Raises: InvalidInput when it is neither text, PDF nor picture, TooLarge, NotFound."""
    require(actor, Action.EDIT_FEATURE)
    with deps.reading() as session:
        _own(session, actor, feature_id)
    upload = read_upload(name=name, kind=kind, data=data)  # may take seconds: no session is open meanwhile
    document = upload.document
    with deps.session() as session:
        feature = _own(session, actor, feature_id)
        if queries.count_documents(session, feature_id) >= DOCUMENTS_MAX:
            raise InvalidInput({"documents": f"A feature may have {DOCUMENTS_MAX} documents; remove one first."})
        row = ContextDocument(
            id=deps.new_id(),
            feature_id=feature.id,
            name=document.name,
            kind=document.kind.value,
            media_type=document.media_type.value,
            size=len(data),
            text=document.text,
            data=document.data or None,
            preview=upload.preview or None,
            created_at=deps.now(),
        )
        session.add(row)
        session.commit()
        return row.id


def read_previews(deps: Deps, actor: Actor, *, feature_id: UUID) -> dict[UUID, bytes]:
    """Document id -> JPEG, for the pictures among the documents. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        _own(session, actor, feature_id)
        return queries.previews_of(session, feature_id)


def read_texts(deps: Deps, actor: Actor, *, feature_id: UUID) -> tuple[Document, ...]:
    """The documents as far as they are read for meaning, without pictures: cheap enough for every key. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        _own(session, actor, feature_id)
        rows = queries.texts_of_documents(session, feature_id, READ_MAX)
    return tuple(Document(name=name, kind=DocumentKind(kind), text=text) for name, kind, text in rows if text.strip())


def remove_document(deps: Deps, actor: Actor, *, feature_id: UUID, document_id: UUID) -> None:
    require(actor, Action.EDIT_FEATURE)
    with deps.session() as session:
        _own(session, actor, feature_id)
        row = session.get(ContextDocument, document_id)
        if row is None or row.feature_id != feature_id:
            raise NotFound("This document does not exist any more.")
        session.delete(row)
        session.commit()


def set_archived(deps: Deps, actor: Actor, *, feature_id: UUID, archived: bool) -> None:
    require(actor, Action.ARCHIVE)
    with deps.session() as session:
        feature = _own(session, actor, feature_id)
        feature.archived_at = deps.now() if archived else None
        session.add(feature)
        session.commit()


def deletion_of_feature(deps: Deps, actor: Actor, *, feature_id: UUID) -> dict[str, int]:
    """Noun -> how many go with the feature."""
    require(actor, Action.DELETE)
    with deps.reading() as session:
        _own(session, actor, feature_id)
        return {
            "runs": len(queries.runs_of_feature(session, feature_id)),
            "documents": queries.count_documents(session, feature_id),
        }


def delete_feature(deps: Deps, actor: Actor, *, feature_id: UUID) -> None:
    """Deletes it with its documents and runs; the ledger stays. A draft without runs may also go by who may edit."""
    with deps.session() as session:
        require(actor, Action.EDIT_FEATURE)
        feature = _own(session, actor, feature_id)
        runs = queries.runs_of_feature(session, feature_id)
        if runs or feature.submitted_at:
            require(actor, Action.DELETE)
        if any(run.status is RunStatus.RUNNING for run in runs):
            raise Conflict("A run of this feature is running; cancel it first.")
        record_for_team(session, deps, actor, "feature.deleted", title=feature.title, runs=len(runs))
        session.delete(feature)
        session.commit()


def _own(session: Session, actor: Actor, feature_id: UUID | None) -> Feature:
    feature = queries.find_feature(session, actor.team_id, feature_id) if feature_id else None
    if feature is None:
        raise NotFound("This feature does not exist in your team.")
    return feature


def _new(deps: Deps, actor: Actor, feature_id: UUID | None) -> Feature:
    return Feature(
        id=feature_id or deps.new_id(),
        team_id=actor.team_id,
        author_id=actor.user_id,
        title=_NO_TITLE,
        request={},
        created_at=deps.now(),
        changed_at=deps.now(),
    )


def _keep(deps: Deps, feature: Feature, form: Mapping[str, Any]) -> None:
    """Text that no database can hold (a NUL, half a character) is kept in a form that the next reading shows."""
    feature.request = {name: _storable(value) for name, value in form.items() if name in FORM_FIELDS}
    feature.title = str(feature.request.get("title") or "").strip()[:TITLE_MAX] or _NO_TITLE
    feature.changed_at = deps.now()


def _storable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return value.replace("\x00", "\u2400").encode("utf-8", "backslashreplace").decode("utf-8")


def _view(session: Session, row: Feature) -> FeatureView:
    documents = tuple(
        DocumentView(d.id, d.name, d.kind, MediaType(d.media_type), d.size)
        for d in queries.document_heads(session, row.id)
    )
    return FeatureView(
        id=row.id,
        title=row.title,
        form=dict(row.request),
        documents=documents,
        created_at=row.created_at,
        changed_at=row.changed_at,
        submitted_at=row.submitted_at,
        archived=row.archived_at is not None,
        run_count=len(queries.runs_of_feature(session, row.id)),
    )
