"""Hostile code is run in the sandbox for real, and gets nothing. The same code without it shows that it is hostile."""

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from services.evidence.sandbox import IsolationLevel, Limits, SandboxResult, run_isolated, running
from services.settings import ROOT
from tests.evidence import attacks

SMALL = Limits(
    wall_seconds=10, processes=32, memory_mb=512, work_mb=16, temporary_mb=8, open_files=64, file_mb=4, tree_mb=400
)
LEVELS = (IsolationLevel.BUBBLEWRAP, IsolationLevel.LANDLOCK)
# Whoever is no root cannot do these outside either.
ROOT_ONLY = {
    *(
        "make a device",
        "write anywhere but in the workspace",
        "read the hashes of passwords",
        "read the home",
        "open a disk",
    ),
    *("become root", "keep a capability", "lift its own limits", "listen on the wire", "use a raw socket"),
    *("mount a file system", "unmount one", "change the root", "enter another namespace", "unshare the network"),
    *("unshare a user namespace", "clone into a user namespace"),
}
ALL = {**attacks.FILES, **attacks.PROCESSES, **attacks.NETWORK, **attacks.SYSTEM_CALLS}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Files and servers that an attack would love to reach, open to every user of the machine."""
    folder = tmp_path_factory.mktemp("host")
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o755)
    (folder / "greenlight.db").write_text("the product's secrets")
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        for address in (str(folder / "docker.sock"), f"\0{folder / 'docker.sock'}"):
            listening = stack.enter_context(socket.socket(socket.AF_UNIX))
            listening.bind(address)
            listening.listen()
        (folder / "docker.sock").chmod(0o777)
        threading.Thread(target=_answer, args=(udp,), daemon=True).start()
        values = (
            folder / "greenlight.db", folder / "open", ROOT, Path.home(), tcp.getsockname()[1], udp.getsockname()[1],
            folder / "docker.sock",
        )  # fmt: skip
        yield dict(zip(attacks.TARGETS, map(str, values), strict=True))


@pytest.fixture(scope="module", autouse=True)
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the host with a secret in its environment and a pipe that nobody else should write to."""
    reading, writing = os.pipe()
    environment = {"PARENT_SECRET": "of the product", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(["sleep", "600"], env=environment, pass_fds=[writing]) as process:
        yield process
        process.kill()
    os.close(reading)
    os.close(writing)


def _answer(server: socket.socket) -> None:
    while True:
        try:
            server.sendto(b"here", server.recvfrom(64)[1])
        except OSError:
            return


def run(
    environment: Path,
    body: str,
    *,
    host: Mapping[str, str] | None = None,
    limits: Limits = SMALL,
    results: tuple[str, ...] = (),
    level: IsolationLevel = IsolationLevel.BUBBLEWRAP,
) -> SandboxResult:
    return run_isolated(
        ["attack.py"],
        files={"attack.py": attacks.source(body).encode()},
        environment=environment,
        level=level,
        variables=host,
        limits=limits,
        results=results,
    )


def assert_stopped(result: SandboxResult) -> None:
    lines = result.output.splitlines()
    assert lines[:1] == ["RAN"], result.output
    assert lines[-1] == "STOPPED", result.output


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ALL)
def test_hostile_code_cannot(
    environment: Path, host: Mapping[str, str], name: str, level: IsolationLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARENT_SECRET", "of the product")
    assert_stopped(run(environment, ALL[name], host=host, level=level))


@pytest.mark.parametrize("name", ALL)
def test_without_the_sandbox_the_same_code_can(
    service_python: Path, host: Mapping[str, str], victim: subprocess.Popen[bytes], name: str, tmp_path: Path
) -> None:
    if name in ROOT_ONLY and os.geteuid() != 0:
        pytest.skip("outside the sandbox only root can do this")
    output = run_outside(service_python, attacks.source(ALL[name]), {**host, "VICTIM": str(victim.pid)}, tmp_path)
    assert output.splitlines()[0] == "RAN"
    assert "BREACHED" in output, output


def run_outside(python: Path, program: str, host: Mapping[str, str], folder: Path) -> str:
    """As a program that is simply started: with the environment and a handle of whoever starts it.

    Mounts are made in a namespace of their own, so that the machine keeps its own as they are.
    """
    (folder / "attack.py").write_text(program)
    reading, writing = os.pipe()
    apart = ["unshare", "--mount", "--propagation", "private"] if os.geteuid() == 0 else []
    try:
        done = subprocess.run(
            [*apart, str(python), "attack.py"],
            cwd=folder,
            env={**os.environ, **host, "PARENT_SECRET": "of the product"},
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    finally:
        os.close(reading)
        os.close(writing)
    return done.stdout


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", attacks.RESOURCES)
def test_hostile_code_cannot_use_up_the_machine_with(environment: Path, name: str, level: IsolationLevel) -> None:
    result = run(environment, attacks.RESOURCES[name], level=level)
    assert result.output.startswith("RAN")
    assert result.ended == "disk" or result.output.splitlines()[-1] == "STOPPED", result.output


@pytest.mark.parametrize("name", attacks.RESOURCES)
def test_with_wide_limits_the_same_code_can(environment: Path, name: str) -> None:
    """The outer cap is what any check has."""
    result = run(
        environment,
        attacks.RESOURCES[name],
        level=IsolationLevel.NONE,
        limits=Limits(wall_seconds=20),
        host={"BESIDE_HOST": "yes"},
    )
    assert result.output.startswith("RAN")
    assert "BREACHED" in result.output, result.output


def test_at_least_forty_attacks_are_tried_at_both_levels() -> None:
    assert len(ALL) + len(attacks.RESOURCES) >= 40


MANY_FILES = """
    folder = {folder!r}
    for number in range(1_000_000):
        open(f"{{folder}}/f{{number}}", "w").close()
"""

MUCH_TOGETHER = """
import time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(os.urandom(1 << 20) * 120)
        time.sleep(20)
time.sleep(20)
"""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("body", "limits", "ended"),
    [
        ("while True: pass", Limits(wall_seconds=1), "timeout"),
        ("import time; time.sleep(60)", Limits(wall_seconds=1), "timeout"),
        ("while True: print('x' * 100_000)", Limits(flood_mb=1, output_kb=16), "output flood"),
        (MANY_FILES.format(folder="."), Limits(files=2000, wall_seconds=5), "too many files"),
        (MANY_FILES.format(folder="/tmp"), Limits(files=2000, wall_seconds=5), "too many files"),
        (MANY_FILES.format(folder="/dev/shm"), Limits(files=2000, wall_seconds=5), "too many files"),
        (MUCH_TOGETHER, Limits(tree_mb=300, wall_seconds=10), "memory"),
    ],
    ids=["endless loop", "sleep", "output", "files in the workspace", "files in tmp", "files in shm", "memory of a tree"],
)  # fmt: skip
def test_what_does_not_end_by_itself_is_ended(
    environment: Path, body: str, limits: Limits, ended: str, level: IsolationLevel
) -> None:
    if level is IsolationLevel.LANDLOCK and "/" in body.partition("folder = ")[2][:8]:
        ended = "exit"  # there it may not write at all
    result = run(environment, body, limits=limits, level=level)
    assert result.output.startswith("RAN")
    assert result.ended == ended
    assert result.duration_seconds < limits.wall_seconds + 3


def test_the_memory_of_a_tree_is_watched_where_the_system_tells_no_children(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_TELLS_CHILDREN", False)
    result = run(environment, MUCH_TOGETHER, limits=Limits(tree_mb=300, wall_seconds=10))
    assert (result.output.startswith("RAN"), result.ended) == (True, "memory")


def test_only_the_first_part_of_a_flood_is_kept(environment: Path) -> None:
    result = run(environment, "while True: print('x' * 100_000)", limits=Limits(flood_mb=1, output_kb=16))
    assert result.output.startswith("RAN")
    assert len(result.output) == 16 << 10


def test_the_limit_of_processor_time_ends_a_loop_before_the_clock_does(environment: Path) -> None:
    result = run(environment, "while True: pass", limits=Limits(cpu_seconds=1, wall_seconds=10))
    assert result.output.startswith("RAN")
    assert (result.ended, result.exit_code) in (("exit", -24), ("exit", -9))


LEFT_BEHIND = """
    import subprocess
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", "left-behind-by-the-test"])
        os._exit(0)
    import time
    time.sleep(0.3)
"""


@pytest.mark.parametrize("level", LEVELS)
def test_a_process_that_was_left_behind_is_ended_and_counted(environment: Path, level: IsolationLevel) -> None:
    result = run(environment, LEFT_BEHIND, level=level)
    assert result.output.startswith("RAN")
    assert (result.ended, result.left_behind) == ("exit", 1)
    assert result.duration_seconds < 5
    assert not [p for p in psutil.process_iter(["cmdline"]) if "left-behind-by-the-test" in (p.info["cmdline"] or ())]


@pytest.mark.parametrize(
    "body",
    [
        "os.symlink(os.environ['SECRET_FILE'], 'report.xml')",
        "os.symlink('/etc/passwd', 'report.xml')",
        "os.mkfifo('report.xml')",
        "os.mkdir('report.xml')",
        "open('report.xml', 'wb').truncate(3 << 20)",
        "open('other', 'w').close(); os.link('other', 'report.xml')",
    ],
    ids=["link to the host", "link inside", "pipe", "folder", "too big", "second name"],
)
def test_a_result_that_is_not_an_ordinary_file_is_not_taken(
    environment: Path, host: Mapping[str, str], body: str
) -> None:
    limits = Limits(result_mb=2, wall_seconds=10)
    body = f"{body}\nopen('honest.xml', 'w').write('here')"
    result = run(environment, body, host=host, limits=limits, results=("report.xml", "honest.xml"))
    assert result.output.splitlines()[0] == "RAN"
    assert dict(result.results) == {"honest.xml": b"here"}


def test_the_files_of_the_host_are_not_changed_by_what_the_code_writes(environment: Path, tmp_path: Path) -> None:
    files = {"attack.py": b"open('kept.txt', 'w').write('changed'); print('RAN')", "kept.txt": b"as it was"}
    result = run_isolated(["attack.py"], files=files, environment=environment, level=IsolationLevel.BUBBLEWRAP)
    assert result.output == "RAN\n"
    assert files["kept.txt"] == b"as it was"


def test_code_may_use_its_own_loopback_threads_and_temporary_files(environment: Path) -> None:
    body = """
        import tempfile, threading
        server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=lambda: socket.create_connection(server.getsockname()).sendall(b"hello")).start()
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        return server.accept()[0].recv(5)
    """
    assert "BREACHED b'hello'" in run(environment, body).output


def test_nothing_of_the_callers_environment_is_inherited(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    result = run(environment, "print(sorted(os.environ))")
    assert "PATH" in result.output
    assert "ANTHROPIC_API_KEY" not in result.output


def test_the_user_inside_is_nobody_of_this_machine(environment: Path) -> None:
    result = run(environment, "print('uid', os.getuid())")
    uid = int(result.output.split("uid ")[1].split()[0])
    assert uid not in (0, os.getuid())


GRANDCHILD = """
    import subprocess, time
    if os.fork() == 0:
        os.setsid()
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", "outlives-by-the-test"])
    time.sleep(60)
"""


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_outlives_a_command_that_is_ended_from_outside(environment: Path, level: IsolationLevel) -> None:
    result = run(environment, GRANDCHILD, limits=Limits(wall_seconds=1), level=level)
    assert (result.output.startswith("RAN"), result.ended) == (True, "timeout")
    deadline = time.monotonic() + 5
    while any("outlives-by-the-test" in (p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_where_namespaces_are_missing_code_may_use_threads_pairs_of_sockets_and_temporary_files(
    environment: Path,
) -> None:
    """What a test suite over an application in the same process needs."""
    body = """
        import asyncio, shutil, tempfile, threading
        one, other = socket.socketpair()
        threading.Thread(target=lambda: one.sendall(b"hello")).start()
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
            shutil.copy(file.name, "copy")
        return asyncio.run(asyncio.sleep(0, other.recv(5)))
    """
    assert "BREACHED b'hello'" in run(environment, body, level=IsolationLevel.LANDLOCK).output
