"""The argument list of bubblewrap. The order matters: memory file systems first, binds over them, read-only last."""

import os
from collections.abc import Iterable
from pathlib import Path

# Names that no host folder has: what the sandbox reads is bound at its own place and must not fall below these.
WORK, SOURCE, STUB = "/greenlight-work", "/greenlight-source", "/greenlight-inside.py"
_NAMESPACES = [
    "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
    "--die-with-parent", "--new-session", "--hostname", "sandbox", "--cap-drop", "ALL", "--clearenv",
]  # fmt: skip
# As root, bubblewrap mounts and the stub drops to a throw-away user: the limit of processes does not bind root.
_ROOT_KEEPS = ["CAP_SETUID", "CAP_SETGID", "CAP_CHOWN", "CAP_KILL", "CAP_DAC_OVERRIDE"]
_NOBODY = "65534"
SYSTEM_FILES = ["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "mime.types", "fonts"]


def namespaces(*, is_root: bool) -> list[str]:
    if is_root:
        return [*_NAMESPACES, *(word for cap in _ROOT_KEEPS for word in ("--cap-add", cap))]
    return [*_NAMESPACES, "--unshare-user", "--disable-userns", "--uid", _NOBODY, "--gid", _NOBODY]


def system_folders() -> list[str]:
    words = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64", "lib32"):
        path = Path("/") / name
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]  # noqa: PTH115  (the link's own text is wanted)
        elif path.exists():
            words += ["--ro-bind", str(path), str(path)]
    for name in SYSTEM_FILES:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return words


def writable(*, work_mb: int, temporary_mb: int) -> tuple[tuple[str, int], ...]:
    """(path, megabytes) of every place that the sandboxed command can write."""
    return ("/dev/shm", 64), ("/tmp", temporary_mb), (WORK, work_mb)  # noqa: S108


def memory_folders(*, work_mb: int, temporary_mb: int) -> list[str]:
    words = ["--proc", "/proc", "--dev", "/dev"]
    for path, megabytes in writable(work_mb=work_mb, temporary_mb=temporary_mb):
        words += ["--perms", "1777", "--size", str(megabytes << 20), "--tmpfs", path]
    return words


def read_only(folders: Iterable[Path]) -> list[str]:
    """Binds each at its own place; bubblewrap would make missing parents unreadable, so they are made here."""
    words: list[str] = []
    for folder in sorted({str(folder) for folder in folders}):
        if folder == "/usr" or folder.startswith("/usr/"):
            continue
        for parent in list(Path(folder).parents)[::-1][1:]:
            if str(parent) != "/tmp":  # noqa: S108
                words += ["--perms", "0755", "--dir", str(parent)]
        words += ["--ro-bind", folder, folder]
    return words


def command(
    *, program: str, is_root: bool, filter_fd: int, source: Path, stub: Path, folders: Iterable[Path], work_mb: int,
    temporary_mb: int, run: list[str],
) -> list[str]:  # fmt: skip
    return [
        program,
        *namespaces(is_root=is_root),
        *system_folders(),
        *memory_folders(work_mb=work_mb, temporary_mb=temporary_mb),
        *read_only(folders),
        *["--ro-bind", str(stub), STUB, "--ro-bind", str(source), SOURCE],
        *["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK, "--seccomp", str(filter_fd), "--"],
        *run,
    ]
