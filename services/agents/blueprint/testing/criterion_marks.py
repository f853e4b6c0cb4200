"""Which test proves which criterion, read from the marks in the generated tests. Whether they pass is evidence, not read here."""

import ast
from collections.abc import Iterator, Mapping


def marked_tests(files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """Criterion id -> file::function. A file that cannot be parsed has no tests."""
    found: dict[str, list[str]] = {}
    for path, data in sorted(files.items()):
        if not path.startswith("tests/") or not path.endswith(".py"):
            continue
        try:
            tree = ast.parse(data)
        except (SyntaxError, ValueError):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                for id_ in _marked(node):
                    found.setdefault(id_, []).append(f"{path}::{node.name}")
    return {id_: tuple(names) for id_, names in found.items()}


def _marked(node: ast.FunctionDef) -> Iterator[str]:
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "criterion":
            for value in mark.args:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value
