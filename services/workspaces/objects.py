"""Git objects of a folder of files, made in memory: what is stored and what is compared. Pure."""

from collections.abc import Mapping

from dulwich.objects import Blob, ObjectID, Tree

from services.errors import GreenlightError

FILE_MODE, FOLDER_MODE = 0o100644, 0o040000


def build_tree(files: Mapping[str, bytes]) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """The id of the tree, and id -> (kind, bytes) of it and of all below it."""
    objects: dict[str, tuple[str, bytes]] = {}
    return _build(_nested(files), objects), objects


def tree_id_of(files: Mapping[str, bytes]) -> str:
    """What storing them would answer, without storing anything: a session that has read may not begin to write."""
    return build_tree(files)[0]


Folder = dict[str, "Folder | bytes"]


def _nested(files: Mapping[str, bytes]) -> Folder:
    root: Folder = {}
    for path, data in files.items():
        *folders, name = path.split("/")
        place = root
        for folder in folders:
            inner = place.setdefault(folder, {})
            if isinstance(inner, bytes):
                raise GreenlightError(f"{path} lies below a path that is itself a file")
            place = inner
        if isinstance(place.get(name), dict):
            raise GreenlightError(f"{path} is both a file and a folder")
        place[name] = data
    return root


def _build(folder: Folder, objects: dict[str, tuple[str, bytes]]) -> str:
    tree = Tree()
    for name, inner in folder.items():
        if isinstance(inner, dict):
            tree.add(name.encode(), FOLDER_MODE, ObjectID(_build(inner, objects).encode()))
        else:
            blob = Blob.from_string(inner)
            objects[blob.id.decode()] = ("blob", inner)
            tree.add(name.encode(), FILE_MODE, blob.id)
    objects[tree.id.decode()] = ("tree", tree.as_raw_string())
    return str(tree.id.decode())
