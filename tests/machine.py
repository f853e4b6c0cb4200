"""What a test may find missing on a machine, or taken by others."""

import os
import socket
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """A part that a test needs is not on this machine: skipped by hand, failed in CI."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def stretched(seconds: float) -> float:
    """A limit on waiting, for a machine whose cores other tests want as well: by how many want each core now."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
