"""SARIF of any scanner, and CycloneDX: an audit of dependencies when it tells of vulnerabilities."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.evidence.findings import Finding, found_in, worst_first
from services.evidence.measurements import judged
from services.evidence.outside.told import Told, UnreadableFile, part, rows, severity_of, text

FINDINGS, DEPENDENCIES = "outside_findings", "dependencies"


def read_sarif(document: Mapping[str, Any]) -> Told:
    runs = rows(document.get("runs"))
    if not runs:
        raise UnreadableFile("The SARIF file holds no run of a tool.")
    driver = part(part(runs[0], "tool"), "driver")
    findings = worst_first(finding for run in runs for finding in _results(run))
    outcome, reason = judged(findings, f"{text(driver.get('name'), 60) or 'A scanner'} found nothing.")
    return Told(
        check=FINDINGS,
        tool=text(driver.get("name"), 60) or "SARIF",
        tool_version=text(driver.get("semanticVersion") or driver.get("version"), 40),
        outcome=outcome,
        reason=reason,
        figures={"findings": len(findings)},
        findings=findings,
        revisions=frozenset(
            text(row.get("revisionId"), 64) for run in runs for row in rows(run.get("versionControlProvenance"))
        ),
    )


def _results(run: Mapping[str, Any]) -> Iterator[Finding]:
    scores = {
        text(rule.get("id")): part(rule, "properties").get("security-severity")
        for rule in rows(part(part(run, "tool"), "driver").get("rules"))
    }
    for result in rows(run.get("results")):
        if result.get("suppressions"):
            continue
        place = part((rows(result.get("locations")) or [{}])[0], "physicalLocation")
        line = part(place, "region").get("startLine")
        rule = text(result.get("ruleId"), 80)
        yield found_in(
            text(part(place, "artifactLocation").get("uri"), 200) or "no place",
            rule or "unnamed",
            text(part(result, "message").get("text")) or "No message.",
            "Mend it, or say at the gate why it may stay.",
            severity=severity_of(result.get("level", "warning"), scores.get(rule)),
            line=line if isinstance(line, int) and line > 0 else None,
        )


def read_cyclonedx(document: Mapping[str, Any]) -> Told:
    components = rows(document.get("components"))
    tools = part(document, "metadata").get("tools")
    named = rows(tools) or rows(part(part(document, "metadata"), "tools").get("components"))
    tool = named[0] if named else {}
    about: dict[str, Any] = {
        "check": DEPENDENCIES,
        "tool": text(tool.get("name"), 60) or "CycloneDX",
        "tool_version": text(tool.get("version"), 40),
        "figures": {"packages": len(components)},
        "revisions": frozenset(_revisions(document)),
        "packages": frozenset((_name(c.get("name")), text(c.get("version"), 60)) for c in components),
    }
    if "vulnerabilities" not in document:
        reason = "The file lists components and tells of no audit: it has no “vulnerabilities”."
        return Told(outcome="not_measured", reason=reason, **about)
    findings = worst_first(_vulnerability(row, components) for row in rows(document["vulnerabilities"]))
    outcome, reason = judged(
        findings, f"{len(components)} packages were audited elsewhere, and nothing is known of them."
    )
    return Told(outcome=outcome, reason=reason, findings=findings, **about)


def _revisions(document: Mapping[str, Any]) -> Iterator[str]:
    metadata = part(document, "metadata")
    for row in (*rows(metadata.get("properties")), *rows(document.get("properties"))):
        if text(row.get("name")).lower().rsplit(":", 1)[-1] in {"tree", "commit", "revision"}:
            yield text(row.get("value"), 64)


def _vulnerability(row: Mapping[str, Any], components: list[Mapping[str, Any]]) -> Finding:
    names = {text(c.get("bom-ref")): f"{text(c.get('name'), 80)} {text(c.get('version'), 40)}" for c in components}
    ratings = rows(row.get("ratings")) or [{}]
    worst = min(
        (severity_of(r.get("severity", "high"), r.get("score")) for r in ratings),
        key=lambda severity: ("critical", "high", "medium", "low").index(severity.value),
    )
    touched = [
        names.get(text(affected.get("ref")), text(affected.get("ref"), 80)) for affected in rows(row.get("affects"))
    ]
    return found_in(
        "requirements.txt",
        text(row.get("id"), 60) or "vulnerability",
        f"{', '.join(touched) or 'A package'}: {text(row.get('description'), 200) or 'a known vulnerability'}",
        text(row.get("recommendation"), 200) or "Take a version without it.",
        severity=worst,
    )


def _name(value: object) -> str:
    """As package indexes compare names. Source: PEP 503."""
    return text(value, 120).lower().replace("_", "-").replace(".", "-")
