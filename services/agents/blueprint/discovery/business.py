"""Step 1: stories, criteria in provable words, metrics, scope, risks and the effort, each with the words it came from."""

from services.agents.blueprint import markdown
from services.agents.blueprint.citations import ASSUMPTION, first_sentence, origin, quoted, readable
from services.agents.blueprint.discovery.estimates import effort, estimate, size_of
from services.agents.blueprint.discovery.hazards import risks_of
from services.agents.blueprint.discovery.success_metrics import metrics_of, today_in_numbers
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rules.phrases import phrase
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.blueprint.rules.seen_at import acts_seen
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Business, Criterion, Dependency, Stakeholder, UserStory
from services.features import words
from services.features.speech import agrees, called, counted, one_of, spaced
from services.features.understanding import AcceptanceCriterion, CriterionKind, Integration, Sensitivity

# Kind of another system -> what its owner has to give first.
_NEEDED = {
    "payment": "a merchant account, test keys, the address for its messages",
    "email": "a sender address that may send for the domain, credentials",
    "sms": "an account with a spending limit, a sender number",
    "chat": "an app in the workspace with permission to post",
    "identity": "a client id, the claims sub and role in its tokens, the address of its keys",
    "storage": "a bucket, its region, credentials, how long files are kept",
    "search": "an index, credentials",
    "queue": "a topic, credentials, how long messages are kept",
    "calendar": "permission to write for the people concerned",
    "maps": "a key with a limit of spending",
    "service": "its contract (OpenAPI), an environment to try it, its limits, a person to ask",
}
# Class of data -> (who else has a stake, interest).
_GUARDIANS = {
    Sensitivity.PERSONAL: ("data protection officer", "names the legal basis and how long it is kept"),
    Sensitivity.HEALTH: ("data protection officer", "names the consent and who may see it"),
    Sensitivity.PAYMENT: ("finance", "answers to the card scheme and reconciles"),
    Sensitivity.CREDENTIALS: ("security", "answers for secrets of other systems"),
}
_ACTS = (
    (set(words.TRANSITIONS), "decides", "high"),
    (words.CREATE, "makes", "high"),
    (words.UPDATE | words.DELETE, "corrects", "medium"),
)


def generate(brief: Brief) -> Draft:
    brief = readable(brief)
    understood, request = brief.understanding, brief.request
    criteria = tuple(_criterion(brief, c) for c in understood.criteria)
    proven = sum(c.decided_by == "test" for c in criteria)
    stated = sum(c.stated for c in criteria)
    days = estimate(understood, request.complexity)
    records = Business(
        summary=f"{counted(len(understood.stories), 'story', 'stories')} for {one_of(tuple(words.plural(spaced(a)) for a in understood.actors), 'and')}; "
        f"{counted(len(criteria), 'acceptance criterion', 'acceptance criteria')}, {stated} stated and {len(criteria) - stated} derived, {proven} decided by a test and "
        f"{len(criteria) - proven} by a person. Effort: {days}.",
        value=f"“{first_sentence(request)}”",
        stakeholders=_stakeholders(brief),
        stories=tuple(_story(brief, n) for n in range(len(understood.stories))),
        criteria=criteria,
        metrics=metrics_of(brief),
        scope_in=tuple(_in_scope(brief)),
        scope_out=understood.out_of_scope,
        dependencies=tuple(_dependency(brief, n, i) for n, i in enumerate(understood.integrations, start=1)),
        risks=risks_of(brief),
        estimate=days,
        effort=effort(understood),
        not_understood=understood.not_understood,
        not_built=understood.not_built,
        assumptions=understood.assumptions,
        questions=understood.questions,
    )
    return Draft(report=_report(brief, records), records=records, cost_usd=0.0)


def _criterion(brief: Brief, criterion: AcceptanceCriterion) -> Criterion:
    plan = plan_of(brief.understanding)
    by_name = {r.name: r for r in plan.resources}
    spoken = [] if criterion.id in plan.left else [phrase(rule, by_name[rule.resource]) for rule in criterion.rules]
    count = len(spoken)
    because = (
        f"{counted(count, 'rule')} over HTTP {agrees(count, 'hold')} its whole meaning: {', '.join(r.kind.value for r in criterion.rules)}"
        if spoken
        else _undecidable(criterion, plan.left[criterion.id])
    )
    return Criterion(
        id=criterion.id,
        story=criterion.story,
        text=criterion.text,
        kind=criterion.kind.value,
        decided_by="test" if spoken else "person",
        decided_because=because,
        stated=criterion.stated,
        ears=tuple(p.ears for p in spoken),
        scenarios=tuple(p.scenario for p in spoken),
        touches=tuple(
            dict.fromkeys((rule.resource, act) for rule in criterion.rules for act in acts_seen(plan.domain, rule))
        )
        if spoken
        else (),
        source=origin(brief, criterion),
    )


def _undecidable(criterion: AcceptanceCriterion, reason: str) -> str:
    if criterion.rules:
        return f"its rule cannot be proven: {reason}"
    if criterion.kind is CriterionKind.QUALITY:
        return "a quality: step 9 measures what has a figure, a person judges the rest"
    if criterion.kind is CriterionKind.CONSTRAINT:
        return "a constraint on how it is built; a person reads the code for it"
    return "no rule of the catalogue holds its whole meaning"


def _story(brief: Brief, number: int) -> UserStory:
    story = brief.understanding.stories[number]
    size, because = size_of(story, brief.understanding)
    return UserStory(
        id=story.id, actor=story.actor, goal=story.goal, benefit=story.benefit, priority=story.priority,
        size=size, size_because=because, source=quoted(brief.request, story.span),
    )  # fmt: skip


def _stakeholders(brief: Brief) -> tuple[Stakeholder, ...]:
    understood = brief.understanding
    found = []
    for actor in understood.actors:
        cases = [c for c in understood.use_cases if c.actor == actor]
        told = tuple(dict.fromkeys(f"{c.verb} {words.plural(spaced(c.resource))}" for c in cases))
        kind, influence = next(
            ((k, i) for verbs, k, i in _ACTS if any(c.verb in verbs for c in cases)),
            ("reads", "medium" if cases else "low"),
        )
        interest = f"{kind}: {one_of(told[:4], 'and')}" if told else "named, without an act of its own"
        found.append(
            Stakeholder(
                role=actor,
                interest=interest,
                influence=influence,
                source=quoted(brief.request, cases[0].span if cases else None),
            )
        )
    found += [
        Stakeholder(
            role=f"whoever runs {i.name}",
            interest=f"its limits and its changes: {i.purpose}",
            influence="medium",
            source=quoted(brief.request, i.span),
        )
        for i in understood.integrations
    ]
    fields = [(r, f) for r in understood.resources for f in r.fields if f.sensitive]
    for kind_, (role, interest) in _GUARDIANS.items():
        own = [(r, f) for r, f in fields if f.sensitive is kind_]
        if own and role not in [s.role for s in found]:
            names = one_of(tuple(f"{r.name}.{f.name}" for r, f in own[:3]), "and")
            found.append(
                Stakeholder(
                    role=role,
                    interest=f"{interest}: {names}",
                    influence="high",
                    source=quoted(brief.request, own[0][1].span),
                )
            )
    return tuple(found)


def _in_scope(brief: Brief) -> list[str]:
    found = []
    for r in brief.understanding.resources:
        life = f"; each is {one_of(r.states)}" if r.states else ""
        fields = ", ".join(called(f.name) for f in r.fields)
        found.append(f"{words.plural(r.label)} ({fields}{life}), from {quoted(brief.request, r.span, 70)}")
    return found


def _dependency(brief: Brief, number: int, system: Integration) -> Dependency:
    return Dependency(
        id=f"DEP-{number}", name=system.name, kind=system.kind, purpose=system.purpose,
        needed_from=_NEEDED.get(system.kind, _NEEDED["service"]), source=quoted(brief.request, system.span),
    )  # fmt: skip


def _to_decide(made: Business) -> list[str]:
    by_person = [c.id for c in made.criteria if c.decided_by == "person"]
    assumed = [s.id for s in made.stories if s.source == ASSUMPTION]
    large = [s.id for s in made.stories if s.size == "L"]
    found = [f"Not understood, nothing was taken from it: {sentence}" for sentence in made.not_understood]
    found += [f"Asked for, not built: {item}" for item in made.not_built]
    found += [f"Open: {question}" for question in made.questions]
    found += [f"A person decides {', '.join(by_person)}; name that person"] if by_person else []
    bare = [s.id for s in made.stories if s.id not in {c.story for c in made.criteria}]
    found += [f"No criterion says when it is done: {', '.join(bare)}"] if bare else []
    found += (
        [f"Too large for one sitting: {', '.join(large)}; split {'them' if len(large) > 1 else 'it'}"] if large else []
    )
    return [*found, *([f"Assumed, not in the request: {', '.join(assumed)}"] if assumed else [])]


def _report(brief: Brief, made: Business) -> str:
    low, high = sum(d.days_low for d in made.effort), sum(d.days_high for d in made.effort)
    drivers = [(d.what, d.count, d.days_each, f"{d.days_low:g} to {d.days_high:g}") for d in made.effort]
    proven = [(c.id, *pair) for c in made.criteria for pair in zip(c.ears, c.scenarios, strict=True)]
    sections = (
        ("To decide at the gate", markdown.bullets(_to_decide(made)) or "Nothing is open."),
        ("User stories", markdown.table(("Id", "As a", "I want to", "so that", "Priority", "Size", "From"), [(s.id, s.actor, s.goal, s.benefit or "-", s.priority, f"{s.size}: {s.size_because}", s.source) for s in made.stories])),
        ("Acceptance criteria", markdown.table(("Id", "Story", "Criterion", "Kind", "Decided by", "From"), [(c.id, c.story or "all", c.text, c.kind, "test" if c.ears else f"person: {c.decided_because}", c.source) for c in made.criteria])),
        ("What the tests prove", markdown.table(("Id", "Rule (EARS)", "Example"), proven)),
        ("Success metrics", _metric_table(brief, made)),
        ("Stakeholders", markdown.table(("Role", "Interest", "Influence", "From"), [(s.role, s.interest, s.influence, s.source) for s in made.stakeholders])),
        ("In scope", markdown.bullets(made.scope_in)),
        ("Out of scope", markdown.bullets(made.scope_out) or "The request excludes nothing."),
        ("Dependencies", markdown.table(("Id", "Needs", "For", "To be given first", "From"), [(d.id, f"{d.name} ({d.kind})", d.purpose, d.needed_from, d.source) for d in made.dependencies])),
        ("Risks", markdown.table(("Id", "Risk", "L x I", "Mitigation", "Owner", "From"), [(r.id, r.risk, f"{r.likelihood} x {r.impact} = {r.likelihood * r.impact}", r.mitigation, r.owner, r.source) for r in made.risks])),
        ("Effort", markdown.table(("What", "Count", "Days each (assumed)", "Days"), [*drivers, ("together", "", "", f"{low:.1f} to {high:.1f}")])),
        ("Assumed", markdown.bullets(made.assumptions)),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Business analysis: {brief.request.title}", made.summary, sections, answered(brief))


def _metric_table(brief: Brief, made: Business) -> str:
    rows = [(m.id, m.name, m.formula, m.baseline, m.target, m.instrument, m.source) for m in made.metrics]
    today = "; ".join(f"“{markdown.text(told)}”" for told in today_in_numbers(brief))
    note = (
        f"{f'Of today the request says: {today}. ' if today else ''}Baselines: count the way of today for two weeks before the first "
        "stage. Judged four weeks after the last one. A target marked as assumption is ours until product names a figure."
    )
    return (
        markdown.table(("Id", "Metric", "Formula", "Baseline", "Target", "Measured by", "From"), rows) + f"\n\n{note}"
    )
