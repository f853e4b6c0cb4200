"""Reads what a test run left: JUnit with criterion marks, the list of what was collected, coverage."""

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from defusedxml import ElementTree


@dataclass(frozen=True)
class TestOutcome:
    """`outcome`: passed, failed or skipped."""

    __test__ = False  # pytest collects classes by their name

    name: str
    file: str
    outcome: str
    seconds: float
    criteria: tuple[str, ...]
    asserts: int


class UnreadableReport(Exception):
    """A report is missing, or is not what pytest writes."""


def read_junit(data: bytes | None) -> tuple[TestOutcome, ...]:
    """Raises: UnreadableReport. Entities are refused by the parser."""
    if data is None:
        raise UnreadableReport("there is no JUnit report")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError) as error:
        raise UnreadableReport(f"the JUnit report cannot be read ({type(error).__name__})") from error
    return tuple(_outcome(case) for case in root.iter("testcase"))


def _outcome(case: Any) -> TestOutcome:
    tags = {child.tag for child in case}
    outcome = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
    properties = [(p.get("name", ""), p.get("value", "")) for p in case.iter("property")]
    values = dict(properties)
    return TestOutcome(
        name=case.get("name", ""),
        file=values.get("file", ""),
        outcome=outcome,
        seconds=float(case.get("time", 0)),
        criteria=tuple(value for name, value in properties if name == "criterion"),
        asserts=int(values.get("asserts", "0")),
    )


def read_coverage(data: bytes | None) -> tuple[float, dict[str, float]]:
    """Percent over lines and branches together, whole and by file; as coverage.py counts with branches on."""
    if data is None:
        raise UnreadableReport("there is no coverage report")
    try:
        report = json.loads(data)
        files = {path: float(file["summary"]["percent_covered"]) for path, file in report["files"].items()}
        return float(report["totals"]["percent_covered"]), files
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableReport("the coverage report cannot be read") from error


def read_collected(data: bytes | None) -> int:
    """How many tests pytest collected, by our own record."""
    if data is None:
        raise UnreadableReport("there is no list of collected tests")
    try:
        return len(json.loads(data))
    except ValueError as error:
        raise UnreadableReport("the list of collected tests cannot be read") from error


_BANNED_NAMES = {"hookimpl", "pytest_plugins", "_exit"}


def forbidden_hooks(files: Mapping[str, bytes]) -> list[str]:
    """Places in the tests that could change what a test run reports, as "file:line name"."""
    found = []
    for path, data in sorted(files.items()):
        if not path.endswith(".py"):
            continue
        try:
            tree = ast.parse(data)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            name = _banned(node)
            if name:
                found.append(f"{path}:{getattr(node, 'lineno', 0)} {name}")
    return found


def _banned(node: ast.AST) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name if node.name.startswith("pytest_") else None
    if isinstance(node, ast.Attribute):
        return node.attr if node.attr in _BANNED_NAMES else None
    if isinstance(node, ast.Name):
        return node.id if node.id in _BANNED_NAMES else None
    return None


def judge_criteria(tests: tuple[TestOutcome, ...], survivors: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Criterion id -> outcome covered, failing or not_covered, its tests, and why.

    `survivors`: names of tests that still pass when every function of the application raises; they prove nothing.
    """
    by_criterion: dict[str, list[TestOutcome]] = {}
    for test in tests:
        for id_ in test.criteria:
            by_criterion.setdefault(id_, []).append(test)
    judged = {}
    for id_, group in sorted(by_criterion.items()):
        outcome, reason = _judge(group, survivors)
        judged[id_] = {"outcome": outcome, "reason": reason, "tests": [f"{t.file}::{t.name}" for t in group]}
    return judged


def _judge(group: list[TestOutcome], survivors: frozenset[str]) -> tuple[str, str]:
    failed = [t.name for t in group if t.outcome == "failed"]
    passed = [t for t in group if t.outcome == "passed"]
    if failed:
        return "failing", f"{failed[0]} fails."
    if not passed:
        return "not_covered", "Its tests were skipped."
    if any(t.asserts == 0 for t in passed):
        return "not_covered", f"{next(t.name for t in passed if t.asserts == 0)} asserts nothing."
    if all(t.name in survivors for t in passed):
        return "not_covered", f"{passed[0].name} also passes when the application is broken."
    said = "1 test passes, and fails" if len(passed) == 1 else f"{len(passed)} tests pass, and fail"
    return "covered", f"{said} when the application is broken."
