"""Loaded beside greenlight_plugin where the whole application is broken: lists the tests that fail and came past broken code."""

import json
import os
import secrets
from collections.abc import Generator
from pathlib import Path

import greenlight_switch
import pytest

REPORT = Path("breakages.json").resolve()
# A name that no test can know beforehand.
MET = Path(f"{secrets.token_hex(8)}.met").resolve()
os.environ[greenlight_switch.PLACE] = str(MET)
failing: list[str] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    MET.unlink(missing_ok=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and MET.exists():
        failing.append(item.nodeid)
    return report


def pytest_sessionfinish() -> None:
    REPORT.write_text(json.dumps(failing), encoding="utf-8")
