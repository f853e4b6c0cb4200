"""Runs untrusted code apart from everything else, and says what was really enforced.

`levels.py` says what each level enforces, `probing.py` finds out by a real trial what this machine can do, `running.py` starts
and watches, `bubblewrap.py` and `landlock.py` say what may be seen, `seccomp.py` writes the system-call filter, `inside.py` is the
stub that runs within.
"""

from services.evidence.sandbox.levels import IsolationLevel
from services.evidence.sandbox.probing import SandboxProbe, probe
from services.evidence.sandbox.running import Limits, SandboxResult, run_isolated

__all__ = ["IsolationLevel", "Limits", "SandboxProbe", "SandboxResult", "probe", "run_isolated"]
