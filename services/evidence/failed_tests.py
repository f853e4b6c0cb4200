"""What failed tests and missing coverage say to whoever can mend them.

The report is written by an interpreter that ran the workspace's own code: its words are told as they are, and its places only
where the workspace has such a file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from services.evidence.findings import Finding, found_in

MESSAGE_MAX = 600
# "tests/test_x.py:12: ", and for what is no Python 'E  File "/.../tests/test_x.py", line 12'.
_FRAME = re.compile(r"^(?:E +File \")?([\w./-]+\.py)(?::|\", line )(\d+)", re.MULTILINE)
_SAID = re.compile(r"^E +(\S.*)$", re.MULTILINE)
_TESTS = "tests/"
_WEAKEST_TOLD = 3


def failed_tests(report: bytes | None, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """One finding for each test that failed or could not be collected, where the deepest line of the workspace was.

    `report`: JUnit, as it was found; none of it is believed to be well-formed.
    """
    try:
        cases = list(ElementTree.fromstring(report or b"").iter("testcase"))
    except (ParseError, ValueError):
        return ()
    return tuple(
        _found(case, problem, files) for case in cases for problem in case if problem.tag in ("failure", "error")
    )


def _found(case: Any, problem: Any, files: Mapping[str, bytes]) -> Finding:
    frames = [(_own(path, files), int(line)) for path, line in _FRAME.findall(problem.text or "")]
    path, line = next((frame for frame in reversed(frames) if frame[0]), (_file_of(case, files), None))
    lines = _SAID.findall(problem.text or "") or [str(problem.get("message") or "")]
    said = " ".join(" ".join(lines).split())[:MESSAGE_MAX]
    return found_in(
        path,
        "test-failed",
        f"{str(case.get('name'))[:200]} fails: {said or 'no reason is told'}",
        "Find out which is wrong, the test or the code that it calls, and mend that. A test that asks less proves less.",
        line=line,
    )


def _own(path: str, files: Mapping[str, bytes]) -> str:
    """The path in the workspace; empty for a file of the interpreter or of a library."""
    return path if path in files else max((own for own in files if path.endswith(f"/{own}")), key=len, default="")


def _file_of(case: Any, files: Mapping[str, bytes]) -> str:
    """By the name of the module, which stands in the class, or in the name of what could not be collected."""
    names = (str(case.get(attribute) or "").replace(".", "/") for attribute in ("classname", "name"))
    return next((f"{name}.py" for name in names if f"{name}.py" in files), _TESTS)


def low_coverage(percent: float, minimum: int, by_file: Mapping[str, float]) -> Iterator[Finding]:
    """A finding where the coverage is below the minimum: it names the files that lack most."""
    if percent < minimum:
        weakest = sorted(by_file.items(), key=lambda pair: pair[1])[:_WEAKEST_TOLD]
        told = ", ".join(f"{path} {share:.0f} %" for path, share in weakest)
        yield found_in(
            _TESTS,
            "coverage-too-low",
            f"Branch coverage is {percent:.2f} %, and {minimum} % was asked for. Least: {told}.",
            "Test the branches that no test takes; do not leave files out.",
        )


def not_red(green: Iterable[str]) -> Iterator[Finding]:
    """`green`: ids of tests that pass before any code exists."""
    for id_ in green:
        yield found_in(
            id_.split("::", 1)[0],
            "test-not-red",
            f"{id_[:200]} passes before any code exists, so it asks nothing of the code.",
            "Call the application inside the test, and assert what it must answer.",
        )


def forbidden(places: Iterable[str]) -> Iterator[Finding]:
    """`places`: "file:line name" of what could change how tests are reported."""
    for place in places:
        where, _, name = place.partition(" ")
        path, _, line = where.partition(":")
        message = f"{name} could change how tests are reported, so that none of them is believed."
        yield found_in(path, "test-report-changed", message, "Write the test without it.", line=int(line) or None)
