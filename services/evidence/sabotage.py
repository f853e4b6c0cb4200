"""Breaks an application on purpose: a test that still passes over it proves nothing."""

import ast
from collections.abc import Mapping

_BROKEN = ast.parse('raise RuntimeError("broken on purpose")').body


def sabotaged(files: Mapping[str, bytes], folder: str = "app/") -> dict[str, bytes]:
    """The files, with every function body below the folder replaced by a raise. What does not parse stays."""
    return {
        path: _break(data) if path.startswith(folder) and path.endswith(".py") else data for path, data in files.items()
    }


def _break(data: bytes) -> bytes:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return data
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = list(_BROKEN)
    return ast.unparse(ast.fix_missing_locations(tree)).encode()
