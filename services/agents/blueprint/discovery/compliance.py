"""Data that people can be harmed by, the law that follows from it, and what the backend has to prove.

Source: GDPR articles, PCI DSS 4.0, HIPAA 45 CFR 164.312, OWASP ASVS 5.0 chapters. Only what the fields of the request trigger.
"""

from collections.abc import Iterator

from services.agents.blueprint.citations import quoted
from services.agents.blueprint.rules.callers import gets_records
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief
from services.deliverables.discovery import (
    Architecture,
    Compliance,
    DataItem,
    EntityField,
    Operation,
    SecurityRequirement,
    Threat,
)
from services.features import words
from services.features.speech import agrees, called_by_name, counted, duration, one_of, spaced, third
from services.features.understanding import RuleKind

_BASIS = {
    "personal": "contract or legitimate interest (GDPR art. 6.1 b, f), to be confirmed by the data protection officer",
    "health": "consent or care (GDPR art. 9.2 a, h), to be confirmed by the data protection officer",
    "payment": "contract (GDPR art. 6.1 b), to be confirmed by finance",
    "credentials": "none: it belongs to no person; security confirms that it has to be kept",
}
_PROTECTION = {
    "personal": "TLS; disk encryption of the database; not in events and logs",
    "health": "TLS; disk encryption of the database; not in events, logs and shared caches",
    "payment": "TLS; a reference of the provider only; not in events and logs",
    "credentials": "TLS; the value itself stands in the database, readable to whoever reads that: open until security names a secret store or a hash",
}
# Threat -> chapter of ASVS 5.
_CHAPTERS = {
    "CWE-862": "V8 Authorization", "CWE-639": "V8 Authorization", "CWE-863": "V8 Authorization", "CWE-841": "V2 Validation and Business Logic",
    "CWE-20": "V2 Validation and Business Logic", "CWE-1284": "V2 Validation and Business Logic", "CWE-362": "V2 Validation and Business Logic", "CWE-770": "V2 Validation and Business Logic",
    "CWE-799": "V2 Validation and Business Logic", "CWE-347": "V9 Self-contained Tokens", "CWE-287": "V10 OAuth and OIDC", "CWE-345": "V4 API and Web Service",
    "CWE-213": "V14 Data Protection", "CWE-201": "V14 Data Protection", "CWE-552": "V5 File Handling",
    "CWE-778": "V16 Security Logging and Error Handling",
}  # fmt: skip


def inventory_of(brief: Brief, design: Architecture) -> tuple[DataItem, ...]:
    kept = _kept(brief)
    return tuple(
        DataItem(
            field=f"{e.name}.{f.name}", classification=f.sensitive, purpose=_purpose(brief, design, e.name, f.required), legal_basis=_BASIS.get(f.sensitive, "to be named"),
            retention=kept.get(e.name, kept.get("", "open: the request names none")), protection=_protection(brief, e.name, f), source=f.source,
        )
        for e in design.entities for f in e.fields if f.sensitive
    )  # fmt: skip


def _protection(brief: Brief, resource: str, field: EntityField) -> str:
    """What the code does with the value; a rule that hides it is named."""
    hidden = plan_of(brief.understanding).domain.hidden(resource).get(field.name, "")
    shown = {"masked": "answers show its last four characters", "left out": "no answer has it"}.get(hidden, "")
    return "; ".join(part for part in (_PROTECTION.get(field.sensitive, "TLS"), shown) if part)


def _kept(brief: Brief) -> dict[str, str]:
    """Entity -> how long, with where it comes from; "" is what the request says in general."""
    found = {
        r.resource: f"{duration(r.seconds)} ({c.id})"
        for c in plan_of(brief.understanding).provable
        for r in c.rules
        if r.kind is RuleKind.RETENTION and r.seconds
    }
    asked = next((q for q in brief.understanding.quantities if q.kind == "retention"), None)
    return {**found, **({"": f"{asked.value:g} {asked.unit} ({quoted(brief.request, asked.span)})"} if asked else {})}


def _purpose(brief: Brief, design: Architecture, resource: str, required: bool) -> str:  # noqa: FBT001
    """Who needs it for what: the acts of the use cases on its record."""
    cases = [c for c in brief.understanding.use_cases if c.resource == resource]
    told = tuple(dict.fromkeys(f"{words.article(spaced(c.actor))} who {third(c.verb)}" for c in cases))
    readers = next((op.roles for op in design.operations if op.resource == resource and op.verb == "get"), ())
    acts = f"by {one_of(told[:3], 'and')}" if told else f"read by {one_of(readers, 'and')}; no use case names it"
    return f"{acts}; {'needed for every record' if required else 'optional'}"


def obligations_of(brief: Brief, design: Architecture) -> tuple[Compliance, ...]:
    named = {
        kind: one_of(
            tuple(f"{e.name}.{f.name}" for e in design.entities for f in e.fields if f.sensitive == kind), "and"
        )
        for kind in _BASIS
    }
    rows = []
    if named["personal"] or named["health"]:
        rows += [*_gdpr(brief, design, named), *_given_to_others(brief, design)]
    if named["health"]:
        rows += list(_health(brief, named["health"]))
    if named["payment"] or any(i.kind == "payment" for i in brief.understanding.integrations):
        rows += list(_cards(brief, named["payment"]))
    if named["credentials"]:
        rows.append(
            (
                "ASVS 5.0 V13.3",
                f"{named['credentials']} opens another system",
                "A name in the secret store, or a hash, instead of the value that the database holds now",
                "the field's values on staging",
                "open: security",
            )
        )
    return tuple(Compliance(rule=r, applies_because=b, demands=d, evidence=e, state=s) for r, b, d, e, s in rows)


_Row = tuple[str, str, str, str, str]


def _gdpr(brief: Brief, design: Architecture, named: dict[str, str]) -> Iterator[_Row]:
    fields = one_of(
        tuple(f"{e.name}.{f.name}" for e in design.entities for f in e.fields if f.sensitive in ("personal", "health")),
        "and",
    )
    entities = [e for e in design.entities if any(f.sensitive in ("personal", "health") for f in e.fields)]
    writes = [op for op in design.operations if op.resource == entities[0].name]
    deletes, changes = _with(writes, "delete"), _with(writes, "update")
    history = any(r.kind is RuleKind.HISTORY for c in brief.understanding.criteria for r in c.rules)
    retention = _kept(brief)
    yield (
        "GDPR art. 6",
        f"{fields} can be tied to a person",
        f"One legal basis for {fields}, written down before the first stage",
        "the data inventory of step 3, signed",
        "open: data protection officer",
    )
    yield (
        "GDPR art. 13",
        f"{one_of(tuple(words.plural(spaced(a)) for a in brief.understanding.actors), 'and')} give or see them",
        "People are told what is kept, why and how long, where they enter it",
        "the text on the page",
        "open: product",
    )
    yield (
        "GDPR art. 15, 16",
        "people may see and correct what is kept of them",
        f"A list per person; corrections by {changes or 'an operation that is missing'}",
        f"the test of {changes}" if changes else "",
        f"built: {changes}" if changes else "open: backend",
    )
    where = "the table, the outbox, the event log" + (" and the history" if history else "")
    yield (
        "GDPR art. 17",
        "a person may ask to be forgotten",
        f"Erasure reaches {where}",
        f"{deletes}, analytics.pipeline --erase"
        if deletes
        else "analytics.pipeline --erase; there is no operation that deletes the record",
        "partly built" if deletes else "open: product decides on a way to erase",
    )
    told = next(iter(retention.values()), "")
    yield (
        "GDPR art. 5.1 e",
        "no longer than needed",
        f"Removed after {told}" if told else "A time after which it is removed",
        "the test of the removal" if told else "",
        "built"
        if told and any(r.kind is RuleKind.RETENTION for c in brief.understanding.criteria for r in c.rules)
        else "open: product names the time",
    )
    yield (
        "GDPR art. 30, 32",
        f"{len(entities)} of {counted(len(design.entities), 'kind', 'kinds')} of record {agrees(len(entities), 'hold')} personal data",
        "An entry in the register; encryption in transit and at rest; roles per operation",
        "register, deployment, authorization matrix of step 8",
        "roles built; the rest open: operations",
    )


def _given_to_others(brief: Brief, design: Architecture) -> Iterator[_Row]:
    hidden = plan_of(brief.understanding).domain.hidden
    for system in brief.understanding.integrations:
        kinds = gets_records(brief.understanding, system)
        fields = tuple(
            f"{e.name}.{f.name}"
            for e in design.entities
            for f in e.fields
            if e.name in kinds and f.sensitive in ("personal", "health") and f.name not in hidden(e.name)
        )
        if fields:
            yield (
                "GDPR art. 28",
                f"{one_of(fields, 'and')} {agrees(len(fields), 'are')} sent to {called_by_name(system.name)}",
                "A contract with whoever runs it; what it does not need is left out of the errand",
                "app/integrations, the functions named after it in rules.py",
                "open: data protection officer",
            )


def _health(brief: Brief, fields: str) -> Iterator[_Row]:
    history = next(
        (c.id for c in plan_of(brief.understanding).provable for r in c.rules if r.kind is RuleKind.HISTORY), ""
    )
    yield (
        "GDPR art. 9, 35",
        f"{fields} tells of somebody's health",
        "Consent or care as ground, and an impact assessment before the first stage",
        "the assessment, signed",
        "open: data protection officer",
    )
    yield (
        "HIPAA 164.312(b)",
        f"{fields}, where the provider is a covered entity in the USA",
        "Who looked at it is recorded, not only who changed it",
        history,
        "open: backend records reads",
    )


def _cards(brief: Brief, fields: str) -> Iterator[_Row]:
    providers = (
        one_of(tuple(i.name for i in brief.understanding.integrations if i.kind == "payment"), "and")
        or "a payment provider"
    )
    yield (
        "PCI DSS 4.0 req. 3",
        (fields and f"{fields} comes from a payment") or f"money goes through {providers}",
        f"No card number, no security code: only the reference that {providers} gives",
        "the field's values on staging; its limit of length" if fields else "the contract of step 2 has no card field",
        "open: backend reviews the values",
    )
    yield (
        "PCI DSS 4.0 req. 6.4.3",
        f"people pay through {providers}",
        "Card fields are the provider's own page; scripts there are listed",
        "content security policy of the page",
        "open: frontend when payment is added",
    )


def _with(operations: list[Operation], verb: str) -> str:
    return next((op.id for op in operations if op.verb == verb), "")


def requirements_of(threats: tuple[Threat, ...]) -> tuple[SecurityRequirement, ...]:
    """One testable demand per threat: what its mitigation has to show."""
    return tuple(
        SecurityRequirement(
            id=f"SR-{n}", demand=f"{t.entry_point}: {t.mitigation}", asvs=_CHAPTERS.get(t.cwe, "V15 Secure Coding and Architecture"), threat=t.id,
            proven_by=", ".join(t.criteria) or t.test,
        )
        for n, t in enumerate(threats, start=1)
    )  # fmt: skip
