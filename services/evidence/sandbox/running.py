"""Starts a command in the sandbox, watches it, and takes its results off a pipe. The only starter of untrusted code."""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from services.evidence.sandbox import bubblewrap, landlock, seccomp
from services.evidence.sandbox.levels import ENFORCED, IsolationLevel

_STUB = Path(__file__).with_name("inside.py")
_WATCH_SECONDS = 0.05
# To look at every process of the machine takes milliseconds, which what is measured has to share; not every kernel tells more.
_TELLS_CHILDREN = Path("/proc/thread-self/children").exists()
# Counting files on a disk takes longer than asking a memory file system: it may take this share of the time.
_COUNT_SHARE = 0.2
# How long the stub gets to end its tree before it is ended itself.
_GIVE_UP_SECONDS = 3
_TAR_MAX = 64 << 20
_THROW_AWAY_UID = 200_000


@dataclass(frozen=True)
class Limits:
    """Megabytes are 2**20 bytes. `tree_mb` is watched over all processes; the others are set on each.

    `memory_mb` limits addresses, which some programs reserve without using them: None sets no such limit.
    """

    wall_seconds: float = 120
    cpu_seconds: int = 120
    memory_mb: int | None = 4096
    tree_mb: int = 2048
    processes: int = 128
    open_files: int = 512
    file_mb: int = 64
    work_mb: int = 256
    temporary_mb: int = 128
    output_kb: int = 256
    flood_mb: int = 16
    result_mb: int = 8
    files: int = 50_000


@dataclass(frozen=True)
class SandboxResult:
    """`ended`: "exit", "timeout", "memory", "output flood", "too many files", "disk" or "no result"."""

    level: IsolationLevel
    enforced: Mapping[str, str]
    exit_code: int | None
    ended: str
    output: str
    duration_seconds: float
    left_behind: int
    peak_memory_mb: float
    results: Mapping[str, bytes] = field(repr=False)


def run_isolated(
    command: Sequence[str],
    *,
    files: Mapping[str, bytes],
    environment: Path,
    level: IsolationLevel,
    readonly: Sequence[Path] = (),
    results: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    limits: Limits = Limits(),
) -> SandboxResult:
    """Runs a command over a private copy of the files; `environment` is a virtual environment it may read.

    Raises: OSError when the sandbox itself cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder:
        source = Path(folder) / "source"
        _write(files, source)
        Path(folder).chmod(0o755)
        job = _Job(command, source, Path(folder) / "work", environment, level, tuple(readonly), tuple(results), limits)
        return _watch(job, variables or {})


@dataclass(frozen=True)
class _Job:
    command: Sequence[str]
    source: Path
    work: Path
    environment: Path
    level: IsolationLevel
    readonly: tuple[Path, ...]
    results: tuple[str, ...]
    limits: Limits

    @property
    def interpreter(self) -> Path:
        return (self.environment / "bin" / "python").resolve()

    def configuration(self, pipe: int, variables: Mapping[str, str]) -> str:
        has_own_folders = self.level is IsolationLevel.BUBBLEWRAP
        is_beside_host = self.level is IsolationLevel.LANDLOCK
        drops_root = self.level is not IsolationLevel.NONE and os.geteuid() == 0
        given = {
            "PATH": f"{self.environment}/bin:/usr/bin:/bin",
            "HOME": str(self.work) if is_beside_host else "/tmp",  # noqa: S108
            "TMPDIR": str(self.work) if is_beside_host else "/tmp",  # noqa: S108
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            **variables,
        }
        return json.dumps(
            {
                "limits": asdict(self.limits),
                "pipe": pipe,
                "command": [str(self.environment / "bin" / "python"), *self.command],
                "environment": given,
                "results": list(self.results),
                "source": bubblewrap.SOURCE if has_own_folders else str(self.source),
                "work": bubblewrap.WORK if has_own_folders else str(self.work),
                "uid": _THROW_AWAY_UID + os.getpid() % 50_000 if drops_root else None,
                "landlock": landlock.places(folders=self.folders, work=self.work) if is_beside_host else None,
                "filter": base64.b64encode(seccomp.build_filter(is_beside_host=True)).decode()
                if is_beside_host
                else "",
                "keeps_reading": is_beside_host and drops_root and not landlock.are_open_to_all(self.folders),
                "processes_there": landlock.processes_there() if is_beside_host else 0,
            }
        )

    @property
    def folders(self) -> list[Path]:
        """What it may read besides the system and its own files."""
        return [self.interpreter.parent.parent, self.environment, *self.readonly]

    def arguments(self, configuration: str, filter_fd: int) -> list[str]:
        stub = [str(self.interpreter), "-I", "-S"]
        if self.level is not IsolationLevel.BUBBLEWRAP:
            return [*stub, str(_STUB), configuration]
        return bubblewrap.command(
            program=shutil.which("bwrap") or "bwrap",
            is_root=os.geteuid() == 0,
            filter_fd=filter_fd,
            source=self.source,
            stub=_STUB,
            folders=self.folders,
            work_mb=self.limits.work_mb,
            temporary_mb=self.limits.temporary_mb,
            run=[*stub, bubblewrap.STUB, configuration],
        )


@dataclass
class _Watched:
    """A running job and what was seen of it."""

    process: subprocess.Popen[bytes]
    limits: Limits
    work: Path | None = None
    count_from: float = 0.0
    output: bytearray = field(default_factory=bytearray)
    seen: int = 0
    ended: str = ""
    peak: float = 0.0

    def kill(self, why: str) -> None:
        self.ended = self.ended or why
        if self.work is not None:  # the stub knows its whole tree, also those who have left it
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_GIVE_UP_SECONDS)
        for process in self.tree():  # with bubblewrap its own end takes the whole process namespace along
            try:
                process.kill()
            except psutil.Error:
                continue

    def tree(self) -> list[psutil.Process]:
        found, ahead = list[psutil.Process](), [self.process.pid]
        for pid in ahead:  # which grows meanwhile
            with suppress(psutil.Error, OSError):  # it has ended
                process = psutil.Process(pid)
                found.append(process)
                ahead += _children(process)
        return found

    def read_output(self) -> None:
        assert self.process.stdout is not None
        keep = self.limits.output_kb << 10
        while chunk := os.read(self.process.stdout.fileno(), 65536):
            self.seen += len(chunk)
            self.output.extend(chunk[: max(0, keep - len(self.output))])
            if self.seen > self.limits.flood_mb << 20:
                self.kill("output flood")
                return

    def check(self, started: float) -> None:
        tree = self.tree()
        self.peak = max(self.peak, sum(_memory(process) for process in tree) / 2**20)
        if time.monotonic() - started > self.limits.wall_seconds:
            self.kill("timeout")
        elif self.peak > self.limits.tree_mb:
            self.kill("memory")
        elif self.work is not None:
            self._check_disk(self.work)
        elif tree and _too_many_files(tree[-1].pid, self.limits):
            self.kill("too many files")

    def _check_disk(self, work: Path) -> None:
        """Where what it writes lies on a disk of the host."""
        began = time.monotonic()
        if began < self.count_from:
            return
        files, size = _size_of(work, self.limits.files)
        ended = time.monotonic()
        self.count_from = ended + (ended - began) / _COUNT_SHARE
        if files > self.limits.files:
            self.kill("too many files")
        elif size > self.limits.work_mb << 20:
            self.kill("disk")


def _watch(job: _Job, variables: Mapping[str, str]) -> SandboxResult:
    started = time.monotonic()
    with _pipe() as (reading, writing), tempfile.TemporaryFile() as filter_file:
        filter_file.write(seccomp.build_filter() if job.level is IsolationLevel.BUBBLEWRAP else b"")
        filter_file.seek(0)
        arguments = job.arguments(job.configuration(writing, variables), filter_file.fileno())
        process = subprocess.Popen(  # noqa: S603
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[writing, filter_file.fileno()],
            env={},
            start_new_session=True,
            cwd="/",
        )
        os.close(writing)
        on_disk = job.work if job.level is IsolationLevel.LANDLOCK else None
        watched, archive = _Watched(process, job.limits, on_disk), bytearray()
        threads = [
            threading.Thread(target=watched.read_output, daemon=True),
            threading.Thread(target=_drain, args=(reading, archive), daemon=True),
        ]
        # Waiting with a time limit would look seven times before each look at the tree.
        end = threading.Thread(target=process.wait, daemon=True)
        for thread in (*threads, end):
            thread.start()
        while end.is_alive():
            watched.check(started)
            end.join(_WATCH_SECONDS)
        for thread in threads:
            thread.join(3)
        assert process.stdout is not None
        process.stdout.close()
    return _result(job, watched, bytes(archive), time.monotonic() - started)


def _result(job: _Job, watched: _Watched, archive: bytes, seconds: float) -> SandboxResult:
    results, end = _unpack(archive)
    return SandboxResult(
        level=job.level,
        enforced=ENFORCED[job.level],
        exit_code=end.get("code"),
        ended=watched.ended or ("exit" if end else "no result"),
        output=bytes(watched.output).decode("utf-8", "replace"),
        duration_seconds=round(seconds, 3),
        left_behind=end.get("left_behind", 0),
        peak_memory_mb=round(watched.peak, 1),
        results=results,
    )


def _unpack(archive: bytes) -> tuple[dict[str, bytes], dict[str, int]]:
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                content = tar.extractfile(member)
                files[member.name] = content.read() if content else b""
        return files, json.loads(files.pop("__end__.json"))
    except (tarfile.TarError, KeyError, EOFError, ValueError):
        return {}, {}


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(reading)


def _drain(reading: int, into: bytearray) -> None:
    while chunk := os.read(reading, 65536):
        if len(into) < _TAR_MAX:
            into.extend(chunk)


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir()
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _children(process: psutil.Process) -> list[int]:
    """Raises: psutil.Error or OSError when it has ended."""
    if not _TELLS_CHILDREN:
        return [child.pid for child in process.children()]
    found: list[int] = []
    for thread in Path(f"/proc/{process.pid}/task").iterdir():
        with suppress(OSError):  # one of its threads has ended
            found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _too_many_files(pid: int, limits: Limits) -> bool:
    """A memory file system caps bytes, not the number of files, which cost kernel memory."""
    if sys.platform != "linux":
        return False
    return any(
        _files_in(f"/proc/{pid}/root{path}", megabytes) > limits.files
        for path, megabytes in bubblewrap.writable(work_mb=limits.work_mb, temporary_mb=limits.temporary_mb)
    )


def _size_of(folder: Path, most: int) -> tuple[int, int]:
    """(files, bytes) below a folder; counting ends beyond `most` files. What goes away meanwhile is not counted."""
    files = size = 0
    ahead = [str(folder)]
    while ahead and files <= most:
        with suppress(OSError), os.scandir(ahead.pop()) as entries:
            for entry in entries:
                files += 1
                with suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_size
                if entry.is_dir(follow_symlinks=False):
                    ahead.append(entry.path)
    return files, size


def _files_in(path: str, megabytes: int) -> int:
    """How many files a memory file system holds; none when the place is not the one of that size."""
    try:
        place = os.statvfs(path)
    except OSError:
        return 0
    is_ours = place.f_blocks * place.f_frsize == megabytes << 20
    return place.f_files - place.f_ffree if is_ours else 0
