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
ASKED = ("--as", "ada", "--feature", TEXT, "--methodology", "tdd", "--complexity", "simple", "--json")


def greenlight(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GREENLIGHT_DATA": str(home)}
    command = [sys.executable, "-m", "services", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150, check=False)


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return greenlight(home, "run", *ASKED, *words)


# Runs the command line once for each list of words on its standard input: to load it takes longer than to refuse.
SEVERAL = """
import contextlib, io, json, sys
from services.__main__ import main

told = []
for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    told.append((code, out.getvalue(), err.getvalue()))
json.dump(told, sys.stdout)
"""


def refused(home: Path, *calls: list[str]) -> list[str]:
    """What the command line said to each call to run, all of which it must refuse."""
    environment = {**os.environ, "GREENLIGHT_DATA": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL], input=json.dumps([["run", *ASKED, *words] for words in calls]),
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert [(code, out) for code, out, _ in told] == [(2, "")] * len(calls)
    return [said for _, _, said in told]


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


WRONG = {
    "test_coverage_min": ["--test-coverage-min=101"],
    "rollout_percentage": ["--rollout-percentage=-1"],
    "performance_budget": ["--performance-budget=fast"],
    "context": ["--context=nothing-here.md"],
    "corrections": [f"--correction={'x' * 10_001}"],
}


def test_wrong_input_is_named_and_nothing_starts(quiet_home: Path) -> None:
    told = refused(quiet_home, *WRONG.values())
    assert [said for field, said in zip(WRONG, told, strict=True) if not said.startswith(f"{field}: ")] == []
    assert is_empty(quiet_home)


def test_a_context_that_cannot_be_read_is_named_and_leaves_no_draft(quiet_home: Path, tmp_path: Path) -> None:
    scan, large = tmp_path / "scan.pdf", tmp_path / "large.png"
    scan.write_bytes(a_pdf(""))
    large.write_bytes(a_picture() + bytes(5_000_000))
    told = refused(quiet_home, *(["--context", f"interface={path}"] for path in (scan, large)))
    assert "documents: scan.pdf has no text, only pictures of pages" in told[0]
    assert "large.png has 5,000,088 bytes; a PNG picture may have 5,000,000." in told[1]
    assert is_empty(quiet_home)


def is_empty(home: Path) -> bool:
    with sqlite3.connect(home / "greenlight.db") as database:
        [(features,)] = database.execute("SELECT count(*) FROM feature").fetchall()
    return not features


def test_doctor_tells_what_the_machine_offers(tmp_path: Path) -> None:
    said = greenlight(tmp_path, "doctor")
    assert said.returncode == 0, said.stderr
    assert {"python", "database", "sandbox", "browser", "engines"} <= {
        line.split("  ")[0] for line in said.stdout.splitlines()
    }


def test_an_engine_of_one_step_is_named_by_step_or_number_and_must_be_offered(quiet_home: Path) -> None:
    cases = (
        (["--engine", "4=claude"], "Choose another engine for backend."),
        (["--engine", "coffee=blueprint"], "names no step; use one of business"),
        (["--engine", "blueprint", "--engine", "claude"], "Name one engine for the run"),
        (["--engine", "magic"], "'magic' is not known; choose one of: blueprint, claude."),
    )
    told = refused(quiet_home, *(words for words, _ in cases))
    assert [(wanted, said) for (_, wanted), said in zip(cases, told, strict=True) if wanted not in said] == []
