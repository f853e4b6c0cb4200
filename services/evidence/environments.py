"""The environments that checks use: apart from the product's own, each built once from a pinned lock.

`runtime` is what generated code may import; `tools` holds scanners, validators and the vendors' own flag engines.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.errors import StartError

_LOCKS = Path(__file__).parent / "locks"
# Packages that are published as source only; everything else must be a wheel, so that no build script runs.
_SOURCE_ONLY = {"runtime": (), "tools": ("splitio-client", "docopt")}
# What is computed once where the environment is built, because it takes two seconds and a sandbox keeps nothing: the tables
# of characters that hypothesis draws from. The harness finds them there (schema_rounds.py).
_COMPUTED = {
    "runtime": "",
    "tools": """
import pathlib, sys
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal import charmap
home = pathlib.Path(sys.prefix, "hypothesis")
set_hypothesis_home_dir(home)
charmap.charmap(), charmap.intervals_from_codec("utf-8")
for table in home.rglob("*.gz"):
    table.chmod(0o644)  # a sandbox reads it as somebody else
""",
}


@dataclass(frozen=True)
class Environments:
    """Folders of the prepared environments; None where nobody has built one yet."""

    runtime: Path | None = None
    tools: Path | None = None

    @property
    def names(self) -> tuple[str | None, ...]:
        """Content-addressed: the same names are the same packages."""
        return tuple(folder.name if folder else None for folder in (self.runtime, self.tools))


def lock_of(kind: str) -> Path:
    return _LOCKS / f"{kind}.txt"


def environment_name(kind: str) -> str:
    """Content-addressed: another lock or another Python is another environment, and so is what is computed once."""
    content = lock_of(kind).read_bytes() + sys.version.encode() + _COMPUTED[kind].encode()
    return f"{kind}-{hashlib.sha256(content).hexdigest()[:12]}"


def locked_version(package: str) -> str:
    """The version that a lock pins; empty for what comes from the machine."""
    lines = [line for kind in _SOURCE_ONLY for line in lock_of(kind).read_text(encoding="utf-8").splitlines()]
    return next((line.split("==")[1].split()[0] for line in lines if line.startswith(f"{package}==")), "")


def find_environments(folder: Path) -> Environments:
    """What is prepared."""
    places = {kind: folder / environment_name(kind) for kind in _SOURCE_ONLY}
    return Environments(**{kind: place for kind, place in places.items() if (place / "ready").exists()})


def prepare_environments(folder: Path, say: Callable[[str], None]) -> Environments:
    """Builds what is missing; this is the only moment that needs a network.

    Raises: StartError when the packages cannot be installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"):
        for kind in _SOURCE_ONLY:
            if not (folder / environment_name(kind) / "ready").exists():
                say(f"Building the environment “{kind}” for checks (half a minute, once) ...")
                _build(kind, folder / environment_name(kind))
    say("The environments for checks are ready.")
    return find_environments(folder)


def _build(kind: str, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(place)])
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    wheels = ["--only-binary", ":all:"]
    wheels += ["--no-binary", ",".join(_SOURCE_ONLY[kind])] if _SOURCE_ONLY[kind] else []
    _run([*pip, *wheels, "-r", str(lock_of(kind))])
    _run([str(place / "bin" / "python"), "-m", "compileall", "-q", str(place / "lib")])
    _run([str(place / "bin" / "python"), "-c", _COMPUTED[kind]])
    (place / "ready").touch()


def _run(command: list[str]) -> None:
    # Generated tests import from here without writing, so the bytecode is made now, whatever the caller's own setting.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise StartError(f"An environment for checks cannot be built: {last[0]}")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
