"""A system-call filter as classic BPF, for x86_64 and aarch64, without a library.

Refused: what changes namespaces, mounts, kernel modules, keys or other processes' memory; sockets other than Unix and
IP; terminal injection by ioctl. clone3 answers ENOSYS, so that the C library uses clone, whose flags can be checked.
Where namespaces are shared with the host, also: every socket, memory and queues between processes, what acts on other
processes, and what changes a file's rights or times by its path, which answers as if it had been done.
"""

import platform
import struct

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# name: (number on x86_64, number on aarch64); None where it does not exist.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "personality": (135, 92),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
}
# Only where the host's namespaces are shared.
_REFUSED_BESIDE_HOST: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "process_madvise": (440, 440),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "truncate": (76, 45),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
}
_PRETENDED_BESIDE_HOST: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "utimensat": (280, 88),
    "futimesat": (261, None),
}
# Its first argument names a process, 0 the caller.
_PRLIMIT = (302, 261)
_SOCKET, _CLONE, _CLONE3, _IOCTL = (41, 198), (56, 220), (435, 435), (16, 29)
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NEW_NAMESPACES = 0x7E020000
_X32_BIT = 0x40000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24  # offsets in struct seccomp_data
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX


def is_supported() -> bool:
    return platform.machine() in _ARCHITECTURES


def build_filter(*, is_beside_host: bool = False) -> bytes:
    """The program, as bwrap's --seccomp reads it: struct sock_filter after struct sock_filter.

    `is_beside_host`: the command shares the host's namespaces.
    """
    audit, column = _ARCHITECTURES[platform.machine()]
    program: list[tuple[int, int, int, int]] = []

    def add(code: int, value: int, if_true: int = 0, if_false: int = 0) -> None:
        program.append((code, if_true, if_false, value))

    add(_LOAD, _ARCHITECTURE)
    add(_JUMP_EQUAL, audit, 1, 0)
    add(_RETURN, _ERRNO | _EPERM)
    add(_LOAD, _NUMBER)
    if column == 0:
        add(_JUMP_GREATER, _X32_BIT, 0, 1)
        add(_RETURN, _ERRNO | _EPERM)
    refused = {**_REFUSED, **(_REFUSED_BESIDE_HOST if is_beside_host else {})}
    pretended = _PRETENDED_BESIDE_HOST if is_beside_host else {}
    for names, answer in ((refused, _EPERM), (pretended, 0)):
        for numbers in names.values():
            number = numbers[column]
            if number is not None:
                add(_JUMP_EQUAL, number, 0, 1)
                add(_RETURN, _ERRNO | answer)
    if is_beside_host:
        add(_JUMP_EQUAL, _PRLIMIT[column], 0, 4)
        add(_LOAD, _FIRST_ARGUMENT)
        add(_JUMP_EQUAL, 0, 1, 0)
        add(_RETURN, _ERRNO | _EPERM)
        add(_RETURN, _ALLOW)
    add(_JUMP_EQUAL, _CLONE3[column], 0, 1)
    add(_RETURN, _ERRNO | _ENOSYS)
    add(_JUMP_EQUAL, _CLONE[column], 0, 4)
    add(_LOAD, _FIRST_ARGUMENT)
    add(_JUMP_SET, _NEW_NAMESPACES, 0, 1)
    add(_RETURN, _ERRNO | _EPERM)
    add(_RETURN, _ALLOW)
    add(_JUMP_EQUAL, _SOCKET[column], 0, 3 + len(_FAMILIES))
    add(_LOAD, _FIRST_ARGUMENT)
    for position, family in enumerate(_FAMILIES):
        add(_JUMP_EQUAL, family, len(_FAMILIES) - position, 0)
    add(_RETURN, _ERRNO | _EAFNOSUPPORT)
    add(_RETURN, _ALLOW)
    add(_JUMP_EQUAL, _IOCTL[column], 0, 5)
    add(_LOAD, _SECOND_ARGUMENT)
    add(_JUMP_EQUAL, _TERMINAL_INJECTION[0], 1, 0)
    add(_JUMP_EQUAL, _TERMINAL_INJECTION[1], 0, 1)
    add(_RETURN, _ERRNO | _EPERM)
    add(_RETURN, _ALLOW)
    add(_RETURN, _ALLOW)
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
