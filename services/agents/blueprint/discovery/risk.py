"""Step 3: whether it is safe to build it this way: a verdict with conditions, threats, data, law, and what has to be tried first."""

from collections.abc import Iterator

from services.agents.blueprint import markdown
from services.agents.blueprint.citations import readable
from services.agents.blueprint.discovery.compliance import inventory_of, obligations_of, requirements_of
from services.agents.blueprint.discovery.threats import threats_of
from services.agents.blueprint.remarks import answered
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Compliance, Risk, Spike, Threat
from services.features.speech import counted, one_of

_HIGH = 12


def generate(brief: Brief) -> Draft:
    brief = readable(brief)
    design = brief.read("architecture", Architecture)
    threats = threats_of(brief, design)
    data = inventory_of(brief, design)
    law = obligations_of(brief, design)
    conditions = tuple(_conditions(brief, threats, law))
    spikes = _spikes(brief)
    high = sum(t.likelihood * t.impact >= _HIGH for t in threats)
    tried = sum(bool(t.criteria) for t in threats)
    verdict = "feasible with conditions" if conditions else "feasible"
    records = Risk(
        summary=f"{verdict.capitalize()}: {counted(len(conditions), 'condition')}. {counted(len(threats), 'threat')}, {high} of them at {_HIGH} or more of 25, "
        f"{tried} tried by the test of a criterion; {counted(len(data), 'sensitive field')}, {counted(len(law), 'rule')} of law; {counted(len(spikes), 'spike')} before coding.",
        verdict=verdict,
        conditions=conditions,
        threats=threats,
        data=data,
        compliance=law,
        requirements=requirements_of(threats),
        unknowns=(
            *brief.understanding.questions,
            *(f"Not understood: {s}" for s in brief.understanding.not_understood),
        ),
        spikes=spikes,
    )
    return Draft(report=_report(brief, records), records=records, cost_usd=0.0)


def _conditions(brief: Brief, threats: tuple[Threat, ...], law: tuple[Compliance, ...]) -> Iterator[str]:
    """What has to be true before people use it; each names whose it is."""
    worst = threats[0]
    if worst.likelihood * worst.impact >= _HIGH:
        yield f"{worst.id} is tried before the first stage: {worst.test} ({worst.owner})"
    for item in law:
        if item.state.startswith("open: "):
            yield f"{item.rule}: {item.demands} ({item.state})"
    names = tuple(i.name for i in brief.understanding.integrations)
    if names:
        yield f"{one_of(names, 'and')} {'give' if len(names) > 1 else 'gives'} a test environment and its limits before step 4 ends (whoever runs {'them' if len(names) > 1 else 'it'} here)"
    for missing in brief.understanding.not_built:
        yield f"Somebody accepts that {missing} is not there (product)"


# Kind of another system -> (question, what to do, what it decides); {name} is filled.
_UNKNOWN = {
    "identity": ("Which claim of {name}'s tokens holds the role, and how long do they live?", "decode one token per role from its test environment", "whether the role can be taken from the token"),
    "email": ("May {name} send for our domain, and how many a minute?", "send to five mailboxes of different hosts", "the pace of the outbox"),
    "sms": ("How many messages a minute does {name} take, and does it tell of what did not arrive?", "send ten at once to two numbers", "the pace of the outbox, and who is told of failures"),
    "chat": ("May an app post where {name} has its readers?", "post once in a private and once in a public place", "which place is used"),
    "storage": ("Does {name} give links that end and are for one person?", "make one, wait for its end, open it as somebody else", "whether files go through this service"),
    "search": ("How long after a change does {name} find it?", "write 100 records, ask every second", "whether the list may be shown from it"),
}  # fmt: skip
_OTHER = (
    "Does {name} accept a key of ours and answer a repeat the same way?",
    "two calls with one key against its test environment; then one with the network cut",
    "whether a call may be repeated",
)


def _spikes(brief: Brief) -> tuple[Spike, ...]:
    """What cannot be known by thinking, with the time it may take."""
    found = []
    for system in brief.understanding.integrations:
        question, do, decides = _UNKNOWN.get(system.kind, _OTHER)
        found.append((question.format(name=system.name), do, 0.5, decides))
    for q in brief.understanding.quantities:
        if q.kind == "throughput":
            found.append(
                (
                    f"Does one database carry {q.value:g} {q.unit}?",
                    "performance/load.py at that rate against the real kind of database, ten minutes",
                    0.5,
                    "number of pods and connections",
                )
            )
        elif q.kind == "availability" and q.value >= 99.9:
            found.append(
                (
                    f"Can a release go out without a failed request, at {q.value:g} %?",
                    "a rollout on staging under load; count answers of 500 and above",
                    0.5,
                    "whether the deployment strategy holds the objective",
                )
            )
    return tuple(
        Spike(id=f"SP-{n}", question=q, do=do, days=days, decides=what)
        for n, (q, do, days, what) in enumerate(found, start=1)
    )


def _report(brief: Brief, made: Risk) -> str:
    sections = (
        ("Conditions", markdown.bullets(made.conditions) or "None."),
        ("Risk matrix", _matrix(made)),
        ("Threats", markdown.table(("Id", "STRIDE", "At", "Threat", "L x I", "CWE", "OWASP API", "Mitigation", "Owner", "Proven by", "From"), [(t.id, t.category, t.entry_point, t.threat, f"{t.likelihood} x {t.impact} = {t.likelihood * t.impact}", t.cwe, t.owasp, t.mitigation, t.owner, f"the test of {', '.join(t.criteria)}; beyond it: {t.test}" if t.criteria else t.test, t.source) for t in made.threats])),
        ("Data inventory", markdown.table(("Field", "Class", "Needed", "Legal basis", "Kept", "Protection", "From"), [(d.field, d.classification, d.purpose, d.legal_basis, d.retention, d.protection, d.source) for d in made.data]) or "No field of the request is personal, about payment, about health or a credential."),
        ("Compliance", markdown.table(("Rule", "Applies because", "Demands here", "Evidence", "State"), [(c.rule, c.applies_because, c.demands, c.evidence or "none yet", c.state) for c in made.compliance]) or "No law follows from the fields of this request."),
        ("Security requirements", _requirements(made)),
        ("Spikes", markdown.table(("Id", "Question", "Do", "Days (assumed)", "Decides"), [(s.id, s.question, s.do, s.days, s.decides) for s in made.spikes])),
        ("Unknown", markdown.bullets(made.unknowns)),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Feasibility and risk: {brief.request.title}", made.summary, sections, answered(brief))


def _matrix(made: Risk) -> str:
    cells: dict[tuple[int, int], list[str]] = {}
    for threat in made.threats:
        cells.setdefault((threat.likelihood, threat.impact), []).append(threat.id)
    rows = [
        [f"likelihood {p}", *[" ".join(cells.get((p, i), [])) or "·" for i in range(1, 6)]] for p in range(5, 0, -1)
    ]
    return markdown.table(("", "impact 1", "2", "3", "4", "5"), rows)


def _requirements(made: Risk) -> str:
    """By chapter; each demand is the mitigation of its threat above."""
    chapters = dict.fromkeys(r.asvs for r in made.requirements)
    entry = {t.id: t.entry_point for t in made.threats}
    rows = [
        (chapter, len(own), ", ".join(f"{r.id} at {entry[r.threat]} ({r.threat})" for r in own))
        for chapter in sorted(chapters, key=lambda c: int(c[1:].split(" ")[0]))
        for own in [[r for r in made.requirements if r.asvs == chapter]]
    ]
    return markdown.table(("OWASP ASVS 5", "Demands", "Which: the mitigation of its threat"), rows)
