"""Which test proves which criterion, read from the marks in the generated tests. Whether they pass is evidence, not read here."""

import ast
from collections.abc import Iterator, Mapping

from services.agents.parts import paths


def marked_tests(files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """Criterion id -> file::function. A file that cannot be parsed has no tests."""
    found: dict[str, list[str]] = {}
    for path, node in _functions(files):
        for id_ in _marked(node):
            found.setdefault(id_, []).append(f"{path}::{node.name}")
    return {id_: tuple(names) for id_, names in found.items()}


def all_tests(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """file::function of every test, with a mark or without."""
    return tuple(f"{path}::{node.name}" for path, node in _functions(files) if node.name.startswith("test_"))


def _functions(files: Mapping[str, bytes]) -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in paths(files, "tests/", ".py"):
        try:
            tree = ast.parse(files[path])
        except (SyntaxError, ValueError):
            continue
        yield from ((path, node) for node in tree.body if isinstance(node, ast.FunctionDef))


def _marked(node: ast.FunctionDef) -> Iterator[str]:
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "criterion":
            for value in mark.args:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value
