"""The peak memory of a process and of everything that it starts, sampled through /proc by a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SAMPLE_SECONDS = 0.25
PROC = Path("/proc")


class Peak:
    """PSS: what several processes share counts once. A process that may not be looked into counts with its RSS."""

    def __init__(self) -> None:
        self.mebibytes = 0.0
        self.processes = 0
        self._seen: set[tuple[int, str]] = set()

    def sample(self, root: int) -> None:
        """Whoever was once seen below the root stays counted, also when its parent has ended."""
        alive = _alive()
        self._seen = {(pid, alive[pid][1]) for pid, started in self._seen if pid in alive and alive[pid][1] == started}
        counted = {root} | {pid for pid, _ in self._seen}
        while more := {pid for pid, (parent, _) in alive.items() if parent in counted} - counted:
            counted |= more
        self._seen = {(pid, alive[pid][1]) for pid in counted if pid in alive}
        kibibytes = sum(_memory_kib(pid) for pid in counted)
        if kibibytes / 1024 > self.mebibytes:
            self.mebibytes, self.processes = kibibytes / 1024, len(self._seen)


def _alive() -> dict[int, tuple[int, str]]:
    """Process -> its parent, and when it started, since numbers are given again."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                words = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            found[int(folder.name)] = (int(words[1]), words[19])
    return found


def _memory_kib(pid: int) -> int:
    for file, name in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = (PROC / str(pid) / file).read_text().splitlines()
        except OSError:
            continue
        return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
    return 0


@contextmanager
def watched(root: int) -> Iterator[Peak]:
    """Samples until the block ends."""
    peak, ended = Peak(), threading.Event()

    def look() -> None:
        while not ended.is_set():
            started = time.monotonic()
            peak.sample(root)
            ended.wait(max(0.0, SAMPLE_SECONDS - (time.monotonic() - started)))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()
