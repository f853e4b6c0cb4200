"""Checks are tried where they run: in the sandbox, with the environment for generated tests."""

from pathlib import Path

import pytest

from services.evidence.sandbox import probe
from tests.machine import missing


@pytest.fixture(scope="session")
def environment(service_python: Path) -> Path:
    problem = probe().problem
    if problem:
        missing(problem)
    return service_python.parent.parent
