"""Breaks an application on purpose: a test that still passes over it proves nothing.

Where it is known which function keeps a criterion's rule, only that function is broken, and only while a test of that
criterion runs; see the round in harness/greenlight_plugin.py.
"""

import ast
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Place(NamedTuple):
    """A function, or a class of records, in a file of the workspace."""

    file: str
    name: str


class Breakage(StrEnum):
    """How a rule is broken: loudly, and quietly as if it were not there."""

    RAISES = 'raise RuntimeError("broken on purpose")'
    DOES_NOTHING = "return None"


_BROKEN = ast.parse(Breakage.RAISES).body
_SWITCH = "__import__('greenlight_switch').is_broken({criteria})"
_CLASS = """
def __init__(self, *args, **kwargs):
    if {switch}:
        raise RuntimeError("broken on purpose")
    super().__init__(*args, **kwargs)
"""


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


def switchable(files: Mapping[str, bytes], rules: Mapping[str, Place], breakage: Breakage) -> dict[str, bytes]:
    """The files, with a switch in the place of each rule. `rules`: criterion -> where its rule is kept."""
    by_file: dict[str, dict[str, list[str]]] = {}
    for criterion, place in sorted(rules.items()):
        by_file.setdefault(place.file, {}).setdefault(place.name, []).append(criterion)
    return {
        path: _with_switches(data, by_file[path], breakage) if path in by_file else data for path, data in files.items()
    }


def _with_switches(data: bytes, criteria: Mapping[str, list[str]], breakage: Breakage) -> bytes:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return data
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in criteria:
            switch = _SWITCH.format(criteria=criteria[node.name])
            node.body[:0] = ast.parse(f"def f():\n    if {switch}:\n        {breakage}").body[0].body  # type: ignore[attr-defined]
        elif isinstance(node, ast.ClassDef) and node.name in criteria:
            node.body += ast.parse(_CLASS.format(switch=_SWITCH.format(criteria=criteria[node.name]))).body
    return ast.unparse(ast.fix_missing_locations(tree)).encode()
