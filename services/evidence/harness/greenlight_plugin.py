"""Loaded into the workspace's own test run, from a folder that the tests cannot write.

Puts the full name, the criterion ids and the number of asserts of each test into the JUnit report, and lists what was collected.
"""

import ast
import inspect
import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

# Only now, and at the end: no file of the workspace may stand for one that the interpreter or pytest start with.
sys.path.append(str(Path.cwd()))
CRITERION = re.compile(r"AC-[\w.]+")


def pytest_bdd_apply_tag(tag: str, function: Any) -> bool | None:
    """A scenario's tag that names a criterion is its mark."""
    if CRITERION.fullmatch(tag):
        pytest.mark.criterion(tag)(function)
        return True
    return None


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "criterion(*ids): the acceptance criteria that this test proves")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("criterion"):
        item.user_properties.extend(("criterion", str(id_)) for id_ in marker.args)
    item.user_properties.append(("test", item.nodeid))
    item.user_properties.append(("asserts", str(_asserts(item))))


def pytest_collection_finish(session: pytest.Session) -> None:
    Path("collected.json").write_text(json.dumps([item.nodeid for item in session.items]))


def _asserts(item: pytest.Item) -> int:
    """Asserts that say something; a scenario of Gherkin asserts in its steps and counts as one."""
    function: Any = getattr(item, "function", None)
    if function in scenario_wrapper_template_registry:
        return 1
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, TypeError):
        return 0
    return sum(_is_assert(node) for node in ast.walk(tree))


def _is_assert(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant)
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return name in ("raises", "warns", "fail") or name.startswith(("assert", "expect"))
    return False
