"""The command line takes a feature through all four phases; what it leaves can be checked by anybody."""

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


@pytest.mark.whole_run
@pytest.mark.timeout(180)
def test_a_feature_goes_through_all_phases_and_leaves_a_repository(tmp_path: Path, service_python: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    link = greenlight(home, "user", "add", "ada", "--role", "owner")
    assert "/?reset=" in link.stdout, link.stderr
    done = run(home, "--approve-gates", "--export", str(out))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] == "finished"
    assert [len(phase["steps"]) for phase in answer["phases"]] == [3, 4, 3, 3]
    outcomes = {criterion["id"]: criterion["outcome"] for criterion in answer["criteria"]}
    assert (outcomes["test_coverage"], outcomes["acceptance_criteria"]) == ("met", "met")
    assert set(outcomes.values()) == {"met", "not_measured", "not_applicable"}
    assert {p.name for p in out.iterdir()} == {".git", "tree", "reports", "records", "evidence"}
    check_with_git(out)
    check_outside(out / "tree", service_python)


def check_with_git(out: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=out, capture_output=True, text=True, check=True).stdout

    assert len(git("log", "--oneline").splitlines()) == 14
    assert git("status", "--porcelain") == ""
    git("fsck", "--strict")


def check_outside(tree: Path, python: Path) -> None:
    tests = subprocess.run(
        [python, "-m", "pytest", "-q", "tests"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout


def test_without_approval_the_run_waits_at_its_first_gate(tmp_path: Path) -> None:
    greenlight(tmp_path, "user", "add", "ada")
    waiting = run(tmp_path)
    assert waiting.returncode == 4, waiting.stderr
    assert json.loads(waiting.stdout)["status"] == "waiting"


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
def test_wrong_input_is_named_and_nothing_starts(tmp_path: Path, words: list[str], field: str) -> None:
    greenlight(tmp_path, "user", "add", "ada")
    refused = run(tmp_path, *(f"{a}={b}" for a, b in [words]))
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"{field}: ")
    assert refused.stdout == ""


def test_corrections_go_along_one_a_line(tmp_path: Path) -> None:
    greenlight(tmp_path, "user", "add", "ada")
    waiting = run(tmp_path, "--correction", "rename expense to claim", "--correction", "a person decides AC-S1")
    assert waiting.returncode == 4, waiting.stderr
    with sqlite3.connect(tmp_path / "greenlight.db") as database:
        (request,) = database.execute("SELECT request FROM run").fetchone()
    assert json.loads(request)["corrections"] == "rename expense to claim\na person decides AC-S1"


def test_a_pdf_and_a_mock_up_go_along(tmp_path: Path) -> None:
    greenlight(tmp_path, "user", "add", "ada")
    (tmp_path / "rules.pdf").write_bytes(a_pdf("Meals must be at most 40 EUR."))
    (tmp_path / "mock-up.png").write_bytes(a_picture())
    contexts = (f"business={tmp_path / 'rules.pdf'}", f"interface={tmp_path / 'mock-up.png'}")
    waiting = run(tmp_path, *(word for context in contexts for word in ("--context", context)))
    assert waiting.returncode == 4, waiting.stderr
    with sqlite3.connect(tmp_path / "greenlight.db") as database:
        (documents,) = database.execute("SELECT documents FROM run").fetchone()
    assert [d["media_type"] for d in json.loads(documents)] == ["application/pdf", "image/png"]


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
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    greenlight(tmp_path, "user", "add", "ada")
    (tmp_path / name).write_bytes(data)
    refused = run(tmp_path, "--context", f"interface={tmp_path / name}")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert said in refused.stderr
    with sqlite3.connect(tmp_path / "greenlight.db") as database:
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
