"""The levels of isolation, strictest first, and what each enforces."""

from enum import StrEnum


class IsolationLevel(StrEnum):
    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"
    NONE = "none"


ENFORCED: dict[IsolationLevel, dict[str, str]] = {
    IsolationLevel.BUBBLEWRAP: {
        "files": "mount namespace, read-only",
        "network": "network namespace, loopback only",
        "processes": "process namespace",
        "environment": "cleared",
        "system calls": "seccomp filter",
        "disk": "size of a memory file system",
    },
    IsolationLevel.LANDLOCK: {
        "files": "landlock: contents; names and sizes can be seen",
        "network": "no socket at all, no loopback either",
        "processes": "seccomp filter; the tree is ended from outside",
        "environment": "cleared",
        "system calls": "seccomp filter, stricter",
        "disk": "watched four times a second",
    },
    IsolationLevel.NONE: {
        "files": "not enforced",
        "network": "not enforced",
        "processes": "not enforced",
        "environment": "cleared",
        "system calls": "not enforced",
        "disk": "not enforced",
    },
}
