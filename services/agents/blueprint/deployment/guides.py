"""Pages for people: how they do their work, how another system calls, how it is released, what to do when an alert comes."""

from collections.abc import Mapping

from services.agents.blueprint import markdown
from services.agents.blueprint.deployment.page_words import said
from services.agents.blueprint.discovery.resilience_plans import caller_ms
from services.agents.blueprint.implementation.platform import SETTINGS
from services.agents.blueprint.rules.callers import asked_after, why_not_asked
from services.agents.blueprint.rules.domain import KEPT
from services.agents.blueprint.rules.phrases import phrase
from services.agents.blueprint.rules.rule_plan import Plan
from services.agents.blueprint.rules.seen_at import acts_seen
from services.agents.engine import Brief
from services.deliverables.discovery import Architecture, Operation
from services.deliverables.implementation import Backend, Data
from services.deliverables.release import Alert, Deployment, Observability
from services.features import words
from services.features.understanding import Resource, RuleKind

_REFUSALS = (
    RuleKind.NOT_OWN,
    RuleKind.OWN,
    RuleKind.LOCKED,
    RuleKind.BLOCKED,
    RuleKind.REQUIRED,
    RuleKind.RANGE,
    RuleKind.UNIQUE,
    RuleKind.OVERLAP,
    RuleKind.COUNT,
    RuleKind.RATE,
    RuleKind.COMPARE,
    RuleKind.FIXED,
)


def user_guide(brief: Brief, plan: Plan, title: str, design: Architecture) -> str:
    """Per actor what they can do, in the order of their stories, and what is refused; only words that stand on the page."""
    parts = [
        f"# User guide: {markdown.text(title)}",
        "How-to, for people who use the page. Sign in as who you are; behind an identity provider it knows you already.",
    ]
    parts += [
        f"## As {markdown.text(words.article(a.replace('_', ' ')))}\n\n{_work(brief, plan, design, a)}"
        for a in brief.understanding.actors
    ]
    parts.append("## What you may meet\n\n" + markdown.table(("You see", "It means", "Do this"), _meetings(plan)))
    return "\n\n".join(parts) + "\n"


# Text of the page -> what it means, what to do; {choose} is filled from the page, too.
_MEETINGS = {
    "off.title": ("The feature is not switched on for you", "Nothing; ask your team when it will be"),
    "denied.title": ("Your role may not see or do this", "Ask the person who manages roles"),
    "empty.title": ("There is no record yet", "{begin}"),
    "none.title": ("No record fits the search and the filters", "Press {clear}"),
    "stale.title": ("Somebody else saved first", "{choose}"),
    "problem.silent": ("The service or your connection is gone", "Press {again}; nothing is saved twice"),
}


def _meetings(plan: Plan) -> list[tuple[str, str, str]]:
    main = plan.resources[0].name
    entity, entities = said(f"entity.{main}", plan), said(f"entities.{main}", plan).lower()
    filled = {
        "begin": said("empty.create", plan, entity=entity),
        "clear": said("filters.clear", plan),
        "choose": said("stale.choose", plan),
        "again": said("again", plan),
    }
    return [(said(key, plan, entities=entities), means, do.format(**filled)) for key, (means, do) in _MEETINGS.items()]


def _work(brief: Brief, plan: Plan, design: Architecture, actor: str) -> str:
    own = [op for op in design.operations if actor in op.roles and op.method != "GET"]
    benefits = {id_: s.benefit for s in brief.understanding.stories if s.actor == actor for id_ in (s.id,)}
    ordered = sorted(own, key=lambda op: (not set(op.stories) & set(benefits), design.operations.index(op)))
    steps = [f"### {markdown.text(op.summary)}\n\n{_how(plan, op)}{_why(op, benefits)}" for op in ordered]
    lists = [op for op in design.operations if actor in op.roles and op.verb == "list"]
    seen = ", ".join(words.plural(design.entity(op.resource).label.lower()) for op in lists)
    looking = f"### Look\n\nThe page lists {markdown.text(seen)}, {_narrow(plan, lists)}." if lists else ""
    refused = [
        (c.text, phrase(rule, plan.domain.resource(rule.resource)).ears)
        for c in plan.provable
        for rule in c.rules
        if rule.kind in _REFUSALS and (not rule.actors or actor in rule.actors)
        if any(op.resource == rule.resource and op.verb in acts_seen(plan.domain, rule) for op in own)
    ]
    told = markdown.table(("The rule", "What the service does"), refused)
    return (
        "\n\n".join(part for part in (*steps, looking, f"### What is refused\n\n{told}" if told else "") if part)
        or "The page shows nothing to this role."
    )


def _why(op: Operation, benefits: Mapping[str, str]) -> str:
    told = next((benefits[id_] for id_ in op.stories if id_ in benefits), "")
    return f"\n\nSo that {markdown.text(told)}." if told else ""


def _narrow(plan: Plan, lists: list[Operation]) -> str:
    fields = [
        _field(plan, op.resource, f)
        for op in lists
        for r in plan.domain.of(op.resource, RuleKind.FILTER, RuleKind.SEARCH)
        for f in r.fields
    ]
    states = any(plan.domain.resource(op.resource).states for op in lists)
    ways = list(dict.fromkeys([*([said("field.state", plan)] if states else []), *fields]))
    more = f"**{said('more', plan)}** gives the next page"
    return f"narrowed by {markdown.text(', '.join(ways))}; {more}" if ways else more


def _field(plan: Plan, resource: str, field: str) -> str:
    return (
        said("field.state" if field == "state" else f"field.{field}", plan)
        if field in KEPT
        else said(f"field.{resource}.{field}", plan)
    )


def _how(plan: Plan, op: Operation) -> str:
    resource: Resource = plan.domain.resource(op.resource)
    label = markdown.text(resource.label.lower())
    save = said("save", plan)
    if op.verb == "create":
        needed = [_field(plan, op.resource, f.name) for f in resource.fields if f.required]
        may = [_field(plan, op.resource, f.name) for f in resource.fields if not f.required]
        extra = f" You may add {markdown.text(', '.join(may))}." if may else ""
        state = f", as {markdown.text(resource.states[0].replace('_', ' '))}" if resource.states else ""
        new = markdown.text(said("new", plan, entity=said(f"entity.{op.resource}", plan)))
        return f"1. Press **{new}**.\n2. Fill in {markdown.text(', '.join(needed) or 'what you know')}.{extra}\n3. Press **{save}**. The {label} stands in the list{state}."
    if op.verb == "update":
        locked = plan.domain.locked(op.resource)
        limit = f" Not any more once it is {markdown.text(' or '.join(locked).replace('_', ' '))}." if locked else ""
        return f"1. Find the {label} and press **{said('verb.update', plan)}**.{limit}\n2. Change what is wrong and press **{save}**."
    if op.verb == "delete":
        return f"1. Find the {label} and press **{said('verb.delete', plan)}**.\n2. Press **{said('delete.yes', plan)}** once more. It cannot be brought back."
    sources = " or ".join(plan.domain.sources(op.resource, op.verb)).replace("_", " ")
    target = plan.domain.target(op.resource, op.verb).replace("_", " ")
    return f"1. Find the {label}; it must be {markdown.text(sources)}.\n2. Press **{markdown.text(said(f'verb.{op.verb}', plan))}** in its row. It is {markdown.text(target)} from then on."


def integration_guide(plan: Plan, design: Architecture, data: Data, title: str) -> str:
    """For a system that calls this one, or that this one calls."""
    create = next(op for op in design.operations if op.verb == "create")
    listing = next(op for op in design.operations if op.verb == "list")
    calling = (
        ("Token", "JWT with sub, role and exp; role is one of " + ", ".join(plan.domain.understanding.actors)),
        ("Repeat", f"{create.id} with the same Idempotency-Key; every GET; nothing else without reading first"),
        ("Pages", f"{listing.id} gives items and next; send next as after until it is null"),
        ("Changes", "send If-Match with the version that you read; 412 means read again"),
        (
            "Time limit",
            f"at least {caller_ms(design.resilience)} ms, twice what a slow answer may take; wait with jitter before a repeat",
        ),
        (
            "New fields",
            "answers may get new fields; ignore what you do not know. A field is never taken away within version 1",
        ),
    )
    events = markdown.table(
        ("Event", "Sent when", "Properties", "Personal data"),
        [(e.name, e.trigger, ", ".join(e.properties), "yes" if e.personal_data else "no") for e in data.events],
    )
    understood = plan.domain.understanding
    asked = {
        i.name: asked_after(understood, i) or f"nothing: {why_not_asked(understood, i)}"
        for i in understood.integrations
    }
    others = [
        (
            r.dependency,
            r.kind,
            asked.get(r.dependency, "-"),
            f"app/integrations, {r.timeout_ms} ms, {r.retries}",
            r.fallback,
        )
        for r in design.resilience
        if r.dependency != "database"
    ]
    parts = [
        f"# Integrating with {markdown.text(title)}", "How-to, for engineers of a system beside this one.",
        "## Calling it\n\n" + markdown.table(("About", "Do"), calling) + "\n\nEvery operation is in the [API reference](api.md).",
        "## Reading its events\n\nOne JSON object a line in EVENT_LOG; the tracking plan is in `analytics/`. A line can come twice: its id tells.\n\n" + events,
    ]  # fmt: skip
    if others:
        parts.append(
            "## Systems that it calls\n\nEach is a port with a local adapter; the real one is put beside it and chosen by configuration. What is asked is written with the change and sent once by `python -m app.deliver`.\n\n"
            + markdown.table(("System", "Kind", "Asked after", "How", "Without it"), others)
        )
    return "\n\n".join(parts) + "\n"


def deployment_guide(brief: Brief, title: str, shipped: Deployment, built: Backend) -> str:
    stages = markdown.table(
        ("Share", "Held", "Guards", "Promoted by"),
        [(f"{s.share_percent} %", s.hold, s.guards, s.promoted_by) for s in shipped.stages],
    )
    ladder = markdown.table(
        ("Rung", "When", "Do", "Command", "Target"),
        [(r.rung, r.trigger, r.action, r.command, r.target) for r in shipped.rollback],
    )
    flag = built.flag
    return (
        f"# Deploying {markdown.text(title)}\n\nHow-to, for operations. Strategy: {markdown.text(shipped.strategy)}. "
        "The commands of each act are in the [runbook](../deploy/RUNBOOK.md), what must be true before in the [checklist](../deploy/CHECKLIST.md).\n\n"
        "## From an empty machine\n\n```sh\nmake run\n```\n\nThe service is ready when `curl http://127.0.0.1:8000/ready` says so.\n\n"
        f"## Configuration\n\n{_configuration(built)}\n\n"
        f"## Migrations\n\n{markdown.bullets(shipped.migrations)}\n\n"
        f"## Stages\n\n{stages}\n\n## Take it back\n\n{ladder}\n\n"
        f"Flag: {markdown.text(flag.key)} in {markdown.text(flag.file)} ({markdown.text(flag.provider)}); off: {markdown.text(flag.kill_switch)}; to be removed when {markdown.text(flag.remove_when)}.\n\n"
        f"## What the pipeline asks for\n\n{markdown.table(('Stage', 'Checks', 'Makes'), [(p.name, p.checks, p.artefact) for p in shipped.pipeline])}\n\n"
        f"{brief.request.test_coverage_min} % of branches, in [ci.yml](../.github/workflows/ci.yml).\n"
    )


# What a setting of the generated service means; a name that is not here is shown without a meaning.
_SETTINGS = {
    **dict(SETTINGS),
    "DATABASE_URL": "where records are kept; SQLite when it is not set",
    "EVENT_LOG": "where product events are written, one JSON object a line",
    "FEATURE_FORCE": "on or off overrules the flag; off is the kill switch",
    "NOTIFICATION_LOG": "where the local adapter writes messages instead of sending them",
    "SIGN_IN": "local: anybody may take any role; only for a try on one machine",
    "TOKEN_SECRET": "the secret that tokens are signed with, at least 32 bytes; without it the start is refused",
}


def _configuration(built: Backend) -> str:
    rows = [
        (name, _SETTINGS.get(name.split(":")[0], "-") if ":" not in name else name.split(":", 1)[1])
        for name in built.configuration
    ]
    return markdown.table(("Name", "Meaning"), [(name.split(":")[0], meaning) for name, meaning in rows])


def runbook_page(title: str, design: Architecture, watched: Observability, shipped: Deployment) -> str:
    """Per alert symptom, act and its whole runbook; the checks; who is stuck by which path; the way back."""
    objectives = {o.id: o for o in watched.objectives}
    alerts = "\n".join(
        _alert(a, objectives[a.objective].indicator, design) for a in watched.alerts if a.objective in objectives
    )
    rungs = markdown.table(
        ("Rung", "When", "Do", "Command", "Seen by"),
        [(r.rung, r.trigger, r.action, r.command, r.verified_by) for r in shipped.rollback],
    )
    stuck = [
        (f"{op.method} {op.path}", ", ".join(op.roles), f"cannot {op.summary.lower()}", _meanwhile(design, op))
        for op in design.operations
    ]
    others = [(r.dependency, f"answers within {r.timeout_ms} ms?", r.fallback) for r in design.resilience]
    last = others[-1][0] if len(others) > 1 else "the database"
    return (
        f"# Runbooks of {markdown.text(title)}\n\nHow-to, for on-call. Find the alert, go through the checks, then see who cannot work by the path that fails.\n\n"
        f"## Alerts\n\n| Alert | Bad | People feel | Act |\n|---|---|---|---|\n{alerts}\n\n"
        "## Checks, in this order\n\n"
        "1. One path or all? `curl -s http://127.0.0.1:8000/metrics` counts answers by path and status. One path: the table of paths below.\n"
        "2. All paths: `curl -s http://127.0.0.1:8000/ready`, then what it depends on:\n\n"
        f"{markdown.table(('Depends on', 'Look', 'Without it'), others)}\n\n"
        "3. Did it begin with a release, or with a stage of the rollout? Then take that back first.\n"
        f"4. 30 minutes without an improvement: the team of this feature, then whoever runs {markdown.text(last)}.\n\n"
        f"## Who is stuck\n\n{markdown.table(('Path', 'People', 'They', 'Meanwhile'), stuck)}\n\n"
        f"## Rollback ladder\n\n{rungs}\n\nAfterwards, always: [the review](../deploy/rollback/5-review.md).\n"
    )


def _alert(alert: Alert, indicator: str, design: Architecture) -> str:
    many = words.plural(design.entities[0].label.lower())
    felt = f"{many} cannot be read or changed" if "500" in indicator else f"{many} come slowly"
    act = (
        "now: rung 1, the flag, when it began with this feature; else mend what it depends on"
        if alert.severity == "page"
        else "next working day; no rollback by night"
    )
    return f"| [{alert.id}](../{alert.runbook}), {alert.severity} | {alert.threshold_percent:g} % over {markdown.text(alert.windows)} | {markdown.text(felt)} | {act} |"


def _meanwhile(design: Architecture, op: Operation) -> str:
    """What still works for them; nothing is lost where a read fails."""
    if op.method == "GET":
        return "changes go on; nothing is lost"
    cached = any(c.key.startswith(f"{op.resource}:") for c in design.caches)
    if op.verb == "create":
        return "note it and enter it later; the same Idempotency-Key makes it once"
    kept = "keeps its state" if design.entity(op.resource).states else "stays as it is"
    return f"it {kept}; do it later" + (", reading goes on for a while" if cached else "")
