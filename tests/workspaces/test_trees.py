"""Trees have the ids that git itself computes, and give back what was stored."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from db.tables import GitObject
from services.deps import Deps
from services.errors import GreenlightError, InvalidInput, NotFound, TooLarge
from services.workspaces.archives import zip_bytes
from services.workspaces.objects import tree_id_of
from services.workspaces.trees import (
    BLOB_MAX,
    FileEntry,
    list_files,
    listing_hash,
    read_each,
    read_file,
    read_files,
    read_trees,
    store_files,
    store_trees,
)
from tests.runs.building import at_once, counts

SETS: dict[str, dict[str, bytes]] = {
    "nothing": {},
    "one file": {"README.md": b"# Hello\n"},
    "an empty file": {"app/__init__.py": b""},
    "folders": {"a/b/c/d.txt": b"deep", "a/b/e.txt": b"less", "f.txt": b"top"},
    "names that sort oddly": {"a.txt": b"1", "a/b": b"2", "a-b": b"3", "a0": b"4", "A": b"5", "ab/c": b"6", "a.b/c": b"7"},
    "bytes": {"data.bin": bytes(range(256)), "crlf.txt": b"a\r\nb\r\n", "no-end": b"no line break"},
    "other scripts": {"docs/Über.md": b"u", "docs/日本語.md": b"n", "docs/🧾.md": b"r"},
    "the same content twice": {"one.txt": b"same", "x/two.txt": b"same"},
    "many": {f"folder{n % 7}/file{n}.txt": str(n).encode() for n in range(600)},
}  # fmt: skip


def git(folder: Path, *words: str, given: bytes = b"") -> str:
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", "-C", str(folder), *words], input=given, env=environment, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


def tree_by_git(folder: Path, files: dict[str, bytes]) -> str:
    git(folder, "init", "--quiet")
    lines = []
    for number, (path, data) in enumerate(files.items()):
        (folder / f"content{number}").write_bytes(data)
        lines.append((f"content{number}", path))
    names = "\n".join(name for name, _ in lines)
    ids = git(folder, "hash-object", "-w", "--no-filters", "--stdin-paths", given=names.encode()).splitlines()
    index = "".join(f"100644 {id_}\t{path}\0" for id_, (_, path) in zip(ids, lines, strict=True))
    git(folder, "update-index", "-z", "--index-info", given=index.encode())
    return git(folder, "write-tree")


def store(deps: Deps, files: dict[str, bytes]) -> str:
    with deps.session() as session:
        tree = store_files(session, files)
        session.commit()
    return tree


@pytest.mark.parametrize("files", SETS.values(), ids=list(SETS))
def test_a_tree_has_the_id_that_git_computes(deps: Deps, tmp_path: Path, files: dict[str, bytes]) -> None:
    (tmp_path / "git").mkdir()
    assert store(deps, files) == tree_by_git(tmp_path / "git", files)


@pytest.mark.parametrize("files", SETS.values(), ids=list(SETS))
def test_a_tree_gives_back_what_was_stored(deps: Deps, files: dict[str, bytes]) -> None:
    tree = store(deps, files)
    with deps.reading() as session:
        assert read_files(session, tree) == files
        assert list_files(session, tree) == tuple(FileEntry(p, len(d)) for p, d in sorted(files.items()))


def test_the_order_in_which_files_come_does_not_matter(deps: Deps) -> None:
    files = SETS["names that sort oddly"]
    assert store(deps, files) == store(deps, dict(reversed(files.items())))


def test_the_same_content_is_stored_once(deps: Deps) -> None:
    store(deps, SETS["the same content twice"])
    assert counts(deps, (GitObject,)) == {"git_object": 3}
    store(deps, SETS["the same content twice"])
    assert counts(deps, (GitObject,)) == {"git_object": 3}


def test_two_writers_may_bring_the_same_files_at_the_same_moment(deps: Deps) -> None:
    stored = at_once(*[lambda: store(deps, SETS["many"])] * 4)
    assert len(set(stored)) == 1
    with deps.reading() as session:
        assert read_files(session, str(stored[0])) == SETS["many"]


def test_one_file_can_be_read(deps: Deps) -> None:
    tree = store(deps, SETS["folders"])
    with deps.reading() as session:
        assert read_file(session, tree, "a/b/e.txt") == b"less"


@pytest.mark.parametrize("path", ["missing.txt", "a/b", "../f.txt", "/f.txt", ""])
def test_a_file_that_is_not_there_is_not_found(deps: Deps, path: str) -> None:
    tree = store(deps, SETS["folders"])
    with deps.reading() as session, pytest.raises(NotFound):
        read_file(session, tree, path)


def test_merged_trees_are_the_tree_of_all_files(deps: Deps) -> None:
    parts = [{"app/a.py": b"1", "x": b"2"}, {"app/b.py": b"3"}, {}]
    trees = [store(deps, part) for part in parts]
    with deps.session() as session:
        merged = read_trees(session, trees)
    assert tree_id_of(merged) == store(deps, {path: data for part in parts for path, data in part.items()})


def test_a_file_in_two_trees_is_that_of_the_later_one(deps: Deps) -> None:
    trees = [store(deps, {"app/a.py": b"1", "c": b"3"}), store(deps, {"app/a.py": b"4", "b": b"2"})]
    with deps.session() as session:
        assert read_trees(session, trees) == {"app/a.py": b"4", "b": b"2", "c": b"3"}
        assert read_trees(session, trees[::-1]) == {"app/a.py": b"1", "b": b"2", "c": b"3"}


def test_several_are_stored_and_read_together_and_stay_apart(deps: Deps) -> None:
    parts = [{"app/a.py": b"1", "c": b"3"}, {"app/a.py": b"4"}, {}, {"app/a.py": b"1", "c": b"3"}]
    with deps.session() as session:
        trees = store_trees(session, parts)
        session.commit()
    assert trees == [store(deps, part) for part in parts]
    with deps.reading() as session:
        assert read_each(session, trees) == parts
        assert read_each(session, []) == []


def test_one_that_cannot_be_keeps_all_from_being_stored(deps: Deps) -> None:
    with deps.session() as session, pytest.raises(InvalidInput):
        store_trees(session, [{"fine.txt": b"1"}, {"../a.txt": b"2"}])
    assert counts(deps, (GitObject,)) == {"git_object": 0}


def test_a_file_and_a_folder_of_one_name_stop_the_merge(deps: Deps) -> None:
    trees = [store(deps, {"app": b"1"}), store(deps, {"app/a.py": b"2"})]
    with deps.session() as session, pytest.raises(GreenlightError, match="file"):
        tree_id_of(read_trees(session, trees))


@pytest.mark.parametrize("paths", [("a", "a/b"), ("a/b", "a"), ("a/b/c", "a/b")])
def test_a_path_cannot_be_a_file_and_a_folder(deps: Deps, paths: tuple[str, ...]) -> None:
    with pytest.raises(GreenlightError):
        store(deps, dict.fromkeys(paths, b""))


def test_a_path_that_cannot_be_is_refused_and_nothing_is_stored(deps: Deps) -> None:
    with pytest.raises(InvalidInput):
        store(deps, {"good.txt": b"1", "../bad.txt": b"2"})
    assert counts(deps, (GitObject,)) == {"git_object": 0}


def test_the_largest_file_is_accepted(deps: Deps) -> None:
    tree = store(deps, {"large.bin": b"x" * BLOB_MAX})
    with deps.reading() as session:
        assert list_files(session, tree) == (FileEntry("large.bin", 10_000_000),)


def test_a_larger_file_is_refused_with_its_size(deps: Deps) -> None:
    with pytest.raises(TooLarge, match="has 10,000,001 bytes; a file may have 10,000,000"):
        store(deps, {"large.bin": b"x" * (BLOB_MAX + 1)})
    assert counts(deps, (GitObject,)) == {"git_object": 0}


def test_the_listing_hash_is_what_sha256sum_says(tmp_path: Path) -> None:
    files = {"b.txt": b"second", "a/c.txt": b"first"}
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    listing = subprocess.run(["sha256sum", "a/c.txt", "b.txt"], cwd=tmp_path, check=True, capture_output=True).stdout
    assert listing_hash(files) == hashlib.sha256(listing).hexdigest()


def test_a_zip_does_not_depend_on_the_order_of_its_files() -> None:
    files = SETS["folders"]
    assert zip_bytes(files) == zip_bytes(dict(reversed(files.items())))
