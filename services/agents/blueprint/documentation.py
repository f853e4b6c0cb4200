"""Step 12: pages for those who use the feature, those who call it and those who mend it, from the records and the files."""

import json
import re
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.api_reference import operations, reference
from services.agents.blueprint.guides import deployment_guide, runbook_page, troubleshooting, user_guide
from services.agents.blueprint.remarks import answered
from services.agents.engine import Brief, Draft
from services.deliverables.base import Deliverable
from services.deliverables.discovery import Architecture
from services.deliverables.registry import REGISTRY
from services.deliverables.release import Deployment, Documentation, Observability, Page
from services.features import words
from services.workflow.tasks import tasks_for

_PAGES = (
    ("README.md", "tutorial", "anybody who starts the service"),
    ("docs/user-guide.md", "how-to", "people who use the feature"),
    ("docs/api.md", "reference", "people who call the service"),
    ("docs/deployment.md", "how-to", "operations"),
    ("docs/runbooks.md", "how-to", "on-call"),
    ("docs/troubleshooting.md", "how-to", "anybody who is stuck"),
    ("docs/architecture.md", "explanation", "engineers"),
    ("CHANGELOG.md", "reference", "everybody"),
)


def generate(brief: Brief) -> Draft:
    made = {key: REGISTRY[key].model_validate(result.records) for key, result in brief.inputs.items()}
    design, shipped, watched = _typed(made)
    document = json.loads(brief.files["design/openapi.json"])
    changes = _changes(brief, made)
    title = " ".join(brief.request.title.split())
    pages = {
        "README.md": _readme(brief, title, design),
        "docs/api.md": reference(document, title),
        "docs/user-guide.md": user_guide(brief, title, design),
        "docs/deployment.md": deployment_guide(brief, title, shipped),
        "docs/runbooks.md": runbook_page(title, watched, shipped),
        "docs/troubleshooting.md": troubleshooting(brief, title, design),
        "docs/architecture.md": _architecture(title, brief, design),
        "CHANGELOG.md": _changelog(changes),
    }
    records = Documentation(
        summary=f"{len(pages)} pages for {len(brief.understanding.actors)} roles, callers and on-call; "
        f"{len(list(operations(document)))} operations documented, {len(watched.alerts)} runbooks linked. Nobody has approved them yet.",
        pages=tuple(Page(path=path, kind=kind, reader=reader) for path, kind, reader in _PAGES),
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


def _typed(made: dict[str, Deliverable]) -> tuple[Architecture, Deployment, Observability]:
    design, shipped, watched = made["architecture"], made["deployment"], made["observability"]
    assert isinstance(design, Architecture)
    assert isinstance(shipped, Deployment)
    assert isinstance(watched, Observability)
    return design, shipped, watched


def _changes(brief: Brief, made: dict[str, Deliverable]) -> tuple[str, ...]:
    """What people can do now, then one line per task of the run: the first clause of its summary."""
    stories = [f"{words.article(s.actor).capitalize()} can {s.goal} ({s.id})" for s in brief.understanding.stories]
    tasks = [task for task in tasks_for(brief.request.methodology) if task.key in made and task.phase > 1]
    return (*stories, *(f"{task.title}: {re.split(r'[;.] ', made[task.key].summary)[0].rstrip('.')}" for task in tasks))


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
        "It needs Python 3.11 or newer. The page is at <http://127.0.0.1:8000/>, the reference to try at <http://127.0.0.1:8000/docs>.\n"
        "The feature flag is forced on there; everywhere else the flag file decides.\n\n"
        "## Test it\n\n```sh\nmake test\n```\n\n"
        "## What is where\n\n| folder | what |\n|---|---|\n" + folders + "\n\n"
        "## Read on\n\n"
        "- [User guide](docs/user-guide.md): how people do their work with it\n"
        "- [API](docs/api.md): every operation with a call and an answer\n"
        "- [Deployment](docs/deployment.md) and [runbooks](docs/runbooks.md): to everybody, and back\n"
        "- [Troubleshooting](docs/troubleshooting.md) and [architecture](docs/architecture.md)\n"
        "- [Changes](CHANGELOG.md)\n\n"
        f"## Left open\n\n{markdown.bullets(brief.understanding.questions) or 'Nothing is open.'}\n"
    )


def _architecture(title: str, brief: Brief, design: Architecture) -> str:
    people = [f"  p{n}([{markdown.label(actor)}]) --> page" for n, actor in enumerate(brief.understanding.actors)]
    context = [
        "flowchart LR",
        *people,
        "  page[web page] --> gateway[gateway: signs in] --> service",
        "  service --> db[(database)]",
        "  service --> log[(event log)]",
        "  log --> pipeline[analytics pipeline] --> figures[(daily figures)]",
        "  service --> metrics[/metrics/]",
    ]
    context += [
        f"  service -.-> x{n}[/{markdown.label(i.name)}/]" for n, i in enumerate(brief.understanding.integrations)
    ]
    flow = [
        "sequenceDiagram",
        "  participant P as page",
        "  participant S as service",
        "  participant D as database",
        "  participant L as event log",
        "  P->>S: request with X-Role, X-User",
        "  S->>S: flag, role, limits, rules",
        "  S->>D: one transaction",
        "  S->>L: event",
        "  S-->>P: record, or problem document",
    ]
    entities = ["erDiagram"]
    for entity in design.entities:
        entities += [
            f"  {entity.name} {{",
            "    int id PK",
            "    int version",
            *(f"    {f.type} {f.name}" for f in entity.fields),
        ]
        entities += [*(["    string state"] if entity.states else []), "  }"]
    decisions = markdown.table(
        ("Id", "Decision", "Because", "Follows"),
        [(d.id, d.decision, d.context, d.consequences) for d in design.decisions],
    )
    lives = [
        f"### {markdown.text(e.label)}\n\n{_states(e.states[0], e.transitions)}" for e in design.entities if e.states
    ]
    sections = [
        f"# Architecture of {markdown.text(title)}", "Explanation, for engineers.", f"## Context\n\n{markdown.mermaid(context)}",
        f"## Data flow of one change\n\n{markdown.mermaid(flow)}", f"## Data model\n\n{markdown.mermaid(entities)}",
        *(["## Life of the records", *lives] if lives else []), f"## Decisions\n\n{decisions}",
    ]  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _states(first: str, transitions: tuple[tuple[str, str, str], ...]) -> str:
    moves = [f"  {source} --> {target}: {verb}" for verb, source, target in transitions]
    return markdown.mermaid(["stateDiagram-v2", f"  [*] --> {first}", *moves])


def _changelog(changes: tuple[str, ...]) -> str:
    return (
        "# Changelog\n\nIn the form of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/); versions follow semantic versioning.\n\n"
        f"## [Unreleased]\n\n### Added\n\n{markdown.bullets(changes)}\n"
    )


def _report(brief: Brief, made: Documentation) -> str:
    rows: list[tuple[Any, ...]] = [(p.path, p.kind, p.reader) for p in made.pages]
    sections = (
        ("Pages", markdown.table(("Page", "Kind", "For"), rows)),
        ("Operations documented", markdown.bullets((", ".join(made.operations_documented),))),
        ("Runbooks", markdown.bullets(made.runbooks)),
        ("Changelog", markdown.bullets(made.changelog)),
        (
            "Still to do by a person",
            "A reader approves the pages by name; example calls were made from the contract and not sent.",
        ),
    )
    return markdown.report(f"Documentation: {brief.request.title}", made.summary, sections, answered(brief))
