"""Checks are tried where they run: in the sandbox, with the environment for generated tests."""

from pathlib import Path

import pytest

from services.evidence.environments import Environments, find_environments
from services.evidence.sandbox import probe
from services.settings import read_settings
from tests.machine import missing


@pytest.fixture(scope="session")
def environment(service_python: Path) -> Path:
    problem = probe().problem
    if problem:
        missing(problem)
    return service_python.parent.parent


@pytest.fixture(scope="session")
def environments(environment: Path) -> Environments:
    """Both: that of generated code and that of the tools."""
    found = find_environments(read_settings().environments_dir)
    if found.tools is None:
        missing("The environment of tools is missing; `python -m services prepare` builds it.")
    return found
