"""Step 8: what a reading of the code shows, who may call what, what it depends on, and what nobody has checked yet."""

import re
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.discovery.architecture import design_of
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import as_json
from services.agents.blueprint.testing.authorization import matrix_of, tried_share
from services.agents.blueprint.testing.criterion_marks import all_tests, marked_tests
from services.agents.blueprint.testing.source_scans import WEAKNESSES, Reading, read_sources
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Compliance, Risk
from services.deliverables.quality import Access, Finding, ResidualRisk, Security, SecurityCheck
from services.features.speech import agrees, counted

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
        "the service running; the matrix above says which roles a generated test tries",
    ),
    (
        "WSTG-ATHN-04 Testing for bypassing authentication schema",
        "the team's identity provider; try its tokens of another application and after their end",
    ),
    (
        "WSTG-SESS-10 Testing JSON Web Tokens",
        "the service running; what a test tries of it without a network stands under residual risk",
    ),
    (
        "WSTG-BUSL-06 Testing for the circumvention of work flows",
        "the service running; try each step from every state",
    ),
    ("WSTG-CRYP-01 Testing for weak transport layer security", "the deployed address"),
    ("WSTG-CRYP-03 Testing for sensitive information sent via unencrypted channels", "the deployed address"),
    ("WSTG-APIT-01 Testing the API for reconnaissance", "the deployed address"),
    ("Encryption at rest", "the database that DATABASE_URL will name"),
    ("Known vulnerabilities of dependencies", "a vulnerability database; security/sbom.cdx.json is its input"),
    ("Penetration test", "a person and a deployed service"),
)
# Weakness -> tests without a mark that try it.
_TRIES = {"CWE-347": ("test_another_token_is_refused",)}
_SARIF_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}


def generate(brief: Brief) -> Draft:
    risk = brief.read("risk", Risk)
    reading = read_sources(brief.files)
    components = pinned(brief.files.get("requirements.txt", b""))
    design = design_of(brief)
    matrix = matrix_of(brief.understanding, design, brief.files)
    checks = (*_read_checks(brief, reading), _listed(brief, design), *_checks_not_run(risk))
    records = Security(
        summary=_summary(reading, matrix, checks),
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
        checks=checks,
        authorization=matrix,
        dependencies=tuple(f"{name} {version}" for name, version in components),
        residual_risk=_residual(risk, brief),
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


def _summary(reading: Reading, matrix: tuple[Access, ...], checks: tuple[SecurityCheck, ...]) -> str:
    worst = sum(w.severity in ("critical", "high") for w in reading.weaknesses)
    found = (
        f"{counted(len(reading.weaknesses), 'finding')}, {worst} of them critical or high,"
        if reading.weaknesses
        else "No finding"
    )
    unread = f"; {counted(len(reading.unreadable), 'file')} could not be parsed" if reading.unreadable else ""
    tried, cells = tried_share(matrix)
    return (
        f"{found} from reading {counted(len(reading.read), 'file')} for {len(WEAKNESSES)} kinds of weakness{unread}. "
        f"{tried} of {counted(cells, 'pair')} of role and operation {agrees(tried, 'are')} tried by a generated test. Nothing was attacked; {counted(sum(not c.was_run for c in checks), 'check')} did not run."
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
    rules = [(f"Compliance: {item.rule}", _looked_at(item)) for item in risk.compliance]
    return tuple(
        SecurityCheck(check=check, was_run=False, result=f"not run: needs {needs}")
        for check, needs in (*_NOT_RUN, *rules)
    )


def _looked_at(item: Compliance) -> str:
    """What is missing is said by its owner, where the row of step 3 has one."""
    if item.evidence:
        return f"a person who looks at {item.evidence}"
    return f"evidence, of which there is none yet ({item.state})"


def _listed(brief: Brief, design: Architecture) -> SecurityCheck:
    """ASVS V8: no operation without an entry in the table of roles."""
    table = brief.files.get("app/access.py", b"").decode("utf-8", "replace")
    missing = [op.id for op in design.operations if op.id not in table]
    told = (
        f"without an entry in app/access.py: {', '.join(missing)}"
        if missing
        else f"all {len(design.operations)} operations have an entry in app/access.py"
    )
    return SecurityCheck(
        check="ASVS 5 V8.2 Every operation names its roles",
        was_run=bool(table),
        result=told if table else "not run: there is no app/access.py",
    )


def _residual(risk: Risk, brief: Brief) -> tuple[ResidualRisk, ...]:
    """Every threat of step 3, the worst first: what was found of its test, and who has to accept the rest."""
    tests, every = marked_tests(brief.files), all_tests(brief.files)
    worst_first = sorted(risk.threats, key=lambda t: (-t.likelihood * t.impact, t.id))
    found = []
    for threat in worst_first:
        written = [name for id_ in threat.criteria for name in tests.get(id_, ())]
        written += [name for name in every if name.rpartition("::")[2] in _TRIES.get(threat.cwe, ())]
        state = f"a test is written: {', '.join(dict.fromkeys(written))}" if written else "no test was found"
        found.append(
            ResidualRisk(
                threat=f"{threat.id} {threat.threat}", score=threat.likelihood * threat.impact, state=state, open_until=threat.test,
                accepted_by=f"nobody yet; to be asked: {threat.owner or 'a named person'}",
            )
        )  # fmt: skip
    return tuple(found)


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
    sections = (
        ("Findings", _findings(made)),
        ("Authorization: by the contract, and tried by a test", _matrix(made)),
        ("Checks that ran", markdown.table(("Check", "Result"), [(c.check, c.result) for c in made.checks if c.was_run])),
        ("Checks that did not run", markdown.table(("Check", "Needs"), [(c.check, c.result.removeprefix("not run: ").removeprefix("needs ")) for c in made.checks if not c.was_run])),
        ("Residual risk", markdown.table(("Threat", "Of 25", "Found", "Open until", "Accepted by"), [(r.threat, r.score, r.state, r.open_until, r.accepted_by) for r in made.residual_risk])),
        ("Dependencies", markdown.bullets((", ".join(made.dependencies) or "none are pinned",))),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Security validation: {brief.request.title}", made.summary, sections, answered(brief))


def _findings(made: Security) -> str:
    if not made.findings:
        return f"None of the {len(WEAKNESSES)} kinds that the reading knows: {', '.join(sorted(WEAKNESSES))}. It follows no data from input to use and knows no library; a scanner does."
    rows = [(f.id, f.cwe, f.severity, f"{f.file}:{f.line}", f.finding, f.fix) for f in made.findings]
    return markdown.table(("Id", "CWE", "Severity", "Place", "What", "Mend"), rows)


def _matrix(made: Security) -> str:
    """yes and no by the contract; "tried" where a test was found for the pair."""
    roles = tuple(dict.fromkeys(trial.role for access in made.authorization for trial in access.tried))
    rows = []
    for access in made.authorization:
        trials = {trial.role: trial for trial in access.tried}
        cells = [
            f"{'yes' if role in access.allowed else 'no'}{', tried' if trials[role].tests else ''}" for role in roles
        ]
        rows.append((access.operation, *cells))
    tests = sorted(
        {test.split("::")[0] for access in made.authorization for trial in access.tried for test in trial.tests}
    )
    note = f"Any other role and a caller without a token must be refused everywhere. Tests read: {', '.join(tests) or 'none'}."
    return markdown.table(("Operation", *(markdown.text(role) for role in roles)), rows) + f"\n\n{markdown.text(note)}"
