"""Step 12: pages by Diataxis kind for those who use the feature, call it, run it and mend it, and the chain of ids through all steps."""

import json
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.citations import readable
from services.agents.blueprint.deployment.api_reference import reference
from services.agents.blueprint.deployment.guides import deployment_guide, integration_guide, runbook_page, user_guide
from services.agents.blueprint.deployment.traceability import Steps, traceability_page, traces_of
from services.agents.blueprint.deployment.troubleshooting import troubleshooting_page
from services.agents.blueprint.deployment.tutorials import tutorial
from services.agents.blueprint.discovery import diagrams
from services.agents.blueprint.discovery.contracts import operations
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rules.callers import asking
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Business
from services.deliverables.implementation import Backend, Data
from services.deliverables.quality import Tests
from services.deliverables.release import Deployment, Documentation, Observability, Page
from services.features import words
from services.features.speech import counted, done
from services.features.titles import product_name

_PAGES = (
    ("README.md", "tutorial", "anybody who starts the service"),
    ("docs/tutorial.md", "tutorial", "whoever sees it for the first time"),
    ("docs/user-guide.md", "how-to", "people who use the feature"),
    ("docs/integration.md", "how-to", "engineers of systems beside it"),
    ("docs/deployment.md", "how-to", "operations"),
    ("docs/runbooks.md", "how-to", "on-call"),
    ("docs/troubleshooting.md", "how-to", "anybody who is stuck"),
    ("docs/api.md", "reference", "people who call the service"),
    ("docs/traceability.md", "reference", "reviewers, and whoever asks why"),
    ("docs/architecture.md", "explanation", "engineers"),
    ("CHANGELOG.md", "reference", "everybody"),
)


def generate(brief: Brief) -> Draft:
    brief = readable(brief)
    steps, shipped = _read(brief), brief.read("deployment", Deployment)
    design, watched = steps.design, steps.watched
    document = json.loads(brief.files["design/openapi.json"])
    plan = plan_of(brief.understanding)
    traces = traces_of(steps)
    changes = _changes(brief, design)
    title = product_name(brief.request.title)
    pages = {
        "README.md": _readme(brief, title, design),
        "docs/tutorial.md": tutorial(plan, design, document, title),
        "docs/user-guide.md": user_guide(brief, plan, title, design),
        "docs/integration.md": integration_guide(plan, design, steps.data, title),
        "docs/deployment.md": deployment_guide(brief, title, shipped, steps.built),
        "docs/runbooks.md": runbook_page(title, design, watched, shipped),
        "docs/troubleshooting.md": troubleshooting_page(plan, design, title),
        "docs/api.md": reference(document, title, design),
        "docs/traceability.md": traceability_page(title, steps, traces),
        "docs/architecture.md": _architecture(title, brief, design),
        "CHANGELOG.md": _changelog(changes),
    }
    whole = sum(not trace.gaps for trace in traces)
    records = Documentation(
        summary=f"{whole} of {counted(len(traces), 'criterion', 'criteria')} can be followed from story to runbook; {counted(len(traces) - whole, 'has', 'have')} a gap. {len(pages)} pages: "
        f"{counted(len(list(operations(document))), 'operation')} documented, {counted(len(watched.alerts), 'runbook')} linked. Nobody has approved them yet.",
        pages=tuple(Page(path=path, kind=kind, reader=reader) for path, kind, reader in _PAGES),
        traces=traces,
        operations_documented=tuple(f"OP-{item['operationId']}" for _, _, item in operations(document)),
        runbooks=tuple(alert.runbook for alert in watched.alerts),
        changelog=changes,
    )
    return Draft(
        report=_report(brief, records),
        records=records,
        files={path: text.encode() for path, text in pages.items()},
        cost_usd=0.0,
    )


def _read(brief: Brief) -> Steps:
    return Steps(
        business=brief.read("business", Business),
        design=brief.read("architecture", Architecture),
        built=brief.read("backend", Backend),
        data=brief.read("data", Data),
        tested=brief.read("tests", Tests),
        watched=brief.read("observability", Observability),
        files=brief.files,
    )


def _changes(brief: Brief, design: Architecture) -> tuple[str, ...]:
    """What people can do now: by the stories, then the acts that no story names."""
    stories = [f"{words.article(s.actor).capitalize()} can {s.goal} ({s.id})" for s in brief.understanding.stories]
    moves = [
        op
        for op in design.operations
        if not op.stories and op.verb in {v for e in design.entities for v, _, _ in e.transitions}
    ]
    acts = [
        f"{words.plural(design.entity(op.resource).label).capitalize()} can be {done(op.verb)} ({op.id})"
        for op in moves
    ]
    return (*stories, *acts)


def _readme(brief: Brief, title: str, design: Architecture) -> str:
    things = ", ".join(entity.plural.replace("_", " ") for entity in design.entities)
    rows = [
        ("`app/`", "the service: routes, rules, storage"), ("`web/`", "its page"), ("`design/`", "the contract"), ("`tests/`", "what proves it"),
        ("`analytics/`", "tracking plan and pipeline"), ("`deploy/`", "manifests, rollout, rollback"), ("`observability/`", "objectives, alerts, runbooks"),
    ]  # fmt: skip
    folders = "\n".join(f"| {name} | {what} |" for name, what in rows)
    return (
        f"# {markdown.text(title)}\n\nA service with a page for {markdown.text(things)}. {markdown.ORIGIN}\n\n"
        "## Start it\n\n```sh\nmake run\n```\n\n"
        "It needs Python 3.11 or newer. The page is at <http://127.0.0.1:8000/>. Commands and settings are in [app/README.md](app/README.md).\n"
        "The feature flag is forced on there; everywhere else the flag file decides.\n\n"
        "## Test it\n\n```sh\nmake test\n```\n\n"
        "## What is where\n\n| folder | what |\n|---|---|\n" + folders + "\n\n"
        "## Read on\n\n"
        "- [First steps](docs/tutorial.md): five calls, five minutes\n"
        "- [User guide](docs/user-guide.md): how people do their work with it\n"
        "- [API](docs/api.md) and [integration](docs/integration.md): every operation with a call and an answer; tokens, repeats, events\n"
        "- [Deployment](docs/deployment.md) and [runbooks](docs/runbooks.md): to everybody, and back\n"
        "- [Troubleshooting](docs/troubleshooting.md): from what you see to what to do\n"
        "- [Architecture](docs/architecture.md) and [traceability](docs/traceability.md): why it is so, and from which sentence it came\n"
        "- [Changes](CHANGELOG.md)\n\n"
        f"## Left open\n\n{markdown.bullets(brief.understanding.questions) or 'Nothing is open.'}\n"
    )


def _architecture(title: str, brief: Brief, design: Architecture) -> str:
    moves = [op for op in design.operations if op.method != "GET" and op.verb not in ("create", "update", "delete")]
    told = (moves or [op for op in design.operations if op.verb == "create"])[0]
    understood = brief.understanding
    asking_of = {i.name: asking(understood, i) for i in understood.integrations}
    later = [
        name
        for name, rules in asking_of.items()
        if any(r.resource == told.resource and r.act in ("", told.verb) for r in rules)
    ]
    decisions = markdown.table(
        ("Id", "Decision", "Because", "Not taken", "Follows"),
        [
            (
                f"{d.id} {d.title}",
                d.decision,
                d.context,
                "; ".join(f"{o.name} ({o.against_it})" for o in d.options if not o.taken),
                d.consequences,
            )
            for d in design.decisions
        ],
    )
    lives = [f"### {markdown.text(e.label)}\n\n{diagrams.life(e)}" for e in design.entities if e.states]
    flows = markdown.table(
        ("From", "To", "Carries", "Waits", "When it fails"),
        [
            (f.source, f.target, f.carries, "yes" if f.style == "synchronous" else "no", f.on_failure)
            for f in design.flows
        ],
    )
    sections = [
        f"# Architecture of {markdown.text(title)}", "Explanation, for engineers: why it is built in this way. What it does is in the [API](api.md).",
        f"## Context\n\n{diagrams.context(brief.understanding, design)}", f"## Containers\n\n{diagrams.containers(brief.understanding, design)}",
        f"## Data flow of {markdown.text(told.id)}\n\n{diagrams.one_change(told, later)}", f"## Who talks to whom\n\n{flows}",
        f"## Data model\n\n{diagrams.data_model(design.entities)}", *(["## Life of the records", *lives] if lives else []), f"## Decisions\n\n{decisions}",
        f"## Trade-offs\n\n{markdown.table(('Gained', 'Paid', 'Look again when'), [(t.gained, t.paid, t.revisit_when) for t in design.trade_offs])}",
    ]  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _changelog(changes: tuple[str, ...]) -> str:
    return (
        "# Changelog\n\nIn the form of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/); versions follow semantic versioning.\n\n"
        f"## [Unreleased]\n\n### Added\n\n{markdown.bullets(changes)}\n"
    )


def _report(brief: Brief, made: Documentation) -> str:
    rows: list[tuple[Any, ...]] = [(p.path, p.kind, p.reader) for p in made.pages]
    chain = [
        (
            t.story or "all",
            t.criterion,
            ", ".join(t.operations) or "-",
            _names(t.code),
            _names(t.tests),
            ", ".join(t.events) or "-",
            ", ".join(t.metrics) or "-",
        )
        for t in made.traces
    ]
    sections = (
        ("Gaps in the chain", markdown.table(("Criterion", "Missing"), [(t.criterion, gap) for t in made.traces for gap in t.gaps]) or "None."),
        ("From story to runbook", markdown.table(("Story", "Criterion", "Operations", "Code", "Test", "Event", "Metric"), chain)),
        ("Pages", markdown.table(("Page", "Kind (Diataxis)", "For"), rows)),
        ("Changelog", markdown.bullets(made.changelog)),
        ("Still to do by a person", "A reader approves the pages by name. The examples of the reference were made from the contract and not sent."),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Documentation: {brief.request.title}", made.summary, sections, answered(brief))


def _names(places: tuple[str, ...]) -> str:
    """The functions without their files; the page of the project links them."""
    return ", ".join(place.rpartition("::")[2] for place in places) or "-"
