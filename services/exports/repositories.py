"""An export as a git repository on disk, written as objects: nothing in it is ever executed."""

from pathlib import Path
from uuid import UUID

from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from services.actors import Actor
from services.deps import Deps
from services.errors import InvalidInput
from services.exports.contents import Files, commits_of
from services.workspaces.paths import check_path

BRANCH = Ref(b"refs/heads/main")
_COMMITTER = b"Greenlight <greenlight@localhost>"


def check_is_free(folder: Path) -> None:
    """Raises: InvalidInput for a folder that holds something, or for a file."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput({"export": f"{folder} is not an empty folder; name a new one."})


def export_run(deps: Deps, actor: Actor, *, run_id: UUID, folder: Path) -> int:
    """How many commits were written. Raises: InvalidInput for a folder that is not empty, NotFound, NotAllowed."""
    check_is_free(folder)
    commits = commits_of(deps, actor, run_id)
    folder.mkdir(parents=True, exist_ok=True)
    repository = Repo.init(str(folder), default_branch=b"main")
    parent: ObjectID | None = None
    for made in commits:
        commit = Commit()
        commit.tree = _store(repository, made.files)
        commit.parents = [parent] if parent else []
        commit.author = f"{made.author} <{made.author}@agents.localhost>".encode()
        commit.committer = _COMMITTER
        commit.author_time = commit.commit_time = int(made.at.timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding, commit.message = b"UTF-8", made.message.encode()
        repository.object_store.add_object(commit)
        parent = commit.id
    if parent:
        repository.refs[BRANCH] = parent
        _write(commits[-1].files, folder)
        repository.get_worktree().reset_index()
    repository.close()
    return len(commits)


def _store(repository: Repo, files: Files) -> ObjectID:
    folders: dict[str, Tree] = {"": Tree()}
    for path, data in sorted(files.items()):
        blob = Blob.from_string(data)
        repository.object_store.add_object(blob)
        parent, _, name = path.rpartition("/")
        _folder(folders, parent).add(name.encode(), 0o100644, blob.id)
    for path in sorted(folders, key=lambda p: -p.count("/") if p else 1):
        tree = folders[path]
        repository.object_store.add_object(tree)
        if path:
            parent, _, name = path.rpartition("/")
            folders[parent].add(name.encode(), 0o040000, tree.id)
    return folders[""].id


def _folder(folders: dict[str, Tree], path: str) -> Tree:
    if path not in folders:
        folders[path] = Tree()
        if path:
            _folder(folders, path.rpartition("/")[0])
    return folders[path]


def _write(files: Files, folder: Path) -> None:
    for path, data in files.items():
        check_path(path.removeprefix("tree/"))  # the limits are those of a path in the workspace
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
