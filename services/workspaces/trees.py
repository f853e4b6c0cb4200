"""Trees of files, stored as git objects: a tree's id is what `git write-tree` would say."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dulwich.objects import Tree
from sqlmodel import Session

from db.queries.git_objects import get_data, get_sizes, insert_missing
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
    return store_trees(session, [files])[0]


def store_trees(session: Session, trees: Iterable[Mapping[str, bytes]]) -> list[str]:
    """As `store_files`, for several that have many files in common."""
    ids, objects = list[str](), dict[str, tuple[str, bytes]]()
    for files in trees:
        for path, data in files.items():
            check_path(path)
            if len(data) > BLOB_MAX:
                raise TooLarge(f"{path} has {len(data):,} bytes; a file may have {BLOB_MAX:,}.")
        tree, made = build_tree(files)
        ids.append(tree)
        objects |= made
    insert_missing(session, objects)
    return ids


def read_files(session: Session, tree_id: str) -> dict[str, bytes]:
    """Path -> content, sorted by path."""
    return read_trees(session, [tree_id])


def list_files(session: Session, tree_id: str) -> tuple[FileEntry, ...]:
    return tuple(FileEntry(path, len(data)) for path, data in read_files(session, tree_id).items())


def read_file(session: Session, tree_id: str, path: str) -> bytes:
    """Raises: NotFound when the tree has no such file."""
    (found,) = _listings(session, [tree_id])
    if path not in found:
        raise NotFound(f"There is no file {path[:80]} in this revision.")
    return get_data(session, {found[path]})[found[path]]


def list_blobs(session: Session, tree_id: str) -> dict[str, str]:
    """Path -> id of its content: two files with the same id are the same."""
    (found,) = _listings(session, [tree_id])
    return dict(sorted(found.items()))


def sizes_of(session: Session, blobs: Iterable[str]) -> dict[str, int]:
    """Id of a content -> its bytes, counted without reading them."""
    return get_sizes(session, set(blobs))


def read_blobs(session: Session, blobs: Iterable[str]) -> dict[str, bytes]:
    """Id -> content."""
    return get_data(session, set(blobs))


def read_trees(session: Session, tree_ids: Iterable[str]) -> dict[str, bytes]:
    """The files of all trees, sorted by path; where two have the same path, the later one stands."""
    return laid_over(read_each(session, tree_ids))


def laid_over(trees: Iterable[Mapping[str, bytes]]) -> dict[str, bytes]:
    """The files of all, sorted by path; where two have the same path, the later one stands."""
    found: dict[str, bytes] = {}
    for files in trees:
        found |= files
    return dict(sorted(found.items()))


def read_each(session: Session, tree_ids: Iterable[str]) -> list[dict[str, bytes]]:
    """The files of each tree by itself, sorted by path; what several hold is read once."""
    listings = _listings(session, tree_ids)
    contents = get_data(session, {blob for found in listings for blob in found.values()})
    return [{path: contents[blob] for path, blob in sorted(found.items())} for found in listings]


def listing_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over `<sha256 of content>  <path>` lines in path order; what `sha256sum` prints, hashed."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _listings(session: Session, tree_ids: Iterable[str]) -> list[dict[str, str]]:
    """Path -> id of its content, for each tree; one question to the database per depth of folders, not per folder."""
    roots = list(tree_ids)
    found: list[dict[str, str]] = [{} for _ in roots]
    ahead = [(place, "", tree_id) for place, tree_id in enumerate(roots)]
    while ahead:
        folders = get_data(session, {tree_id for _, _, tree_id in ahead})
        deeper = []
        for place, prefix, tree_id in ahead:
            for entry in Tree.from_string(folders[tree_id]).iteritems():
                path, child = prefix + entry.path.decode(), entry.sha.decode()
                if entry.mode == FOLDER_MODE:
                    deeper.append((place, f"{path}/", child))
                else:
                    found[place][path] = child
        ahead = deeper
    return found
