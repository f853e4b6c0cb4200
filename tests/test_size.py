"""A file is a page or two, a function fits a screen. Whatever does not is named here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE_LINES = 400
FUNCTION_LINES = 60
# Generated history and files that a generator fills in are not read from top to bottom.
EXEMPT = ("db/migrations/versions", "services/agents/blueprint/templates")


def sources() -> Iterator[Path]:
    for top in ("app.py", "services", "pages", "db", "tests", "benchmarks"):
        place = ROOT / top
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(EXEMPT):
                yield path


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_and_its_functions_fit_their_limits(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION_LINES]
    assert text.count("\n") <= FILE_LINES
    assert not long
