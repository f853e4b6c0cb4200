"""Trees of files, stored as git objects: a tree's id is what `git write-tree` would say."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dulwich.objects import Tree
from sqlmodel import Session

from db.queries.git_objects import get_data, insert_missing
from services.errors import NotFound, TooLarge
from services.workspaces.objects import FOLDER_MODE, build_tree
from services.workspaces.paths import check_path

BLOB_MAX = 10_000_000


@dataclass(frozen=True)
class FileEntry:
    """`size` in bytes."""

    path: str
    size: int


def store_files(session: Session, files: Mapping[str, bytes]) -> str:
    """Stores what is not there yet; the id of the tree.

    Raises: InvalidInput for a path that cannot be, TooLarge for a file over 10 MB.
    """
    for path, data in files.items():
        check_path(path)
        if len(data) > BLOB_MAX:
            raise TooLarge(f"{path} has {len(data):,} bytes; a file may have {BLOB_MAX:,}.")
    tree, objects = build_tree(files)
    insert_missing(session, objects)
    return tree


def read_files(session: Session, tree_id: str) -> dict[str, bytes]:
    """Path -> content, sorted by path."""
    return read_trees(session, [tree_id])


def list_files(session: Session, tree_id: str) -> tuple[FileEntry, ...]:
    return tuple(FileEntry(path, len(data)) for path, data in read_files(session, tree_id).items())


def read_file(session: Session, tree_id: str, path: str) -> bytes:
    """Raises: NotFound when the tree has no such file."""
    found = _listing(session, [tree_id])
    if path not in found:
        raise NotFound(f"There is no file {path[:80]} in this revision.")
    return get_data(session, {found[path]})[found[path]]


def read_trees(session: Session, tree_ids: Iterable[str]) -> dict[str, bytes]:
    """The files of all trees, sorted by path; where two have the same path, the later one stands."""
    found = _listing(session, tree_ids)
    contents = get_data(session, set(found.values()))
    return {path: contents[blob] for path, blob in sorted(found.items())}


def listing_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over `<sha256 of content>  <path>` lines in path order; what `sha256sum` prints, hashed."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _listing(session: Session, tree_ids: Iterable[str]) -> dict[str, str]:
    """Path -> id of its content, in all trees; one question to the database per depth of folders, not per folder."""
    found: dict[tuple[int, str], str] = {}
    ahead = [(place, "", tree_id) for place, tree_id in enumerate(tree_ids)]
    while ahead:
        folders = get_data(session, {tree_id for _, _, tree_id in ahead})
        deeper = []
        for place, prefix, tree_id in ahead:
            for entry in Tree.from_string(folders[tree_id]).iteritems():
                path, child = prefix + entry.path.decode(), entry.sha.decode()
                if entry.mode == FOLDER_MODE:
                    deeper.append((place, f"{path}/", child))
                else:
                    found[place, path] = child
        ahead = deeper
    return {path: blob for (_, path), blob in sorted(found.items())}
