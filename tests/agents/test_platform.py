"""What every generated service stands on: its own tests pass, cover it whole, and hold in each combination of options."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.agents.blueprint.implementation.platform import REQUIRED
from services.features.understanding import Integration, Resource, Understanding
from services.workflow.options import DeploymentStrategy, FlagService
from tests.agents.designs import service_of, write
from tests.agents.understandings import BOOKING, ROOM, ROOM_RULES, field, plain, understanding

SYSTEMS = tuple(
    Integration(name=name, kind=kind, purpose=f"for {kind}")
    for name, kind in (("Stripe", "payment"), ("SendGrid", "email"), ("S3", "storage"), ("Kafka", "queue"), ("ERP", "service"))
)  # fmt: skip
EVERYTHING = ("graphql", "webhook", "websocket")
# The modules that belong to no entity and to no rule.
OTHERS = ("app/listing.py", "app/records.py", "app/sweep.py")


def files_of_service(asked: Understanding, **options: Any) -> dict[str, bytes]:
    return {path: data for draft in service_of(asked, **options).values() for path, data in draft.files.items()}


def connected(**more: object) -> Understanding:
    found = understanding((BOOKING, ROOM), ROOM_RULES)
    return found.model_copy(update={"interfaces": EVERYTHING, "integrations": SYSTEMS, **more})


def run(folder: Path, python: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-m", *words], cwd=folder, capture_output=True, text=True, check=False)


def covered(folder: Path, python: Path) -> dict[str, float]:
    """File -> percent of lines and branches that the tests of the platform run. They pass."""
    tests = sorted(str(path.relative_to(folder)) for path in (folder / "tests").glob("test_platform_*.py"))
    told = ["--cov=app", "--cov-branch", "--cov-report=json:coverage.json", "--cov-report="]
    done = run(folder, python, "pytest", "-q", "-p", "no:cacheprovider", *told, *tests)
    assert done.returncode == 0, done.stdout[-3000:]
    files = json.loads((folder / "coverage.json").read_text())["files"]
    return {
        path: found["summary"]["percent_covered"]
        for path, found in files.items()
        if path.count("/") == 1 or "integrations" in path
    }


@pytest.mark.parametrize("asked", [connected(), plain()], ids=["with everything", "plain"])
def test_the_tests_of_the_platform_cover_it_whole(asked: Understanding, tmp_path: Path, service_python: Path) -> None:
    folder = write(files_of_service(asked), tmp_path)
    percents = covered(folder, service_python)
    assert {path: percent for path, percent in percents.items() if percent < 100 and path not in OTHERS} == {}


@pytest.mark.parametrize("service", FlagService)
@pytest.mark.parametrize("strategy", [DeploymentStrategy.A_B_TEST, DeploymentStrategy.DIRECT])
def test_a_flag_is_read_as_its_vendor_reads_it(
    service: FlagService, strategy: DeploymentStrategy, tmp_path: Path, service_python: Path
) -> None:
    files = files_of_service(plain(), feature_flag_service=service, deployment_strategy=strategy)
    folder = write(files, tmp_path)
    done = run(folder, service_python, "pytest", "-q", "-p", "no:cacheprovider", "tests/test_platform_flags.py")
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_service_has_what_it_needs_and_nothing_else() -> None:
    asked, without = files_of_service(connected()), files_of_service(plain())
    needed = {line.split("==")[0] for line in without["requirements.txt"].decode().splitlines()}
    assert needed == set(REQUIRED)
    more = {line.split("==")[0] for line in asked["requirements.txt"].decode().splitlines()}
    assert more - needed == {"graphql-core", "websockets"}
    assert not {"app/webhooks.py", "app/live.py", "app/graph.py", "app/record_events.py"} & without.keys()
    assert not [path for path in without if path.startswith("app/integrations/")]
    assert b"sweep" not in without["Makefile"]


def test_each_entry_of_roles_stands_on_its_own_line() -> None:
    source = files_of_service(connected())["app/access.py"].decode()
    table = next(n for n in ast.parse(source).body if isinstance(n, ast.AnnAssign))
    assert isinstance(table.value, ast.Dict)
    lines = [key.lineno for key in table.value.keys if key]
    assert len(lines) == len(set(lines))


def test_what_people_typed_ends_no_docstring_and_no_string() -> None:
    systems = (Integration(name='Evil"""\nimport os', kind="email", purpose='"""; raise SystemExit \\'),)
    files = files_of_service(plain().model_copy(update={"integrations": systems}), title='"""<b>{{ x }}\\')
    for path, data in files.items():
        if path.endswith(".py"):
            assert not [
                n for n in ast.walk(ast.parse(data)) if isinstance(n, ast.Raise) and "SystemExit" in ast.dump(n)
            ]
    assert "<b>" not in files["app/README.md"].decode()


def test_linter_and_scanner_find_nothing_high(tmp_path: Path) -> None:
    folder = write(files_of_service(connected()), tmp_path)
    linted = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout
    scanned = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-r", "app", "-lll"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert scanned.returncode == 0, scanned.stdout


def test_it_does_not_start_without_a_secret(tmp_path: Path, service_python: Path) -> None:
    folder = write(files_of_service(plain()), tmp_path)
    code = "from fastapi.testclient import TestClient; from app.main import app; TestClient(app).__enter__()"
    environment = {name: value for name, value in os.environ.items() if name not in ("TOKEN_SECRET", "SIGN_IN")}
    done = subprocess.run(
        [service_python, "-c", code], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode != 0
    assert "Set TOKEN_SECRET to at least 32 bytes" in done.stderr


def test_records_may_be_called_like_a_module(tmp_path: Path, service_python: Path) -> None:
    kept = tuple(
        Resource(name=name, plural=f"{name}s", label=name.capitalize(), fields=(field("text", required=True),))
        for name in ("problem", "flag", "record", "limit")
    )
    asked = understanding(kept, ()).model_copy(update={"interfaces": EVERYTHING})
    folder = write(files_of_service(asked), tmp_path)
    done = run(folder, service_python, "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert done.returncode == 0, done.stdout[-3000:]
