"""Runs inside the sandbox, before and around the untrusted command: standard library only.

Makes a private copy of the workspace, sets limits, drops to a throw-away user where it started as root, runs the command
as a child, kills whatever it left behind, and sends the named result files as a tar on a pipe.
"""

import ctypes
import io
import json
import os
import resource
import shutil
import signal
import stat
import sys
import tarfile
import time

MEGABYTE = 1 << 20
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 4, 38, 36
libc = ctypes.CDLL(None, use_errno=True)


def main(config):
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # the command cannot open our file descriptors
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # what it leaves behind becomes our child
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
        limit(resource.RLIMIT_NPROC, limits["processes"])
        if config["uid"]:
            uid = config["uid"]
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        os.closerange(3, 4096)
        os.execve(config["command"][0], config["command"], config["environment"])
    except BaseException as error:
        os.write(2, f"sandbox: cannot start: {error!r}\n".encode())
        os._exit(125)


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
