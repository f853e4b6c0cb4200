"""What this machine can isolate with, found out by a real trial and never by a version."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.evidence.sandbox import bubblewrap, seccomp
from services.evidence.sandbox.levels import ENFORCED, IsolationLevel
from services.evidence.sandbox.running import Limits, run_isolated

HOW_TO_GET_IT = "Install bubblewrap (Debian and Ubuntu: apt install bubblewrap)."
# Must not read a file of the host, nor open a socket, and must be able to write where it works.
_TRIAL = """
import socket
def refused(act):
    try:
        act()
    except OSError:
        return True
open("written", "w").write("x")
assert refused(lambda: open("/etc/passwd").read()), "reads files of the host"
assert refused(lambda: socket.socket()), "opens sockets"
"""


@dataclass(frozen=True)
class SandboxProbe:
    """`problem`: why there is no sandbox at all, in words that say what to do; None when there is one.

    `lacks`: what the strictest level would need, where a lesser one is used.
    """

    level: IsolationLevel
    enforced: dict[str, str]
    problem: str | None
    lacks: str | None = None


@cache
def probe() -> SandboxProbe:
    lacks = _bubblewrap_problem()
    if lacks is None:
        return SandboxProbe(IsolationLevel.BUBBLEWRAP, ENFORCED[IsolationLevel.BUBBLEWRAP], None)
    problem = _landlock_problem()
    if problem is None:
        return SandboxProbe(IsolationLevel.LANDLOCK, ENFORCED[IsolationLevel.LANDLOCK], None, lacks)
    return SandboxProbe(IsolationLevel.NONE, ENFORCED[IsolationLevel.NONE], f"{lacks} {problem}")


def _bubblewrap_problem() -> str | None:
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


def _landlock_problem() -> str | None:
    if sys.platform != "linux" or not seccomp.is_supported():
        return "Landlock, the second level, is a part of Linux on x86_64 and aarch64 only."
    try:
        trial = run_isolated(
            ["-c", _TRIAL],
            files={},
            environment=Path(sys.prefix),
            level=IsolationLevel.LANDLOCK,
            limits=Limits(wall_seconds=10),
        )
    except OSError as error:
        return f"Landlock, the second level, does not work here: {error}."
    if trial.exit_code == 0 and trial.ended == "exit":
        return None
    said = (trial.output.strip().splitlines() or [trial.ended])[-1]
    return f"Landlock, the second level, does not work here: {said[:200]}."
