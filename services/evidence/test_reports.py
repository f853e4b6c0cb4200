"""Reads what a test run left: JUnit with criterion marks, the list of what was collected, coverage."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from defusedxml import ElementTree

from services.evidence.proofs import Proof


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

    @property
    def id(self) -> str:
        """As the source names it, with parameters: "file::Class::test[1]"."""
        return f"{self.file}::{self.name}"


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
    try:
        return tuple(_outcome(case) for case in root.iter("testcase"))
    except ValueError as error:
        raise UnreadableReport("the JUnit report holds numbers that are none") from error


def _outcome(case: Any) -> TestOutcome:
    tags = {child.tag for child in case}
    outcome = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
    properties = [(p.get("name", ""), p.get("value", "")) for p in case.iter("property")]
    values = dict(properties)
    file, _, name = values.get("test", "").partition("::")
    return TestOutcome(
        name=name,
        file=file,
        outcome=outcome,
        seconds=_finite(case.get("time", 0)),
        criteria=tuple(value for name, value in properties if name == "criterion"),
        asserts=int(values.get("asserts", "0")),
    )


def read_coverage(data: bytes | None) -> tuple[float, dict[str, float]]:
    """Percent over lines and branches together, whole and by file; as coverage.py counts with branches on."""
    if data is None:
        raise UnreadableReport("there is no coverage report")
    try:
        report = json.loads(data)
        files = {path: _percent(file["summary"]["percent_covered"]) for path, file in report["files"].items()}
        return _percent(report["totals"]["percent_covered"]), files
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableReport("the coverage report cannot be read") from error


def _finite(value: object) -> float:
    number = float(str(value))
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _percent(value: object) -> float:
    number = _finite(value)
    if not 0 <= number <= 100:
        raise ValueError("not a percentage")
    return number


def read_collected(data: bytes | None) -> int:
    """How many tests pytest collected, by our own record."""
    if data is None:
        raise UnreadableReport("there is no list of collected tests")
    try:
        names = json.loads(data)
    except ValueError as error:
        raise UnreadableReport("the list of collected tests cannot be read") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UnreadableReport("the list of collected tests is no list of names")
    return len(names)


def judge_criteria(tests: tuple[TestOutcome, ...], proofs: Mapping[str, Proof]) -> dict[str, dict[str, Any]]:
    """Criterion id -> outcome covered, failing or not_covered, its tests, why, and how its rule was broken.

    A test that was not seen to fail while the criterion's rule was broken proves nothing.
    """
    by_criterion: dict[str, list[TestOutcome]] = {}
    for test in tests:
        for id_ in test.criteria:
            by_criterion.setdefault(id_, []).append(test)
    judged = {}
    for id_, group in sorted(by_criterion.items()):
        proof = proofs.get(id_, Proof())
        outcome, reason = _judge(group, proof)
        rows = [asdict(row) for row in proof.tried]
        judged[id_] = {"outcome": outcome, "reason": reason, "tests": [t.id for t in group], "breakages": rows}
    return judged


def _judge(group: list[TestOutcome], proof: Proof) -> tuple[str, str]:
    failed = [t.name for t in group if t.outcome == "failed"]
    passed = [t for t in group if t.outcome == "passed"]
    if failed:
        return "failing", f"{failed[0]} fails."
    if not passed:
        return "not_covered", "Its tests were skipped."
    if any(t.asserts == 0 for t in passed):
        return "not_covered", f"{next(t.name for t in passed if t.asserts == 0)} asserts nothing."
    if proof.lacking:
        return "not_covered", proof.lacking
    worth = [t for t in passed if t.id in proof.worth]
    if not worth:
        return "not_covered", f"{passed[0].name} was not seen to fail when its rule is broken."
    said = "1 test passes, and fails" if len(worth) == 1 else f"{len(worth)} tests pass, and fail"
    noticed = "; ".join(dict.fromkeys(row.breakage for row in proof.tried if row.noticed))
    return "covered", f"{said} when its rule is broken{f' (noticed: {noticed})' if noticed else ''}."
