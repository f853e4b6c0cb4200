"""Git objects by id."""

from collections.abc import Mapping, Set

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from db.tables import GitObject

_CHUNK = 500  # below SQLite's limit of bound values


def get_data(session: Session, ids: Set[str]) -> dict[str, bytes]:
    """Id -> content. Raises: KeyError when one is missing."""
    wanted, found = sorted(ids), {}
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        rows = session.exec(select(GitObject.id, GitObject.data).where(col(GitObject.id).in_(some)))
        found.update({row[0]: row[1] for row in rows})
    return {id_: found[id_] for id_ in wanted}


def get_sizes(session: Session, ids: Set[str]) -> dict[str, int]:
    """Id -> how many bytes it has, without reading them; what is missing is not in it."""
    wanted, found = sorted(ids), {}
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        rows = session.exec(select(GitObject.id, func.length(GitObject.data)).where(col(GitObject.id).in_(some)))
        found.update({row[0]: row[1] for row in rows})
    return found


def insert_missing(session: Session, objects: Mapping[str, tuple[str, bytes]]) -> None:
    """Two writers may bring the same object at once; the content is the same by its id. Most are there already."""
    known = get_sizes(session, objects.keys())
    missing = sorted((id_, made) for id_, made in objects.items() if id_ not in known)
    rows = [{"id": id_, "kind": kind, "data": data} for id_, (kind, data) in missing]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for start in range(0, len(rows), _CHUNK // 3):
        session.exec(dialect.insert(GitObject).values(rows[start : start + _CHUNK // 3]).on_conflict_do_nothing())
