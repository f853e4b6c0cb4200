"""Without bubblewrap the second level takes over and says what it cannot do; without either nothing is run, and the reason says what to do."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.commands.doctor import findings
from services.deps import Deps
from services.evidence.optimisations import measure_change
from services.evidence.page_pictures import measure_page
from services.evidence.sandbox import IsolationLevel, probe
from services.evidence.test_runs import measure_red, measure_tests

FILES = {
    "app/__init__.py": b"",
    "tests/test_one.py": b"def test_one():\n    assert 1 + 1 == 2\n",
}


@pytest.fixture(autouse=True)
def fresh_probe() -> Iterator[None]:
    probe.cache_clear()
    yield
    probe.cache_clear()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def bwrap_that(programs: Path, script: str) -> None:
    (programs / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "bwrap").chmod(0o755)


@pytest.fixture
def no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Mac, whose kernel has none."""
    monkeypatch.setattr("services.evidence.sandbox.probing.sys.platform", "darwin")


def test_where_bubblewrap_is_missing_landlock_takes_over_and_says_what_is_lacking(programs: Path) -> None:
    assert list(programs.iterdir()) == []
    found = probe()
    assert (found.level, found.problem) == (IsolationLevel.LANDLOCK, None)
    assert found.lacks == "Install bubblewrap (Debian and Ubuntu: apt install bubblewrap)."
    assert found.enforced["network"] == "no socket at all, no loopback either"


def test_at_the_second_level_tests_are_measured_and_their_evidence_says_so(
    programs: Path, service_python: Path
) -> None:
    measured = measure_tests(FILES, environment=service_python.parent.parent, minimum_percent=1)
    assert measured.outcome != "not_measured", (measured.reason, measured.log)
    assert measured.isolation == "landlock"
    assert measured.figures["passed"] == 1


def test_at_the_second_level_no_running_service_is_asked(programs: Path, service_python: Path) -> None:
    environment = service_python.parent.parent
    for measured in (
        measure_page(FILES, environment=environment),
        measure_change({}, FILES, environment=environment),
    ):
        assert measured.outcome == "not_measured"
        assert "(landlock) has no loopback" in measured.reason
        assert "Install bubblewrap" in measured.reason


@pytest.mark.usefixtures("no_landlock")
def test_where_both_are_missing_there_is_no_level(programs: Path) -> None:
    found = probe()
    assert found.level is IsolationLevel.NONE
    assert str(found.problem).startswith("Install bubblewrap (Debian and Ubuntu: apt install bubblewrap). Landlock")
    assert found.enforced["files"] == "not enforced"


@pytest.mark.usefixtures("no_landlock")
def test_a_bubblewrap_that_the_machine_refuses_is_not_trusted(programs: Path) -> None:
    bwrap_that(programs, "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    found = probe()
    assert found.level is IsolationLevel.NONE
    assert found.problem is not None
    assert "setting up uid map: Permission denied" in found.problem
    assert "Allow user namespaces" in found.problem


def test_a_bubblewrap_that_cannot_be_started_is_not_trusted(programs: Path) -> None:
    (programs / "bwrap").write_bytes(b"\x7fELF not really")
    (programs / "bwrap").chmod(0o755)
    assert probe().level is IsolationLevel.LANDLOCK
    assert str(probe().lacks).startswith("bubblewrap does not run here")


def test_a_processor_without_a_filter_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert probe().level is IsolationLevel.NONE
    assert "generated tests are not run" in str(probe().problem)


@pytest.mark.usefixtures("no_landlock")
def test_without_a_sandbox_the_tests_are_refused(programs: Path, service_python: Path) -> None:
    environment = service_python.parent.parent
    for measured in (
        measure_tests(FILES, environment=environment, minimum_percent=1),
        measure_red(FILES, environment=environment),
    ):
        assert measured.outcome == "not_measured"
        assert measured.reason.startswith("No sandbox: Install bubblewrap")
        assert (measured.log, measured.duration_seconds) == ("", 0.0)


@pytest.mark.usefixtures("no_landlock")
def test_tests_that_somebody_allowed_without_a_sandbox_say_so_in_every_part(
    programs: Path, service_python: Path
) -> None:
    measured = measure_tests(FILES, environment=service_python.parent.parent, minimum_percent=1, allow_unsandboxed=True)
    assert measured.outcome != "not_measured"
    assert measured.isolation == "none"
    assert {how for part, how in measured.enforced.items() if part != "environment"} == {"not enforced"}


def test_doctor_tells_which_level_there_is_and_what_it_costs(deps: Deps, programs: Path) -> None:
    assert findings(deps.settings)["sandbox"] == (
        "landlock; checks that ask a running service are not measured. "
        "Install bubblewrap (Debian and Ubuntu: apt install bubblewrap)."
    )


@pytest.mark.usefixtures("no_landlock")
def test_doctor_tells_that_there_is_none(deps: Deps, programs: Path) -> None:
    assert findings(deps.settings)["sandbox"].startswith("none: Install bubblewrap")


def test_without_an_environment_nothing_is_measured() -> None:
    measured = measure_tests(FILES, environment=None, minimum_percent=1)
    assert measured.outcome == "not_measured"
    assert "make run" in measured.reason
