"""What the workspace's tests are by their source: the tests that must be reported, and what no test may do.

Tests share an interpreter with pytest, so a report is believed only when it tells of exactly the tests that the source
holds. Source: tricks that were tried against the harness, see tests/evidence/test_cheats.py.
"""

import ast
import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TEST_FILES = ("test_*.py", "*_test.py")
# Leaving the process, replacing it, choosing what is collected: whoever does this could change what a run reports.
_BANNED = {
    "hookimpl", "pytest_plugins", "_exit", "execv", "execve", "execl", "execle", "execlp", "execlpe", "execvp", "execvpe",
    "collect_ignore", "collect_ignore_glob", "__test__",
}  # fmt: skip
# Asking the harness what is broken at the moment, to fail when it wants to see a failure.
_BANNED |= {path.stem for path in (Path(__file__).parent / "harness").glob("greenlight_*.py")} | {"GREENLIGHT_MET"}
_MAKES_TESTS = {"scenario", "scenarios"}  # of pytest-bdd: one test per scenario


@dataclass(frozen=True)
class SourceTests:
    """`declared`: "file::Class::test" as pytest names them, without parameters. `generating`: files that make more."""

    declared: frozenset[str]
    generating: frozenset[str]
    doubled: tuple[str, ...]


def find_tests(files: Mapping[str, bytes]) -> SourceTests:
    """The tests of every file that pytest collects below `tests/`."""
    declared: list[str] = []
    generating: set[str] = set()
    for path, tree in _parsed(files):
        if path.startswith("tests/") and any(fnmatch.fnmatch(path.rsplit("/", 1)[-1], p) for p in TEST_FILES):
            declared += [f"{path}::{name}" for name in _tests_in(tree.body)]
            if any(isinstance(node, ast.Call) and _name_of(node.func) in _MAKES_TESTS for node in ast.walk(tree)):
                generating.add(path)
    doubled = sorted({name for name in declared if declared.count(name) > 1})
    return SourceTests(frozenset(declared), frozenset(generating), tuple(doubled))


def forbidden_acts(files: Mapping[str, bytes]) -> list[str]:
    """Places that could change what a test run reports, as "file:line name"."""
    return [
        f"{path}:{getattr(node, 'lineno', 0)} {name}"
        for path, tree in _parsed(files)
        for node in ast.walk(tree)
        if (name := _banned(node))
    ]


def _parsed(files: Mapping[str, bytes]) -> Iterator[tuple[str, ast.Module]]:
    for path, data in sorted(files.items()):
        if path.endswith(".py"):
            try:
                yield path, ast.parse(data)
            except (SyntaxError, ValueError):
                continue  # pytest says so itself, and does not come to an end


def _tests_in(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _tests_in(node.body, f"{prefix}{node.name}::")
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for part in ("body", "orelse", "finalbody"):
                yield from _tests_in(getattr(node, part, []), prefix)


def _banned(node: ast.AST) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name if node.name.startswith("pytest_") else None
    if isinstance(node, ast.ImportFrom):
        names = [alias.name for alias in node.names]
        return next(
            (n for n in (node.module, *names) if n in _BANNED or (n in names and n.startswith("pytest_"))), None
        )
    if isinstance(node, ast.Import):
        return next((alias.name for alias in node.names if alias.name in _BANNED), None)
    name = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else _name_of(node)
    return name if name in _BANNED else None


def _name_of(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
