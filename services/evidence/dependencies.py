"""The check of dependencies: pinned, and audited for known vulnerabilities where the network may be asked.

pip-audit runs outside the sandbox, because it asks an advisory service; it gets the pinned names and versions as data and
installs nothing.
"""

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.evidence.environments import locked_version
from services.evidence.findings import Finding, Severity, found_in
from services.evidence.measurements import Measurement, judged, not_measured, storable
from services.evidence.subjects import Subject

CHECK, TOOL = "dependencies", "pip-audit"
VERSION = 1
_LOCK = "requirements.txt"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(\[[A-Za-z0-9,._-]+\])?==([A-Za-z0-9.!+_-]+)$")
_OFFLINE = (
    "Dependencies were not audited, because no check may use the network. Allow it with GREENLIGHT_AUDIT_DEPENDENCIES=1, "
    "or bring a CycloneDX file with the vulnerabilities that another audit found."
)
_SECONDS = 120


def measure_dependencies(subject: Subject) -> Measurement:
    """Fails by what is not pinned, whether or not the network may be asked."""
    lines = _lines(subject)
    if not lines:
        return not_measured(CHECK, TOOL, "There is no requirements.txt, so it is not known what is installed.")
    loose = list(_loose(lines))
    if loose:
        return _told(loose, "", {}, 0.0)
    if not subject.audits_dependencies:
        return not_measured(CHECK, TOOL, _OFFLINE)
    if subject.environments.tools is None:
        return not_measured(CHECK, TOOL, "An environment for checks is missing; `make run` builds it.")
    return _audited(subject.environments.tools, [text for _, text in lines])


def _lines(subject: Subject) -> list[tuple[int, str]]:
    """(line, requirement) without comments, markers and hashes."""
    found = []
    for number, line in enumerate(subject.tested.get(_LOCK, b"").decode("utf-8", "replace").splitlines(), start=1):
        text = line.split("#", 1)[0].split(";", 1)[0].split("--hash", 1)[0].strip().rstrip("\\").strip()
        if text:
            found.append((number, text))
    return found


def _loose(lines: list[tuple[int, str]]) -> Iterator[Finding]:
    for number, text in lines:
        if not _PINNED.match(text):
            what = f"“{text[:80]}” is not one version of one package."
            yield found_in(_LOCK, "requirement-unpinned", what, "Pin it as name==version; leave out addresses and options.", line=number)  # fmt: skip


def _audited(tools: Path, pinned: list[str]) -> Measurement:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder:
        lock = Path(folder) / _LOCK
        lock.write_text("\n".join(pinned) + "\n", encoding="utf-8")
        command = [str(tools / "bin" / "pip-audit"), "--requirement", str(lock), "--no-deps", "--disable-pip"]
        command += ["--format", "json", "--progress-spinner", "off"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            return not_measured(CHECK, TOOL, f"The audit of dependencies had no answer within {_SECONDS} seconds.")
    return read_audit(done.stdout, done.stderr, time.monotonic() - began)


def read_audit(report: str, log: str, seconds: float) -> Measurement:
    """A package that was skipped makes it not measured, even though the tool then says that it found nothing."""
    try:
        rows: list[Mapping[str, Any]] = json.loads(report)["dependencies"]
        skipped = [f"{row['name']} ({row['skip_reason']})" for row in rows if row.get("skip_reason")]
        findings = [_finding(row, known) for row in rows for known in row.get("vulns", [])]
    except (ValueError, KeyError, TypeError, AttributeError):
        said = (log.strip().splitlines() or ["no report"])[-1]
        return not_measured(CHECK, TOOL, f"Dependencies were not audited: {said[:200]}.")
    if skipped:
        return not_measured(CHECK, TOOL, f"Dependencies were not audited: {len(skipped)} were skipped, the first {skipped[0][:160]}.")  # fmt: skip
    return _told(findings, log, {"packages": len(rows)}, seconds)


def _finding(row: Mapping[str, Any], known: Mapping[str, Any]) -> Finding:
    mended = ", ".join(known.get("fix_versions", [])) or "none yet"
    return found_in(
        _LOCK,
        str(known["id"]),
        f"{row['name']} {row['version']}: {str(known.get('description', 'a known vulnerability'))[:200]}",
        f"Take a version without it: {mended}.",
        severity=Severity.CRITICAL,  # the advisory gives no score, so the worst is assumed
    )


def _told(findings: list[Finding], log: str, figures: Mapping[str, Any], seconds: float) -> Measurement:
    outcome, reason = judged(findings, f"{figures.get('packages', 0)} pinned packages have no known vulnerability.")
    return Measurement(
        check=CHECK,
        tool=TOOL,
        tool_version=locked_version(TOOL),
        isolation="asks the network",
        enforced={},
        outcome=outcome,
        reason=reason,
        figures=figures,
        log=storable(log),
        duration_seconds=seconds,
        findings=tuple(findings),
    )
