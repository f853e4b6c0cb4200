"""The command line takes a feature to its gates; whole runs by command are those of `tests/corpus`."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from services.settings import ROOT
from tests.uploads import a_pdf, a_picture

TEXT = (
    "Expense approvals. Employees submit expenses with an amount, a category and a receipt link. "
    "Managers approve or reject an expense. An approved expense must not be changed."
)


def greenlight(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GREENLIGHT_DATA": str(home)}
    command = [sys.executable, "-m", "services", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150, check=False)


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    asked = ["--as", "ada", "--feature", TEXT, "--methodology", "tdd", "--complexity", "simple", "--json"]
    return greenlight(home, "run", *asked, *words)


@pytest.fixture(scope="module")
def quiet_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Ada is at home and nothing was ever asked for; for calls that leave it so."""
    home = tmp_path_factory.mktemp("home")
    greenlight(home, "user", "add", "ada")
    return home


def test_without_approval_the_run_waits_at_its_first_gate_with_all_that_went_along(tmp_path: Path) -> None:
    home = tmp_path / "home"
    greenlight(home, "user", "add", "ada")
    (tmp_path / "rules.pdf").write_bytes(a_pdf("Meals must be at most 40 EUR."))
    (tmp_path / "mock-up.png").write_bytes(a_picture())
    words = ["--correction", "rename expense to claim", "--correction", "a person decides AC-S1"]
    words += ["--context", f"business={tmp_path / 'rules.pdf'}", "--context", f"interface={tmp_path / 'mock-up.png'}"]
    waiting = run(home, *words)
    assert waiting.returncode == 4, waiting.stderr
    assert json.loads(waiting.stdout)["status"] == "waiting"
    with sqlite3.connect(home / "greenlight.db") as database:
        request, documents = map(json.loads, database.execute("SELECT request, documents FROM run").fetchone())
    assert request["corrections"] == "rename expense to claim\na person decides AC-S1"
    assert [d["media_type"] for d in documents] == ["application/pdf", "image/png"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["--test-coverage-min", "101"], "test_coverage_min"),
        (["--rollout-percentage", "-1"], "rollout_percentage"),
        (["--performance-budget", "fast"], "performance_budget"),
        (["--context", "nothing-here.md"], "context"),
        (["--correction", "x" * 10_001], "corrections"),
    ],
)
def test_wrong_input_is_named_and_nothing_starts(quiet_home: Path, words: list[str], field: str) -> None:
    refused = run(quiet_home, *(f"{a}={b}" for a, b in [words]))
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"{field}: ")
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("scan.pdf", a_pdf(""), "documents: scan.pdf has no text, only pictures of pages"),
        (
            "large.png",
            a_picture() + bytes(5_000_000),
            "large.png has 5,000,088 bytes; a PNG picture may have 5,000,000.",
        ),
    ],
    ids=["scan", "large"],
)
def test_a_context_that_cannot_be_read_is_named_and_leaves_no_draft(
    quiet_home: Path, tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    refused = run(quiet_home, "--context", f"interface={tmp_path / name}")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert said in refused.stderr
    with sqlite3.connect(quiet_home / "greenlight.db") as database:
        assert database.execute("SELECT count(*) FROM feature").fetchone() == (0,)


def test_doctor_tells_what_the_machine_offers(tmp_path: Path) -> None:
    said = greenlight(tmp_path, "doctor")
    assert said.returncode == 0, said.stderr
    assert {"python", "database", "sandbox", "browser", "engines"} <= {
        line.split("  ")[0] for line in said.stdout.splitlines()
    }


def test_an_engine_of_one_step_is_named_by_step_or_number_and_must_be_offered(tmp_path: Path) -> None:
    home = tmp_path / "home"
    greenlight(home, "user", "add", "ada", "--role", "owner")
    for words, said in (
        (("--engine", "4=claude"), "Choose another engine for backend."),
        (("--engine", "coffee=blueprint"), "names no step; use one of business"),
        (("--engine", "blueprint", "--engine", "claude"), "Name one engine for the run"),
        (("--engine", "magic"), "'magic' is not known; choose one of: blueprint, claude."),
    ):
        done = run(home, *words)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
