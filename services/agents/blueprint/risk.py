"""Step 3: threats by STRIDE over the operations, data by class, and what law follows from it."""

from collections.abc import Sequence

from services.agents.blueprint import markdown
from services.agents.blueprint.remarks import answered
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Compliance, DataItem, EntityField, Risk, Threat

# Class of data -> (rule, what it demands here, evidence). Source: the articles named.
_RULES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "personal": (
        ("GDPR art. 6", "A legal basis per field", "data inventory of this step"),
        ("GDPR art. 17", "Erasure reaches the table and the event log", "a test that erases"),
        ("GDPR art. 32", "Encrypted at rest and in transit", "deployment configuration"),
    ),
    "payment": (("PCI DSS 4, req. 3", "No card number is stored", "review of the fields"),),
    "health": (
        ("GDPR art. 9", "Explicit consent before it is stored", "consent record"),
        ("HIPAA 164.312", "Access is logged per person", "audit log"),
    ),
    "credentials": (("OWASP ASVS 2.4", "Only salted hashes are kept", "review of the fields"),),
}


def generate(brief: Brief) -> Draft:
    design = Architecture.model_validate(brief.inputs["architecture"].records)
    sensitive = [(e.name, f) for e in design.entities for f in e.fields if f.sensitive]
    threats = _threats(design, bool(sensitive))
    worst = max(threats, key=lambda t: t.likelihood * t.impact)
    records = Risk(
        summary=f"Feasible with conditions: {len(threats)} threats, the worst is {worst.id} ({worst.likelihood} x {worst.impact}); "
        f"{len(sensitive)} sensitive fields.",
        verdict="feasible with conditions",
        threats=threats,
        data=tuple(
            DataItem(
                field=f"{entity}.{field.name}", classification=field.sensitive, purpose=f"needed to handle {entity.replace('_', ' ')}",
                legal_basis="to be named by the data protection officer", retention=_retention(brief), protection="encrypted at rest; masked in logs and events",
            )
            for entity, field in sensitive
        ),
        compliance=tuple(
            Compliance(rule=rule, applies_because=f"{_named(kind, sensitive)} is {kind} data", demands=demands, evidence=evidence)
            for kind in dict.fromkeys(field.sensitive for _, field in sensitive)
            for rule, demands, evidence in _RULES[kind]
        ),
        requirements=_requirements(design),
        unknowns=tuple(brief.understanding.questions),
    )  # fmt: skip
    return Draft(report=_report(brief, records), records=records, cost_usd=0.0)


def _retention(brief: Brief) -> str:
    kept = next((q for q in brief.understanding.quantities if q.kind == "retention"), None)
    return f"{kept.value:g} {kept.unit}, as requested" if kept else "to be decided; the request names none"


def _named(kind: str, sensitive: Sequence[tuple[str, EntityField]]) -> str:
    return ", ".join(f"{entity}.{field.name}" for entity, field in sensitive if field.sensitive == kind)


def _threats(design: Architecture, has_sensitive: bool) -> tuple[Threat, ...]:  # noqa: FBT001
    main = design.entities[0]
    writes = [op for op in design.operations if op.method != "GET"]
    moves = [op for op in writes if op.verb in {verb for verb, _, _ in main.transitions}]
    found = [
        ("Spoofing", writes[0], "Somebody sends a role that is not theirs", 3, 5, "Only the gateway may set X-Role; the service is not reachable around it", "network policy, request without gateway"),
        ("Tampering", next(op for op in design.operations if op.verb == "update"), f"Two people overwrite each other's {main.label.lower()}", 4, 3, "Versions and If-Match", "test of a stale version"),
        ("Repudiation", (moves or writes)[0], f"Nobody can say who changed {main.label.lower()}", 3, 4, f"Every change emits {(moves or writes)[0].event} with role and id", "test of emitted events"),
        ("Information disclosure", design.operations[1], f"Lists show {'sensitive fields' if has_sensitive else 'records'} to the wrong role", 3, 5 if has_sensitive else 3, f"Reads need one of: {', '.join(design.operations[1].roles)}", "role x operation matrix"),
        ("Denial of service", design.operations[1], "A list without a limit reads everything", 4, 3, "At most 100 records per page", "test of the limit"),
        ("Elevation of privilege", (moves or writes)[-1], f"A role outside {', '.join((moves or writes)[-1].roles)} calls it", 3, 5, "Roles are checked before the record is read", "test of a foreign role"),
    ]  # fmt: skip
    return tuple(
        Threat(
            id=f"TH-{n}",
            category=category,
            asset=op.resource,
            entry_point=op.id,
            threat=threat,
            likelihood=p,
            impact=i,
            mitigation=m,
            test=t,
        )
        for n, (category, op, threat, p, i, m, t) in enumerate(found, start=1)
    )


def _requirements(design: Architecture) -> tuple[str, ...]:
    return tuple(
        f"{op.id} refuses every role but {', '.join(op.roles)} with 403."
        for op in design.operations
        if op.method != "GET"
    )


def _report(brief: Brief, made: Risk) -> str:
    sections = (
        ("Threats", markdown.table(("Id", "STRIDE", "At", "Threat", "L", "I", "Mitigation", "Verified by"), [(t.id, t.category, t.entry_point, t.threat, t.likelihood, t.impact, t.mitigation, t.test) for t in made.threats])),
        ("Risk matrix", _matrix(made)),
        ("Data inventory", markdown.table(("Field", "Class", "Purpose", "Legal basis", "Kept", "Protection"), [(d.field, d.classification, d.purpose, d.legal_basis, d.retention, d.protection) for d in made.data]) or "The request names no sensitive data."),
        ("Compliance", markdown.table(("Rule", "Applies because", "Demands", "Evidence"), [(c.rule, c.applies_because, c.demands, c.evidence) for c in made.compliance]) or "No rule follows from the fields of this request."),
        ("Security requirements", markdown.bullets(made.requirements)),
        ("Unknown", markdown.bullets(made.unknowns)),
        ("Context read", markdown.bullets(d.name for d in brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Feasibility and risk: {brief.request.title}", made.summary, sections, answered(brief))


def _matrix(made: Risk) -> str:
    cells = {(t.likelihood, t.impact): [] for t in made.threats}  # type: dict[tuple[int, int], list[str]]
    for threat in made.threats:
        cells[threat.likelihood, threat.impact].append(threat.id)
    rows = [
        [f"likelihood {p}", *[" ".join(cells.get((p, i), [])) or "·" for i in range(1, 6)]] for p in range(5, 0, -1)
    ]
    return markdown.table(("", "impact 1", "2", "3", "4", "5"), rows)
