"""JUnit XML, coverage.py JSON and Cobertura XML: told beside what was measured here, and never instead of it."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from services.evidence.findings import Finding, Severity
from services.evidence.measurements import percent_words
from services.evidence.outside.told import Told, UnreadableFile, part, text

TESTS, COVERAGE = "outside_tests", "outside_coverage"
_REVISION_PROPERTIES = {"tree", "commit", "revision", "git.commit", "git.tree"}


def read_junit(root: Any) -> Told:
    """`root`: the parsed element `testsuite` or `testsuites`."""
    cases = list(root.iter("testcase"))
    if not cases:
        raise UnreadableFile("The JUnit file holds no test case.")
    failed = [c for c in cases if any(child.tag in ("failure", "error") for child in c)]
    skipped = [c for c in cases if any(child.tag == "skipped" for child in c)]
    passed = len(cases) - len(failed) - len(skipped)
    return Told(
        check=TESTS,
        tool="JUnit",
        tool_version="",
        outcome="failed" if failed else "passed",
        reason=f"{passed} of {len(cases)} tests pass, {len(failed)} fail, {len(skipped)} are skipped.",
        figures={"passed": passed, "failed": len(failed), "skipped": len(skipped)},
        findings=tuple(_failure(case) for case in failed),
        revisions=_revisions(root.iter("property")),
    )


def _failure(case: Any) -> Finding:
    place = text(f"{case.get('file') or case.get('classname', '')}::{case.get('name', '')}", 160)
    message = next(
        (text(child.get("message") or child.text) for child in case if child.tag in ("failure", "error")), ""
    )
    return Finding("test-failed", Severity.HIGH, place, message or "It fails.", "Mend the code, or the test.", "tests")


def _revisions(properties: Iterable[Any]) -> frozenset[str]:
    named = {p.get("name", "").lower(): p.get("value", "") for p in properties}
    return frozenset(value for name, value in named.items() if name in _REVISION_PROPERTIES)


def read_cobertura(root: Any) -> Told:
    """`root`: the parsed element `coverage`."""
    rates = [_share(root.get(name)) for name in ("line-rate", "branch-rate")]
    return _coverage("Cobertura", text(root.get("version"), 40), 100 * rates[0], 100 * rates[1])


def read_coverage_json(report: Mapping[str, Any]) -> Told:
    totals = part(report, "totals")
    percent = _number(totals.get("percent_covered"))
    branches, covered = _number(totals.get("num_branches", 0)), _number(totals.get("covered_branches", 0))
    by_branch = 100 * covered / branches if branches else percent
    return _coverage("coverage.py", text(part(report, "meta").get("version"), 40), percent, by_branch)


def _coverage(tool: str, version: str, lines: float, branches: float) -> Told:
    if not (0 <= lines <= 100 and 0 <= branches <= 100):
        raise UnreadableFile("The coverage file holds shares that are none.")
    reason = f"{percent_words(lines)} covered, {percent_words(branches)} of branches, on another machine."
    return Told(COVERAGE, tool, version, "passed", reason, {"percent": lines, "branches_percent": branches})


def _share(value: object) -> float:
    share = _number(value)
    if not 0 <= share <= 1:
        raise UnreadableFile("The coverage file holds shares that are none.")
    return share


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError as error:
        raise UnreadableFile("The coverage file lacks its figures.") from error
    if not math.isfinite(number):
        raise UnreadableFile("The coverage file holds figures that are none.")
    return number
