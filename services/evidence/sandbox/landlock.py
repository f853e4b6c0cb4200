"""What a command may see where no namespaces can be made: the second level, by Landlock and a stricter system-call filter."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from services.evidence.sandbox.bubblewrap import SYSTEM_FILES

_SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")


def places(*, folders: Iterable[Path], work: Path) -> dict[str, Any]:
    """Paths that may be read, and the one folder that may be written."""
    system = [*_SYSTEM_FOLDERS, *(f"/etc/{name}" for name in SYSTEM_FILES)]
    return {"read": [*system, *sorted({str(folder) for folder in folders})], "write": [str(work)]}


def are_open_to_all(folders: Iterable[Path]) -> bool:
    """Whether a throw-away user can reach the folders; an interpreter that lies in root's home is closed to it."""
    ways = {part for folder in folders for part in (folder, *folder.parents)}
    return all(part.stat().st_mode & 0o001 for part in ways)


def processes_there() -> int:
    """How many threads the user of this process has already: the kernel counts them against the limit of the command.

    A throw-away user has none.
    """
    if os.geteuid() == 0:
        return 0
    mine = [path for path in Path("/proc").iterdir() if path.name.isdigit() and _is_mine(path)]
    return sum(_threads(path) for path in mine)


def _is_mine(process: Path) -> bool:
    try:
        return process.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _threads(process: Path) -> int:
    try:
        return len(list((process / "task").iterdir()))
    except OSError:
        return 0
