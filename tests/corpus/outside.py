"""What tools that are not ours say of a generated project. Each function gives its complaints, so that none hides another."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from openapi_spec_validator import OpenAPIV31SpecValidator
from playwright.sync_api import Browser

from services.errors import InvalidInput
from services.workspaces.paths import check_path
from tests.agents.page_service import opened, sign_in, wait_for
from tests.corpus.runs import read_json
from tests.machine import a_free_port

TEMPLATE_MARKS = ("{{", "{%", "undefined", "None,")
SECRET = "a secret of this test and of nothing else"
SECONDS = 60
# One process instead of four; `python -m alembic` does the same with its words.
MIGRATE = """
from alembic.config import main
for words in (["upgrade", "head"], ["downgrade", "base"], ["upgrade", "head"], ["check"]):
    main(argv=words, prog="alembic")
"""


def template_marks(folder: Path, typed: str) -> list[str]:
    """Marks in Markdown that nobody typed: a template that met no value."""
    marks = [mark for mark in TEMPLATE_MARKS if mark not in typed]
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.md"))}
    return [
        f"{path.relative_to(folder)}:{number}: {mark} in {line.strip()[:120]}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        for mark in marks
        if mark in line.replace("\\{", "")
    ]


def ways_out(folder: Path) -> list[str]:
    """Files that no workspace may hold, and links of Markdown to files that are not there."""
    said = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            said.append(f"{name} is a symbolic link")
        try:
            check_path(name)
        except InvalidInput as error:
            said.append(str(error))
    for path in sorted(folder.rglob("*.md")):
        said += [
            f"{path.relative_to(folder)} leads to {link}" for link in _links(path) if not _is_inside(folder, path, link)
        ]
    return said


def _links(path: Path) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8"))
    spans = [child for token in tokens for child in token.children or ()]
    found = [
        str(span.attrs.get("href") or span.attrs.get("src") or "")
        for span in spans
        if span.type in ("link_open", "image")
    ]
    return [link for link in found if link and not urlsplit(link).scheme and not link.startswith("#")]


def _is_inside(folder: Path, path: Path, link: str) -> bool:
    target = (path.parent / unquote(urlsplit(link).path)).resolve()
    return target.is_relative_to(folder.resolve()) and target.exists()


def git(folder: Path, *words: str) -> str:
    """What it prints. Raises: CalledProcessError."""
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def failing_tests(tree: Path, python: Path) -> list[str]:
    """The last lines of its own tests, run as its developers run them; empty when they pass."""
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()[-15:] if done.returncode else []


def ruff_findings(tree: Path) -> list[str]:
    done = _call([sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."], tree)
    return done.stdout.splitlines() if done.returncode else []


def bandit_findings(tree: Path) -> list[str]:
    """Those of high severity."""
    done = _call(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "bandit",
            "--quiet",
            "--recursive",
            "--format=json",
            "app",
            "analytics",
            "migrations",
        ],
        tree,
    )
    found = json.loads(done.stdout)
    troubles = [f"{error['filename']}: {error['reason']}" for error in found["errors"]]
    rows = [row for row in found["results"] if row["issue_severity"] == "HIGH"]
    return troubles + [f"{row['filename']}:{row['line_number']}: {row['test_id']} {row['issue_text']}" for row in rows]


def openapi_complaints(tree: Path) -> list[str]:
    document = read_json(tree / "design" / "openapi.json")
    return [
        f"{'/'.join(map(str, error.path))}: {error.message[:200]}"
        for error in OpenAPIV31SpecValidator(document).iter_errors()
    ]


def migration_troubles(tree: Path, python: Path, folder: Path) -> list[str]:
    """Up, down and up again on an empty SQLite file; afterwards nothing is left to migrate."""
    variables = {"DATABASE_URL": f"sqlite:///{folder / 'migrated.db'}", "SIGN_IN": "local"}
    done = _call([str(python), "-c", MIGRATE], tree, **variables)
    return done.stderr.strip().splitlines()[-3:] if done.returncode else []


@contextmanager
def made_to_run(tree: Path, python: Path, folder: Path) -> Iterator[str]:
    """The service as `make run` starts it, but with a Python that has its packages and at a free port. Its address."""
    told = _call(["make", "--silent", "--dry-run", "--old-file=.venv/ready", "run", f"PYTHON={python}"], tree)
    assert told.returncode == 0, f"`make run` cannot be read: {told.stderr}"
    port = str(a_free_port())
    assert told.stdout.count("8000") == 1, f"`make run` names another port than the README: {told.stdout}"
    variables = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'service.db'}", "TOKEN_SECRET": SECRET}
    command = f"exec env {told.stdout.strip().replace('8000', port)}"
    process = subprocess.Popen(command, cwd=tree, env=variables, shell=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def page_troubles(address: str, browser: Browser) -> list[str]:
    """Somebody opens the page and signs in, and sees a list of what the service keeps."""
    with opened(browser, address) as (page, _, errors):
        if page.locator("#sign-in").count():
            sign_in(page, "ada", page.locator("#role option").first.get_attribute("value") or "")
        page.locator("#results :is(table, .notice, dl)").first.wait_for()
        return errors


def _call(words: Sequence[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
