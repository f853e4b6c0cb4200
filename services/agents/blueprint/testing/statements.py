"""How many times each endpoint talks to the database, counted in its code."""

import ast
from collections.abc import Mapping

_CALLS = ("exec", "get", "flush", "commit", "refresh")
_METHODS = ("get", "post", "patch", "put", "delete")
# Functions of the service that call the database once themselves.
_HELPERS = ("_found", "find_made")


def statements_per_endpoint(files: Mapping[str, bytes]) -> list[tuple[str, str, int]]:
    """(file, function, calls), in the order of the files. A file that cannot be parsed is left out."""
    found = []
    for path, data in sorted(files.items()):
        if not path.endswith("/routes.py"):
            continue
        try:
            tree = ast.parse(data)
        except (SyntaxError, ValueError):
            continue
        found += [
            (path, node.name, _calls(node))
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and _is_endpoint(node)
        ]
    return found


def _is_endpoint(node: ast.FunctionDef) -> bool:
    decorators = [d.func for d in node.decorator_list if isinstance(d, ast.Call)]
    return any(isinstance(d, ast.Attribute) and d.attr in _METHODS for d in decorators)


def _calls(function: ast.FunctionDef) -> int:
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    direct = [
        c
        for c in calls
        if isinstance(c, ast.Attribute)
        and c.attr in _CALLS
        and isinstance(c.value, ast.Name)
        and c.value.id == "session"
    ]
    return len(direct) + sum(isinstance(c, ast.Name) and c.id in _HELPERS for c in calls)
