"""Facts of what was measured and judged."""

import re
from collections.abc import Iterator, Mapping

from services.evidence.findings import Severity
from services.reviews.briefs.seen import Fact, Facts, Seen, Show, Source
from services.workflow.criteria import CRITERIA

_TITLES = {criterion.id: criterion.title for criterion in CRITERIA}
_IN_FILE = re.compile(r"^(?P<path>[\w./@-]*[\w-][./][\w./@-]+?)(?::(?P<line>\d{1,7}))?$")
MEASURED = Source("", Show.CRITERIA)


def critical_findings(seen: Seen) -> Facts:
    return _findings(seen, Severity.CRITICAL)


def high_findings(seen: Seen) -> Facts:
    return _findings(seen, Severity.HIGH)


def proven(seen: Seen) -> Facts:
    """Acceptance criterion -> what its tests are worth: "covered", or why not."""
    check = seen.checks.get("tests")
    told = check.figures.get("criteria") if check else None
    return {
        str(id_): Fact(str(id_), str(one.get("outcome", "")).replace("_", " "), MEASURED)
        for id_, one in (told.items() if isinstance(told, Mapping) else ())
        if isinstance(one, Mapping)
    }


def checks(seen: Seen) -> Facts:
    return {
        name: Fact(name.replace("_", " "), check.outcome.replace("_", " "), MEASURED)
        for name, check in seen.checks.items()
    }


def verdicts(seen: Seen) -> Facts:
    """Of the ten criteria; the word is that of the table of outcomes."""
    return {
        id_: Fact(_TITLES.get(id_, id_), outcome.replace("_", " "), MEASURED)
        for id_, (outcome, _) in seen.verdicts.items()
    }


def place_of(finding: Mapping[str, str]) -> Source:
    """Where a finding points to: a line of a file, the records of a step, else the page of the criteria."""
    task, place = finding.get("task", ""), finding.get("place", "")
    if not task:
        return MEASURED
    match = _IN_FILE.match(place)
    if match is None:
        return Source(task, Show.RECORDS)
    return Source(task, Show.FILES, 0, match["path"], int(match["line"] or 0))


def _findings(seen: Seen, severity: Severity) -> Facts:
    """The line is no part of what makes a finding the same: code above it moves it."""
    found: Facts = {}
    for finding in _all(seen):
        if finding.get("severity") == severity:
            place = finding.get("place", "")
            key = f"{finding.get('rule')} {place.rsplit(':', 1)[0]} {finding.get('message')}"
            found[key] = Fact(place, finding.get("message", ""), place_of(finding))
    return found


def _all(seen: Seen) -> Iterator[Mapping[str, str]]:
    for check in seen.checks.values():
        yield from check.findings
