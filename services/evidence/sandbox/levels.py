"""What this machine can isolate with, found out by a real trial and never by a version."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from services.evidence.sandbox import bubblewrap, seccomp

HOW_TO_GET_IT = "Install bubblewrap (Debian and Ubuntu: apt install bubblewrap)."


class IsolationLevel(StrEnum):
    BUBBLEWRAP = "bubblewrap"
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
    IsolationLevel.NONE: {
        "files": "not enforced",
        "network": "not enforced",
        "processes": "not enforced",
        "environment": "cleared",
        "system calls": "not enforced",
        "disk": "not enforced",
    },
}


@dataclass(frozen=True)
class SandboxProbe:
    """`problem`: why it is not bubblewrap, in words that say what to do; None when it is."""

    level: IsolationLevel
    enforced: dict[str, str]
    problem: str | None


@cache
def probe() -> SandboxProbe:
    problem = _problem()
    level = IsolationLevel.NONE if problem else IsolationLevel.BUBBLEWRAP
    return SandboxProbe(level, ENFORCED[level], problem)


def _problem() -> str | None:
    if not seccomp.is_supported():
        return "This machine's processor has no system-call filter here; generated tests are not run."
    program = shutil.which("bwrap")
    if program is None:
        return HOW_TO_GET_IT
    command = [program, *bubblewrap.namespaces(is_root=os.geteuid() == 0), *bubblewrap.system_folders()]
    command += ["--proc", "/proc", "--dev", "/dev", "/usr/bin/true"]
    try:
        trial = subprocess.run(command, capture_output=True, timeout=10, env={}, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run here: {error}."
    if trial.returncode == 0:
        return None
    said = trial.stderr.decode(errors="replace").strip()[-200:]
    return f"bubblewrap is refused on this machine ({said}). Allow user namespaces for it, or run as root."
