"""Step 1: stories, criteria, metrics, scope and risks."""

from services.agents.blueprint import markdown
from services.agents.blueprint.remarks import answered
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Business, BusinessRisk, Criterion, Stakeholder, SuccessMetric, UserStory
from services.features import words
from services.features.understanding import Understanding
from services.workflow.options import Complexity

ESTIMATES = {
    Complexity.SIMPLE: "1 to 2 days",
    Complexity.MEDIUM: "3 to 5 days",
    Complexity.COMPLEX: "1 to 2 weeks",
    Complexity.EPIC: "more than 2 weeks, over several teams",
}
_KINDS = (
    (words.CREATE, "records what happens", "high"),
    (set(words.TRANSITIONS), "decides and answers for it", "high"),
    (words.UPDATE | words.DELETE, "keeps it correct", "medium"),
    (words.READ, "relies on what is recorded", "medium"),
)


def generate(brief: Brief) -> Draft:
    understood, request = brief.understanding, brief.request
    main = understood.resources[0]
    by_test = [c for c in understood.criteria if c.rule]
    summary = (
        f"{understood.title}: {len(understood.stories)} stories about {main.plural.replace('_', ' ')}, "
        f"{len(understood.criteria)} acceptance criteria, {len(by_test)} of them provable by a test."
    )
    records = Business(
        summary=summary,
        value=f"{_people(understood)} get {main.plural.replace('_', ' ')} in one place, with a state that everybody sees.",
        stakeholders=_stakeholders(understood),
        stories=tuple(
            UserStory(
                id=s.id,
                actor=s.actor,
                goal=s.goal,
                benefit=s.benefit,
                priority=s.priority,
                source=_quote(brief, s.span),
            )
            for s in understood.stories
        ),
        criteria=tuple(
            Criterion(
                id=c.id,
                story=c.story,
                text=c.text,
                kind=c.kind.value,
                decided_by="test" if c.rule else "person",
                stated=c.stated,
            )
            for c in understood.criteria
        ),
        metrics=_metrics(understood),
        scope_in=tuple(
            f"{words.plural(r.label)}: {', '.join(f.name.replace('_', ' ') for f in r.fields)}"
            for r in understood.resources
        ),
        scope_out=understood.out_of_scope,
        dependencies=tuple(f"{i.name}: {i.purpose}" for i in understood.integrations),
        risks=_risks(understood),
        estimate=f"{ESTIMATES[request.complexity]}, driven by {len(understood.stories)} stories and {len(understood.integrations)} integrations",
        assumptions=understood.assumptions,
        questions=understood.questions,
    )
    return Draft(report=_report(brief, records), records=records, cost_usd=0.0)


def _people(understood: Understanding) -> str:
    return " and ".join(words.plural(actor) for actor in understood.actors[:3]).capitalize()


def _quote(brief: Brief, span: tuple[int, int] | None) -> str:
    if span is None:
        return "assumption"
    return f"{brief.request.title}\n{brief.request.description}"[span[0] : span[1]][:200]


def _stakeholders(understood: Understanding) -> tuple[Stakeholder, ...]:
    found = []
    for actor in understood.actors:
        verbs = {case.verb for case in understood.use_cases if case.actor == actor}
        interest, influence = next((i, f) for kinds, i, f in _KINDS if verbs & kinds)
        found.append(Stakeholder(role=actor, interest=f"{interest}: {', '.join(sorted(verbs))}", influence=influence))
    return tuple(found)


def _metrics(understood: Understanding) -> tuple[SuccessMetric, ...]:
    main = understood.resources[0]
    things = main.plural.replace("_", " ")
    metrics = [
        SuccessMetric(
            id="SM-1", name=f"{things} created per week", formula=f"count of {main.name}_created over 7 days",
            baseline="not measured yet", target="agreed with product before the rollout", instrument=f"EV-{main.name}_created",
        )
    ]  # fmt: skip
    for number, (verb, source, target) in enumerate(main.transitions[:2], start=2):
        state = words.TRANSITIONS[verb]
        metrics.append(
            SuccessMetric(
                id=f"SM-{number}", name=f"time from {source} to {target}",
                formula=f"median of time({main.name}_{state}) - time({main.name}_created)",
                baseline="not measured yet", target="shorter than today, after four weeks", instrument=f"EV-{main.name}_{state}",
            )
        )  # fmt: skip
    return tuple(metrics)


def _risks(understood: Understanding) -> tuple[BusinessRisk, ...]:
    main = understood.resources[0]
    found = [
        (
            f"{_people(understood)} keep their old way beside this one",
            3,
            3,
            f"Watch SM-1; ask those whose {main.plural.replace('_', ' ')} are missing",
        )
    ]
    found += [
        (f"{i.name} is not available when it is needed", 3, 4, "Time limit, retry and a state that can be resumed")
        for i in understood.integrations
    ]
    open_criteria = [c.id for c in understood.criteria if not c.rule]
    if open_criteria:
        found.append(
            (
                f"{', '.join(open_criteria[:6])} cannot be proven by a test",
                4,
                3,
                "A named person decides each at the gate",
            )
        )
    return tuple(
        BusinessRisk(id=f"BR-{n}", risk=r, likelihood=p, impact=i, mitigation=m)
        for n, (r, p, i, m) in enumerate(found, start=1)
    )


def _report(brief: Brief, made: Business) -> str:
    sections = (
        ("User stories", markdown.table(("Id", "As a", "I want to", "so that", "Priority"), [(s.id, s.actor, s.goal, s.benefit, s.priority) for s in made.stories])),
        ("Acceptance criteria", markdown.table(("Id", "Story", "Criterion", "Stated", "Decided by"), [(c.id, c.story, c.text, "yes" if c.stated else "derived", c.decided_by) for c in made.criteria])),
        ("Success metrics", markdown.table(("Id", "Metric", "Formula", "Measured by"), [(m.id, m.name, m.formula, m.instrument) for m in made.metrics])),
        ("Stakeholders", markdown.table(("Role", "Interest", "Influence"), [(s.role, s.interest, s.influence) for s in made.stakeholders])),
        ("In scope", markdown.bullets(made.scope_in)),
        ("Out of scope", markdown.bullets(made.scope_out)),
        ("Dependencies", markdown.bullets(made.dependencies)),
        ("Risks", markdown.table(("Id", "Risk", "Likelihood", "Impact", "Mitigation"), [(r.id, r.risk, r.likelihood, r.impact, r.mitigation) for r in made.risks])),
        ("Value and estimate", markdown.bullets((made.value, made.estimate))),
        ("Assumed", markdown.bullets(made.assumptions)),
        ("Open questions", markdown.bullets(made.questions)),
        ("Context read", markdown.bullets(d.name for d in brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Business analysis: {brief.request.title}", made.summary, sections, answered(brief))
