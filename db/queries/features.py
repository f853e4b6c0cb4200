"""Features and their documents."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, func, select

from db.tables import ContextDocument, Feature, Run


def find_feature(session: Session, team_id: UUID, feature_id: UUID) -> Feature | None:
    return session.exec(select(Feature).where(Feature.id == feature_id, Feature.team_id == team_id)).first()


def features_of(session: Session, team_id: UUID, *, archived: bool) -> Sequence[Feature]:
    """Changed last comes first."""
    kept = col(Feature.archived_at).is_not(None) if archived else col(Feature.archived_at).is_(None)
    return session.exec(
        select(Feature).where(Feature.team_id == team_id, kept).order_by(col(Feature.changed_at).desc())
    ).all()


def documents_of(session: Session, feature_id: UUID) -> Sequence[ContextDocument]:
    query = select(ContextDocument).where(ContextDocument.feature_id == feature_id)
    return session.exec(query.order_by(col(ContextDocument.created_at), ContextDocument.name)).all()


def runs_of_feature(session: Session, feature_id: UUID) -> Sequence[Run]:
    return session.exec(select(Run).where(Run.feature_id == feature_id)).all()


def count_documents(session: Session, feature_id: UUID) -> int:
    return session.exec(
        select(func.count()).select_from(ContextDocument).where(ContextDocument.feature_id == feature_id)
    ).one()
