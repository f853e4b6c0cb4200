"""The environment that generated tests run in: apart from the product's own, built once from a pinned lock."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.errors import StartError

LOCK = Path(__file__).parent / "locks" / "runtime.txt"


def environment_name() -> str:
    """Content-addressed: another lock or another Python is another environment."""
    content = LOCK.read_bytes() + sys.version.encode()
    return f"runtime-{hashlib.sha256(content).hexdigest()[:12]}"


def locked_version(package: str) -> str:
    """The version that the lock pins."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return next(line.split("==")[1].split()[0] for line in lines if line.startswith(f"{package}=="))


def find_environment(folder: Path) -> Path | None:
    """The prepared environment, or None when nobody has built it yet."""
    place = folder / environment_name()
    return place if (place / "ready").exists() else None


def prepare_environment(folder: Path, say: Callable[[str], None]) -> Path:
    """Builds the environment if it is missing; this is the only moment that needs a network.

    Raises: StartError when the packages cannot be installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"):
        found = find_environment(folder)
        if found:
            say("The environment for generated tests is ready.")
            return found
        say("Building the environment for generated tests (half a minute, once) ...")
        place = folder / environment_name()
        shutil.rmtree(place, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(place)])
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--only-binary", ":all:", "-r", str(LOCK)])
        _run([str(place / "bin" / "python"), "-m", "compileall", "-q", str(place / "lib")])
        (place / "ready").touch()
        return place


def _run(command: list[str]) -> None:
    # Generated tests import from here without writing, so the bytecode is made now, whatever the caller's own setting.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise StartError(f"The environment for generated tests cannot be built: {last[0]}")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
