"""Features and their documents."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from db.tables import ContextDocument, Feature, Run


def find_feature(session: Session, team_id: UUID, feature_id: UUID) -> Feature | None:
    return session.exec(select(Feature).where(Feature.id == feature_id, Feature.team_id == team_id)).first()


def features_of(session: Session, team_id: UUID, *, archived: bool) -> Sequence[Feature]:
    """Changed last comes first."""
    kept = col(Feature.archived_at).is_not(None) if archived else col(Feature.archived_at).is_(None)
    return session.exec(
        select(Feature)
        .where(Feature.team_id == team_id, kept)
        .order_by(col(Feature.changed_at).desc(), col(Feature.id).desc())
    ).all()


def documents_of(session: Session, feature_id: UUID) -> Sequence[ContextDocument]:
    query = select(ContextDocument).where(ContextDocument.feature_id == feature_id)
    return session.exec(query.order_by(col(ContextDocument.created_at), ContextDocument.name)).all()


def document_heads(session: Session, feature_id: UUID) -> Sequence[ContextDocument]:
    """As `documents_of`, without what is in them: a form asks this with every key."""
    heavy = (col(ContextDocument.text), col(ContextDocument.data), col(ContextDocument.preview))
    query = select(ContextDocument).where(ContextDocument.feature_id == feature_id)
    query = query.options(*(defer(column, raiseload=True) for column in heavy))  # type: ignore[arg-type]
    return session.exec(query.order_by(col(ContextDocument.created_at), ContextDocument.name)).all()


def texts_of_documents(session: Session, feature_id: UUID, most: int) -> Sequence[tuple[str, str, str]]:
    """(name, kind, at most so many characters of the text) in the order of `documents_of`; pictures have none."""
    query = select(ContextDocument.name, ContextDocument.kind, func.substr(ContextDocument.text, 1, most))
    query = query.where(ContextDocument.feature_id == feature_id, ContextDocument.text != "")
    return [tuple(row) for row in session.exec(query.order_by(col(ContextDocument.created_at), ContextDocument.name))]


def previews_of(session: Session, feature_id: UUID) -> dict[UUID, bytes]:
    """Document id -> its preview, for those that have one."""
    query = select(ContextDocument.id, ContextDocument.preview).where(ContextDocument.feature_id == feature_id)
    return {id_: preview for id_, preview in session.exec(query) if preview}


def runs_of_feature(session: Session, feature_id: UUID) -> Sequence[Run]:
    return session.exec(select(Run).where(Run.feature_id == feature_id)).all()


def count_documents(session: Session, feature_id: UUID) -> int:
    return session.exec(
        select(func.count()).select_from(ContextDocument).where(ContextDocument.feature_id == feature_id)
    ).one()
