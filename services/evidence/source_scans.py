"""Scanners that read the workspace's files: bandit for weaknesses, detect-secrets for secrets. Neither runs any of them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.evidence.environments import Environments
from services.evidence.findings import Finding, Severity, found_in
from services.evidence.measurements import Measurement, judged, measured, not_measured
from services.evidence.subjects import Files, Subject
from services.evidence.tool_runs import read_found, run_tool

SOURCE, SECRETS = "source_scan", "secrets"
VERSION = 2
# Bandit has no critical. Source: what lets a stranger run code or read everything, by CWE-78, 94, 89, 502, 295.
_CRITICAL = {"B102", "B307", "B602", "B605", "B301", "B506", "B501"}
# A password in the code is more than the low severity that bandit gives it.
_RAISED = {"B105", "B106", "B107", "B608"}
# An empty default is no password.
_NOTHING = "password: ''"
_SURE = ("HIGH", "MEDIUM")
_LEVELS = {"HIGH": Severity.HIGH, "MEDIUM": Severity.MEDIUM, "LOW": Severity.LOW}
_NO_TESTS = ("tests/",)


def python_of(subject: Subject) -> Files:
    """What runs in production or beside it; tests are no part of what is shipped."""
    return {
        path: data for path, data in subject.files.items() if path.endswith(".py") and not path.startswith(_NO_TESTS)
    }


def measure_source(subject: Subject) -> Measurement:
    """Figures: `files_read`. A file that bandit cannot read makes it not measured; what is low is not told."""
    result = run_tool(
        "code_scans.py",
        python_of(subject),
        subject.environments,
        allow_unsandboxed=subject.allow_unsandboxed,
        arguments=["source"],
    )
    if isinstance(result, str):
        return not_measured(SOURCE, "bandit", result)
    about: dict[str, Any] = {"check": SOURCE, "tool": "bandit"}
    try:
        found = read_found(result)
        findings = [finding for row in found["rows"] if (finding := _weakness(row)).severity is not Severity.LOW]
        skipped, files = list(found["skipped"]), int(found["files"])
    except (ValueError, KeyError, TypeError) as error:
        return measured(result, outcome="not_measured", reason=f"bandit left no report: {error}.", figures={}, **about)
    if skipped:
        reason = f"bandit could not read {len(skipped)} files, the first {skipped[0][:160]}."
        return measured(result, outcome="not_measured", reason=reason, figures={}, **about)
    outcome, reason = judged(findings, f"bandit read {files} files and found nothing of high severity.")
    return measured(result, outcome=outcome, reason=reason, figures={"files_read": files}, findings=findings, **about)


def _weakness(row: Mapping[str, Any]) -> Finding:
    severity = _LEVELS[row["severity"]]
    if row["confidence"] not in _SURE or str(row["message"]).endswith(_NOTHING):
        severity = Severity.LOW
    elif row["rule"] in _CRITICAL:
        severity = Severity.CRITICAL
    elif row["rule"] in _RAISED:
        severity = Severity.HIGH
    weakness = f" (CWE-{row['cwe']})" if row.get("cwe") else ""
    return found_in(
        str(row["path"]),
        str(row["rule"]),
        f"{row['message']}{weakness}",
        "Write it without this weakness; a comment that silences the scanner is not heard.",
        severity=severity,
        line=int(row["line"]),
    )


# Looks like a secret and is none: the commit of a pinned action or image, and the hash of a locked package.
_PINS = re.compile(r"(@[0-9a-f]{40}\b|sha256[:=][0-9a-f]{64}|sha(?:256|384|512)-[A-Za-z0-9+/=]{40,})")

# A field that is called like a secret, with an example or a label: its own name, counted on, or filled up with x.
_NAMED = re.compile(
    r"""["'](?:[\w.]*\.)?(\w*(?:secret|passw|pwd|key|token|credential)\w*)["']\s*:\s*["']([^"']*)["']""", re.I
)


def knowing(subject: Subject, figures: Sequence[Mapping[str, Any]]) -> Subject:
    """With the files that need not be read again. `figures`: of measurements of secrets, the newest last."""
    newest = figures[-1] if figures else {}
    is_ours = newest.get("read_by") == _reader(subject.environments)
    return replace(subject, clean=frozenset(newest["clean"] if is_ours else ()))


def measure_secrets(subject: Subject) -> Measurement:
    """Nothing is verified with anybody; the text of a secret is never kept.

    Each file is read by itself, so that one in which nothing was found is not read again. Figures: `files_there`, how many there
    are; `files_read`, how many of them now; `clean`, the fingerprints of those without a finding, `read_by` whom.
    """
    prints = {path: _fingerprint(path, data) for path, data in subject.files.items()}
    unread = {path: data for path, data in subject.files.items() if prints[path] not in subject.clean}
    result = run_tool(
        "code_scans.py",
        unread,
        subject.environments,
        allow_unsandboxed=subject.allow_unsandboxed,
        arguments=["secrets"],
    )
    if isinstance(result, str):
        return not_measured(SECRETS, "detect-secrets", result)
    about: dict[str, Any] = {"check": SECRETS, "tool": "detect-secrets"}
    try:
        found = read_found(result)
        rows = [row for row in found["rows"] if not _is_none(subject.files, row)]
        findings, told = [_secret(row) for row in rows], {str(row["path"]) for row in rows}
        read = int(found["files"])
    except (ValueError, KeyError, TypeError) as error:
        reason = f"detect-secrets left no report: {error}."
        return measured(result, outcome="not_measured", reason=reason, figures={}, **about)
    figures = {
        "files_there": len(prints),
        "files_read": read,
        "clean": sorted(mark for path, mark in prints.items() if path not in told),
        "read_by": _reader(subject.environments),
    }
    news = "" if read == len(prints) else f", {read} of them new or changed"
    outcome, reason = judged(findings, f"detect-secrets found no secret in {len(prints)} files{news}.")
    return measured(result, outcome=outcome, reason=reason, figures=figures, findings=findings, **about)


def _fingerprint(path: str, data: bytes) -> str:
    """Of the path too: what counts as a secret depends on the kind of file."""
    return hashlib.sha256(path.encode() + b"\0" + data).hexdigest()[:16]


def _reader(environments: Environments) -> str:
    """Another one may judge the same file otherwise."""
    return f"{environments.tools.name if environments.tools else ''} {VERSION}"


def _is_none(files: Files, row: Mapping[str, Any]) -> bool:
    """Whether what only looks like a secret is none."""
    lines = files.get(str(row["path"]), b"").decode("utf-8", "replace").splitlines()
    number = int(row["line"])
    line = lines[number - 1] if number <= len(lines) else ""
    named = _NAMED.findall(line) if row["rule"] == "Secret Keyword" else []
    return bool(_PINS.search(line)) or (bool(named) and all(_bare(value) in ("", _bare(name)) for name, value in named))


def _bare(text: str) -> str:
    return re.sub(r"[\dx_\s-]+", "", text.lower()).removesuffix("s")


def _secret(row: Mapping[str, Any]) -> Finding:
    return found_in(
        str(row["path"]),
        str(row["rule"]).lower().replace(" ", "-"),
        f"It looks like a secret ({row['rule']}).",
        "Take it out of the files, and out of use; read it from the environment.",
        severity=Severity.CRITICAL,
        line=int(row["line"]),
    )
