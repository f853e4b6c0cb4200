"""A request of the corpus taken through the whole workflow by command line, as anybody would, and what it left."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from services.settings import ROOT
from tests.corpus import CorpusRequest
from tests.corpus.options import Row

RUN_SECONDS = 300


@dataclass(frozen=True)
class WholeRun:
    """`answer`: what `--json` printed, empty where it printed nothing. `folder`: the export."""

    request: CorpusRequest
    row: Row
    folder: Path
    exit_code: int
    answer: Mapping[str, Any]
    said: str

    def __str__(self) -> str:
        return f"{self.request.id} ({', '.join(str(value) for value in self.row.values() if value != '')})"

    @property
    def tree(self) -> Path:
        """The generated project."""
        return self.folder / "tree"

    @cached_property
    def records(self) -> dict[str, Any]:
        """Task key -> its newest records."""
        return {
            path.stem.split("-", 1)[1]: read_json(path) for path in sorted((self.folder / "records").glob("*.json"))
        }

    @property
    def measurements(self) -> list[Mapping[str, Any]]:
        """Every measurement of every gate; what a check left beside its figures is none."""
        found = [read_json(path) for path in sorted((self.folder / "evidence").glob("*-*.json"))]
        return [one for one in found if "check" in one and "findings" in one]

    def evidence(self, check: str) -> Mapping[str, Any]:
        """The last measurement of a check; AssertionError where it was never made."""
        found = sorted((self.folder / "evidence").glob(f"*-{check}.json"))
        assert found, f"{check} was never measured: {self}"
        answer: dict[str, Any] = read_json(found[-1])
        return answer


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def command_line(request: CorpusRequest, row: Row, folder: Path) -> list[str]:
    """The words of the command; the request and its documents are written into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    feature = folder / "feature.md"
    feature.write_text(request.description, encoding="utf-8")
    words = ["run", "--as", "ada", f"--title={request.title}", f"--feature-file={feature}", "--approve-gates", "--json"]
    words += [f"--{_option(name)}={value}" for name, value in row.items() if value != ""]
    for document in request.documents:
        # As somebody would hand it over: a name without an ending is that of a pasted text.
        path = folder / (document.name if Path(document.name).suffix else f"{document.name}.md")
        path.write_text(document.text, encoding="utf-8")
        words.append(f"--context={document.kind.value}={path}")
    return words


def _option(field: str) -> str:
    return field.replace("_", "-")


@contextmanager
def taken_through(request: CorpusRequest, row: Row, folder: Path) -> Iterator[WholeRun]:
    """One run in a home of its own; all of it is removed afterwards."""
    environment = {**os.environ, "GREENLIGHT_DATA": str(folder / "home")}
    base, out = [sys.executable, "-m", "services"], folder / "export"
    words = [*command_line(request, row, folder / "request"), f"--export={out}"]
    try:
        subprocess.run(
            [*base, "user", "add", "ada", "--role", "owner"], cwd=ROOT, env=environment, capture_output=True, check=True
        )
        done = subprocess.run(
            [*base, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
        )
        answer = json.loads(done.stdout) if done.stdout else {}
        yield WholeRun(request, row, out, done.returncode, answer, done.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
