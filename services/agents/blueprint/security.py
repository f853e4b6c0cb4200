"""Step 8: what a reading of the code shows, who may call what, what it depends on, and what nobody has checked yet."""

import json
import re
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import as_json
from services.agents.blueprint.source_scans import WEAKNESSES, Reading, read_sources
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Risk
from services.deliverables.quality import Access, Finding, Security, SecurityCheck

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)")
# What the reading covers: WSTG id and title -> the weaknesses that would show there. Source: OWASP WSTG 4.2.
_READ = (
    ("WSTG-INPV-05 Testing for SQL injection", ("CWE-89",)),
    ("WSTG-INPV-11 Testing for code injection", ("CWE-95", "CWE-502")),
    ("WSTG-INPV-12 Testing for command injection", ("CWE-78",)),
    ("WSTG-ATHN-02 Testing for default credentials", ("CWE-798",)),
    ("WSTG-CLNT-01 Testing for DOM-based cross-site scripting", ("CWE-79",)),
    ("WSTG-CRYP-04 Testing for weak encryption", ("CWE-327", "CWE-295")),
)
# Check -> what it would need.
_NOT_RUN = (
    (
        "WSTG-ATHZ-02 Testing for bypassing authorization schema",
        "needs the service running; tests/ try a foreign role on every resource",
    ),
    (
        "WSTG-ATHN-04 Testing for bypassing authentication schema",
        "needs the gateway that sets X-Role; try the service around it",
    ),
    (
        "WSTG-BUSL-06 Testing for the circumvention of work flows",
        "needs the service running; tests/ try each verb out of turn",
    ),
    ("WSTG-CRYP-01 Testing for weak transport layer security", "needs the deployed address"),
    ("WSTG-CRYP-03 Testing for sensitive information sent via unencrypted channels", "needs the deployed address"),
    ("WSTG-APIT-01 Testing the API for reconnaissance", "needs the deployed address"),
    ("Encryption at rest", "needs the database that DATABASE_URL will name"),
    ("Known vulnerabilities of dependencies", "needs a vulnerability database; security/sbom.cdx.json is its input"),
    ("Penetration test", "needs a person and a deployed service"),
)
_SARIF_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}


def generate(brief: Brief) -> Draft:
    risk = Risk.model_validate(brief.inputs["risk"].records)
    reading = read_sources(brief.files)
    components = pinned(brief.files.get("requirements.txt", b""))
    records = Security(
        summary=_summary(reading),
        findings=tuple(
            Finding(
                id=f"SF-{n}",
                cwe=w.cwe,
                severity=w.severity,
                file=w.file,
                line=w.line,
                finding=w.what,
                fix=w.fix,
                status="open",
            )
            for n, w in enumerate(reading.weaknesses, start=1)
        ),
        checks=(*_read_checks(brief, reading), *_checks_not_run(risk)),
        authorization=_authorization(brief),
        dependencies=tuple(f"{name} {version}" for name, version in components),
        residual_risk=_residual(risk),
    )
    files = {
        "security/authorization.json": as_json([access.model_dump() for access in records.authorization]),
        "security/findings.sarif": as_json(_sarif(records)),
        "security/sbom.cdx.json": as_json(_bill_of_materials(brief, components)),
        "security/checks.md": _checklist(records).encode(),
    }
    return Draft(report=_report(brief, records), records=records, files=files, cost_usd=0.0)


def pinned(requirements: bytes) -> list[tuple[str, str]]:
    """(name, version) of every line that pins exactly."""
    matches = (_PIN.match(line.strip()) for line in requirements.decode("utf-8", "replace").splitlines())
    return [(m[1], m[2]) for m in matches if m]


def _summary(reading: Reading) -> str:
    worst = [w for w in reading.weaknesses if w.severity == "critical"]
    unread = f"; {len(reading.unreadable)} files could not be parsed" if reading.unreadable else ""
    return (
        f"{len(reading.read)} files were read by their syntax, with {len(WEAKNESSES)} kinds of weakness in mind: "
        f"{len(reading.weaknesses)} findings, {len(worst)} of them critical{unread}. Nothing was attacked; {len(_NOT_RUN)} checks did not run."
    )


def _read_checks(brief: Brief, reading: Reading) -> tuple[SecurityCheck, ...]:
    made = []
    for check, kinds in _READ:
        found = [f"{w.file}:{w.line}" for w in reading.weaknesses if w.cwe in kinds]
        told = ", ".join(found) if found else f"none found by reading {len(reading.read)} files; inputs were not tried"
        made.append(SecurityCheck(check=check, was_run=bool(reading.read), result=told))
    page = brief.files.get("web/index.html", b"")
    is_strict = b"Content-Security-Policy" in page and b"unsafe-" not in page
    told = "the page forbids foreign and inline scripts" if is_strict else "the page has no strict policy"
    made.append(
        SecurityCheck(
            check="WSTG-CONF-12 Testing for content security policy",
            was_run=bool(page),
            result=told if page else "no page",
        )
    )
    return tuple(made)


def _checks_not_run(risk: Risk) -> tuple[SecurityCheck, ...]:
    rules = [
        (f"Compliance: {item.rule}", f"needs a person; {item.demands}; evidence: {item.evidence}")
        for item in risk.compliance
    ]
    return tuple(
        SecurityCheck(check=check, was_run=False, result=f"not run: {needs}") for check, needs in (*_NOT_RUN, *rules)
    )


def _authorization(brief: Brief) -> tuple[Access, ...]:
    """From the contract: the values of X-Role that each operation names."""
    document = json.loads(brief.files.get("design/openapi.json", b'{"paths": {}}'))
    operations = [item for methods in document["paths"].values() for item in methods.values()]
    allowed = {f"OP-{item['operationId']}": tuple(_roles(item)) for item in operations}
    everyone = tuple(
        dict.fromkeys([*brief.understanding.actors, *(role for roles in allowed.values() for role in roles)])
    )
    return tuple(
        Access(
            operation=id_, allowed=roles, denied=(*(r for r in everyone if r not in roles), "any other role", "no role")
        )
        for id_, roles in sorted(allowed.items())
    )


def _roles(operation: dict[str, Any]) -> list[str]:
    return [
        role for p in operation.get("parameters", []) if p["name"] == "X-Role" for role in p["schema"].get("enum", [])
    ]


def _residual(risk: Risk) -> tuple[str, ...]:
    worst_first = sorted(risk.threats, key=lambda t: (-t.likelihood * t.impact, t.id))
    return tuple(
        f"{t.id} ({t.likelihood} x {t.impact}) {t.threat}; {t.mitigation}; open until: {t.test}" for t in worst_first
    )


def _sarif(made: Security) -> dict[str, Any]:
    """SARIF 2.1.0, which code hosts show beside the lines."""
    rules = [
        {"id": cwe, "shortDescription": {"text": WEAKNESSES[cwe][1]}} for cwe in sorted({f.cwe for f in made.findings})
    ]
    results = [
        {
            "ruleId": f.cwe,
            "level": _SARIF_LEVELS[f.severity],
            "message": {"text": f"{f.finding}; {f.fix}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": f.file}, "region": {"startLine": f.line}}}],
        }
        for f in made.findings
    ]
    driver = {"name": "greenlight-blueprint", "version": "1", "informationUri": "https://cwe.mitre.org", "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _bill_of_materials(brief: Brief, components: list[tuple[str, str]]) -> dict[str, Any]:
    """CycloneDX without serial number and time: the same request gives the same bytes."""
    name = brief.understanding.name.replace("_", "-")
    refs = [f"pkg:pypi/{name.lower()}@{version}" for name, version in components]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": name, "name": name, "version": "1.0.0"}},
        "components": [
            {"type": "library", "bom-ref": ref, "name": name, "version": version, "purl": ref}
            for ref, (name, version) in zip(refs, components, strict=True)
        ],
        "dependencies": [{"ref": name, "dependsOn": refs}],
    }


def _checklist(made: Security) -> str:
    rows = [(c.check, "yes" if c.was_run else "no", c.result) for c in made.checks]
    return f"# Security checks\n\n{markdown.table(('Check', 'Run', 'Result'), rows)}\n"


def _report(brief: Brief, made: Security) -> str:
    roles = tuple(dict.fromkeys(role for access in made.authorization for role in (*access.allowed, *access.denied)))
    matrix = [
        (a.operation, *("allowed" if role in a.allowed else "refused" for role in roles)) for a in made.authorization
    ]
    sections = (
        ("Findings", markdown.table(("Id", "CWE", "Severity", "Place", "What", "Mend"), [(f.id, f.cwe, f.severity, f"{f.file}:{f.line}", f.finding, f.fix) for f in made.findings]) or "The reading found none of the weaknesses that it knows."),
        ("Authorization, as designed", markdown.table(("Operation", *(markdown.text(role) for role in roles)), matrix)),
        ("Checks that ran", markdown.table(("Check", "Result"), [(c.check, c.result) for c in made.checks if c.was_run])),
        ("Checks that did not run", markdown.table(("Check", "Why"), [(c.check, c.result) for c in made.checks if not c.was_run])),
        ("Residual risk, nobody has accepted it yet", markdown.bullets(made.residual_risk)),
        ("Dependencies", markdown.table(("Package",), [(name,) for name in made.dependencies])),
        ("Context read", markdown.bullets(d.name for d in brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Security validation: {brief.request.title}", made.summary, sections, answered(brief))
