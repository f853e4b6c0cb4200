"""Runs inside the sandbox, before and around the untrusted command: standard library only.

Makes a private copy of the workspace, sets limits, drops to a throw-away user where it started as root, runs the command
as a child, kills whatever it left behind, and sends the named result files as a tar on a pipe. Where no namespaces hold
the command, the child takes Landlock and the system-call filter upon itself, and a request to end ends the whole tree.
"""

import base64
import ctypes
import io
import json
import os
import resource
import shutil
import signal
import stat
import struct
import sys
import tarfile
import time

MEGABYTE = 1 << 20
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER, PR_SET_SECCOMP = 1, 4, 38, 36, 22
PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CAPABILITY_VERSION, CAP_DAC_READ_SEARCH = 0x20080522, 2
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER, MAKE_CHAR, MAKE_BLOCK = 1, 2, 4, 8, 1 << 6, 1 << 11
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
libc = ctypes.CDLL(None, use_errno=True)


def main(config):
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # the command cannot open our file descriptors
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # what it leaves behind becomes our child
    if config["landlock"]:
        signal.signal(signal.SIGTERM, give_up)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    os.set_inheritable(config["pipe"], False)
    work = config["work"]
    shutil.copytree(config["source"], work, symlinks=True, dirs_exist_ok=True)
    if config["uid"]:
        give_to(work, config["uid"])
    os.chdir(work)
    child = os.fork()
    if child == 0:
        start(config)
    _, status = os.waitpid(child, 0)
    send(config, os.waitstatus_to_exitcode(status), end_the_rest())
    os._exit(0)


def give_up(*_):
    end_the_rest()
    os._exit(1)


def give_to(folder, uid):
    for place, _, names in os.walk(folder):
        for path in [place, *(os.path.join(place, name) for name in names)]:
            os.lchown(path, uid, uid)


def start(config):
    try:
        os.setsid()
        limits = config["limits"]
        limit(resource.RLIMIT_CORE, 0)
        limit(resource.RLIMIT_FSIZE, limits["file_mb"] * MEGABYTE)
        limit(resource.RLIMIT_NOFILE, limits["open_files"])
        if limits["memory_mb"]:
            limit(resource.RLIMIT_AS, limits["memory_mb"] * MEGABYTE)
        limit(resource.RLIMIT_CPU, limits["cpu_seconds"])
        limit(resource.RLIMIT_NPROC, limits["processes"] + config["processes_there"])
        if config["uid"]:
            uid = config["uid"]
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            if config["keeps_reading"]:
                libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
            os.setresuid(uid, uid, uid)
            if config["keeps_reading"]:
                keep_reading()
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        os.closerange(3, 4096)
        if config["landlock"]:
            restrict_files(config["landlock"])
            filter_calls(base64.b64decode(config["filter"]))
        os.execve(config["command"][0], config["command"], config["environment"])
    except BaseException as error:
        os.write(2, f"sandbox: cannot start: {error!r}\n".encode())
        os._exit(125)


def keep_reading():
    """The one right to pass folders that are closed to others, for an interpreter that lies in root's own; Landlock still holds."""
    bit = 1 << CAP_DAC_READ_SEARCH
    head, data = struct.pack("II", CAPABILITY_VERSION, 0), struct.pack("6I", bit, bit, bit, 0, 0, 0)
    checked(libc.capset(ctypes.create_string_buffer(head), ctypes.create_string_buffer(data)))
    checked(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0))


def restrict_files(places):
    """Landlock: nothing but these can be read or written from here on, by this process and all that it starts."""
    version = libc.syscall(LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        raise OSError("this kernel has no Landlock")
    files = (1 << 13) - 1 | sum(1 << bit for bit, since in ((13, 2), (14, 3), (15, 5)) if version >= since)
    network, scoped = 3 if version >= 4 else 0, 3 if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = checked(libc.syscall(LANDLOCK_CREATE, struct.pack("<QQQ", files, network, scoped)[:size], size, 0))
    of_one_file = files & (EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15)
    for paths, rights in (
        (places["read"], EXECUTE | READ_FILE | READ_FOLDER),
        (places["write"], files & ~(MAKE_CHAR | MAKE_BLOCK)),
        (DEVICES, READ_FILE | WRITE_FILE),
    ):
        for path in paths:
            try:
                handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            allowed = rights & (files if os.path.isdir(path) else of_one_file)
            checked(libc.syscall(LANDLOCK_ADD, ruleset, 1, struct.pack("<Qi", allowed, handle), 0))
            os.close(handle)
    checked(libc.syscall(LANDLOCK_RESTRICT, ruleset, 0))
    os.close(ruleset)


def filter_calls(program):
    kept = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HxxxxxxP", len(program) // 8, ctypes.addressof(kept))
    checked(libc.prctl(PR_SET_SECCOMP, 2, ctypes.create_string_buffer(head, len(head)), 0, 0))


def checked(answer):
    if answer < 0:
        raise OSError(ctypes.get_errno(), "the sandbox cannot be closed")
    return answer


def limit(kind, value):
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def descendants():
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    parents[int(name)] = int(file.read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
    me, found = os.getpid(), []
    for pid in parents:
        above = pid
        while above in parents and above != me:
            above = parents[above]
        if above == me and pid != me:
            found.append(pid)
    return found


def end_the_rest():
    """Kills every process that the command left behind; how many there were."""
    seen = set()
    for _ in range(200):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        rest = descendants()
        if not rest:
            break
        for pid in rest:
            seen.add(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        time.sleep(0.01)
    return len(seen)


def send(config, code, left_behind):
    with os.fdopen(config["pipe"], "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|") as tar:
        add(tar, "__end__.json", json.dumps({"code": code, "left_behind": left_behind}).encode())
        most = config["limits"]["result_mb"] * MEGABYTE
        for name in config["results"]:
            try:
                handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except OSError:
                continue
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode) or about.st_size > most or about.st_nlink != 1:
                os.close(handle)
                continue
            with os.fdopen(handle, "rb") as file:
                add(tar, name, file.read(most))


def add(tar, name, data):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


main(json.loads(sys.argv[1]))
