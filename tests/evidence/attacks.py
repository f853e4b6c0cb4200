"""What hostile code tries inside the sandbox. Each attack prints RAN, then STOPPED or BREACHED with what it got.

`TARGETS` names the variables through which the test says where its own files and servers are. Outside the sandbox `VICTIM` names
the one process that an attack may harm.
"""

import textwrap

TARGETS = ("SECRET_FILE", "WRITABLE_FOLDER", "CHECKOUT", "HOST_HOME", "TCP_PORT", "UDP_PORT", "UNIX_SOCKET")

_FRAME = """
import ctypes, os, socket, sys
print("RAN", flush=True)
libc = ctypes.CDLL(None, use_errno=True)
# An address that nobody has; outside the sandbox the test gives one of its own.
world = ("127.0.0.1", int(os.environ["TCP_PORT"])) if "VICTIM" in os.environ else ("192.0.2.1", 53)
other = int(os.environ.get("VICTIM", os.getppid()))

def syscall(x86, arm, *arguments):
    ctypes.set_errno(0)
    answer = libc.syscall(x86 if os.uname().machine == "x86_64" else arm, *arguments)
    return answer, ctypes.get_errno()

def attack():
{body}

try:
    got = attack()
except (OSError, MemoryError, ValueError) as error:
    got = None
    print(type(error).__name__, error)
print("STOPPED" if not got else f"BREACHED {{got!r}}", flush=True)
"""


def source(body: str) -> str:
    """The whole program of an attack; its body returns what it got, or nothing."""
    return _FRAME.format(body=textwrap.indent(textwrap.dedent(body).strip(), "    "))


FILES = {
    "read a file beside the product's database": "return open(os.environ['SECRET_FILE']).read()",
    "follow a link to it": """
        os.symlink(os.environ["SECRET_FILE"], "link")
        return open("link").read()
        """,
    "reach it through the root of every process": """
        for pid in [name for name in os.listdir("/proc") if name.isdigit()]:
            for way in ("root", "cwd"):
                try:
                    return open(f"/proc/{pid}/{way}" + os.environ["SECRET_FILE"]).read()
                except OSError:
                    continue
        """,
    "read the hashes of passwords": "return open('/etc/shadow').read()",
    "read the product's own checkout": "return os.listdir(os.environ['CHECKOUT'] + '/services')",
    "read the home": """
        home = os.environ["HOST_HOME"]
        names = os.listdir(home) if os.path.isdir(home) else []
        return [name for name in names if os.path.isfile(f"{home}/{name}")]
        """,
    "open a disk": """
        usual = {"null", "zero", "full", "random", "urandom", "tty", "console", "ptmx"}
        return [n for n in os.listdir("/dev") if not os.path.isdir(f"/dev/{n}") and n not in usual
                and not os.path.islink(f"/dev/{n}")]
        """,
    "make a device": """
        os.mknod("zero", 0o020666, os.makedev(1, 5))
        return open("zero", "rb").read(16)
        """,
    "write into a folder of the host": """
        with open(os.environ["WRITABLE_FOLDER"] + "/written", "w") as file:
            return file.write("written")
        """,
    "write anywhere but in the workspace": """
        written = []
        for folder in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/greenlight-source", sys.prefix, os.path.dirname(os.__file__)):
            try:
                open(folder + "/written", "w").close()
                os.remove(folder + "/written")
                written.append(folder)
            except OSError:
                continue
        return written
        """,
    "replace the stub": """
        for stub in ("/greenlight-inside.py", os.environ["CHECKOUT"] + "/services/evidence/sandbox/inside.py"):
            try:
                return open(stub, "r+").name
            except OSError:
                continue
        """,
}

PROCESSES = {
    "read the environment of what started it": """
        for pid in [name for name in os.listdir("/proc") if name.isdigit()]:
            try:
                if b"PARENT_SECRET" in open(f"/proc/{pid}/environ", "rb").read():
                    return pid
            except OSError:
                continue
        """,
    "find the secret in its own environment": "return os.environ.get('PARENT_SECRET')",
    "see the processes of the host": """
        names = [name for name in os.listdir("/proc") if name.isdigit()]
        return names if len(names) > 8 else None
        """,
    "write its own results into the pipe": """
        pids = [os.environ["VICTIM"]] if "VICTIM" in os.environ else os.listdir("/proc")
        for pid in [name for name in pids if name.isdigit() and int(name) != os.getpid()]:
            try:
                for handle in os.listdir(f"/proc/{pid}/fd"):
                    if os.readlink(f"/proc/{pid}/fd/{handle}").startswith("pipe:") and int(handle) > 2:
                        return os.write(os.open(f"/proc/{pid}/fd/{handle}", os.O_WRONLY), b"forged")
            except OSError:
                continue
        """,
    "use an inherited handle": """
        handles = [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]
        return [h for h in handles if os.path.lexists(f"/proc/self/fd/{h}") and not os.readlink(f"/proc/self/fd/{h}").endswith("/fd")]
        """,
    "become root": """
        os.setuid(0)
        return os.getuid() == 0
        """,
    "keep a capability": """
        lines = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
        held = {name: lines[name].strip() for name in ("CapPrm", "CapEff", "CapAmb")}
        return [name for name, mask in held.items() if int(mask, 16)]
        """,
    "gain rights through a setuid program": """
        lines = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
        return lines["NoNewPrivs"].strip() != "1"
        """,
    "lift its own limits": """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return True
        """,
    "trace its parent": "return libc.ptrace(16, other, 0, 0) == 0",
}

NETWORK = {
    "connect to a server of the host": "return socket.create_connection(('127.0.0.1', int(os.environ['TCP_PORT'])), 1)",
    "connect to the world": "return socket.create_connection(world, 1)",
    "send a datagram to the world": "return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', world)",
    "ask for an answer by datagram": """
        asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        asking.settimeout(0.3)
        asking.sendto(b"anybody?", ("127.0.0.1", int(os.environ["UDP_PORT"])))
        return asking.recv(16)
        """,
    "connect to a socket file of the host": """
        client = socket.socket(socket.AF_UNIX)
        client.connect(os.environ["UNIX_SOCKET"])
        return True
        """,
    "connect to a socket without a file": """
        client = socket.socket(socket.AF_UNIX)
        client.connect("\\0" + os.environ["UNIX_SOCKET"])
        return True
        """,
    "talk to the hypervisor": "return socket.socket(40, socket.SOCK_STREAM)",
    "talk to the kernel by netlink": "return socket.socket(16, socket.SOCK_RAW, 0)",
    "listen on the wire": "return socket.socket(17, socket.SOCK_RAW, 0)",
    "use a raw socket": "return socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
}

SYSTEM_CALLS = {
    "unshare a user namespace": "return libc.unshare(0x10000000) == 0",
    "unshare the network": "return libc.unshare(0x40000000) == 0",
    "clone into a user namespace": """
        answer, number = syscall(56, 220, 0x10000000 | 17, 0, 0, 0, 0)
        if answer == 0:
            os._exit(0)
        return answer > 0
        """,
    "clone by the newer call": """
        answer, number = syscall(435, 435, ctypes.create_string_buffer(88), 88)
        return number != 38
        """,
    "mount a file system": "return libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
    "unmount one": "return libc.umount2(b'/proc', 2) == 0",
    "enter another namespace": "return libc.setns(os.open('/proc/self/ns/net', os.O_RDONLY), 0) == 0",
    "change the root": "os.chroot('/tmp'); return True",
    "load a program into the kernel": "return syscall(321, 280, 0, ctypes.create_string_buffer(64), 64)[1] != 1",
    "read the keys of the kernel": "return syscall(250, 219, 0, -3, 0)[1] != 1",
    "go around the filter by a ring": "return syscall(425, 425, 4, ctypes.create_string_buffer(256))[1] != 1",
    "watch the kernel": "return syscall(298, 241, ctypes.create_string_buffer(128), 0, -1, -1, 0)[1] != 1",
    "read the memory of its parent": "return syscall(310, 270, other, None, 0, None, 0, 0)[1] != 1",
    "type into the terminal": """
        import fcntl
        try:
            fcntl.ioctl(0, 0x5412, b"x")
        except OSError as error:
            return error.errno != 1
        return True
        """,
}

# With Limits(processes=32, memory_mb=512, work_mb=16, temporary_mb=8, open_files=64, file_mb=4).
RESOURCES = {
    "a fork bomb": """
        for count in range(200):
            if os.fork() == 0:
                import time
                time.sleep(20)
                os._exit(0)
        return count
        """,
    "more memory than allowed": "return len(bytearray(600 << 20))",
    "one file larger than allowed": """
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with open("large", "wb", buffering=0) as file:
            for _ in range(6):
                file.write(bytes(1 << 20))
        return True
        """,
    "more disk than allowed": """
        written = 0
        for folder in (".", "/tmp", "/dev/shm"):
            try:
                for number in range(400):
                    with open(f"{folder}/part{number}", "wb", buffering=0) as file:
                        written += file.write(bytes(1 << 20))
            except OSError:
                continue
            finally:
                for name in os.listdir(folder) if "BESIDE_HOST" in os.environ else ():
                    if name.startswith("part"):
                        os.remove(f"{folder}/{name}")
        return written if written > (16 + 8 + 64) << 20 else None
        """,
    "more open files than allowed": "return [open('/dev/null') for _ in range(100)]",
}
