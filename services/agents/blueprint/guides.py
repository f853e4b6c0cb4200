"""Pages for people: how they do their work, how it is released, what to do when something is wrong."""

from services.agents.blueprint import markdown
from services.agents.engine import Brief
from services.deliverables.discovery import Architecture
from services.deliverables.release import Deployment, Observability
from services.features import words
from services.features.understanding import Resource, Story


def user_guide(brief: Brief, title: str, design: Architecture) -> str:
    """Per actor, in the order of their stories; only words that stand on the page."""
    parts = [
        f"# User guide: {markdown.text(title)}",
        "Open the page and choose who you act as. Behind a gateway that signs you in, it knows you already.",
    ]
    by_name = {resource.name: resource for resource in brief.understanding.resources}
    for actor in brief.understanding.actors:
        own = [story for story in brief.understanding.stories if story.actor == actor]
        steps = [f"### {markdown.text(s.goal.capitalize())}\n\n{_how(s, by_name[s.resource])}" for s in own]
        seen = ", ".join(words.plural(e.label).lower() for e in design.entities)
        parts.append(
            f"## As {markdown.text(words.article(actor))}\n\n"
            + ("\n\n".join(steps) or f"You can look at {markdown.text(seen)}.")
        )
    parts.append("## What you may meet\n\n" + markdown.table(("You see", "It means", "Do this"), _MEETINGS))
    return "\n\n".join(parts) + "\n"


_MEETINGS = (
    ("Not available yet", "The feature is not switched on for you", "Nothing; ask your team when it will be"),
    ("Not allowed", "Your role may not see or do this", "Ask the person who manages roles"),
    ("Nothing here yet", "There is no record, or none in this state", "Create one, or choose another state"),
    ("Changed meanwhile", "Somebody else was faster", "Close the window, load again, then make your change"),
    ("No answer", "The service or your connection is gone", "Try again; nothing is saved twice"),
)


def _how(story: Story, resource: Resource) -> str:
    verb = story.goal.split(" ", 1)[0]
    label = markdown.text(resource.label.lower())
    needed = [f.name.replace("_", " ") for f in resource.fields if f.required]
    may = [f.name.replace("_", " ") for f in resource.fields if not f.required]
    why = f"So that {markdown.text(story.benefit)}."
    if verb in words.CREATE:
        extra = f" You may add {markdown.text(', '.join(may))}." if may else ""
        return f"1. Press **New {label}**.\n2. Fill in {markdown.text(', '.join(needed))}.{extra}\n3. Press **Save**. The {label} stands in the list with its number.\n\n{why}"
    if verb in words.TRANSITIONS:
        source = next((s for v, s, _ in resource.transitions if v == verb), "")
        return f"1. Find the {label}; it must be {markdown.text(source)}.\n2. Press **{markdown.text(verb.capitalize())}** in its row. It is {words.TRANSITIONS[verb]} from then on.\n\n{why}"
    if verb in words.DELETE:
        return f"1. Find the {label}.\n2. Press **Delete** and confirm. It cannot be brought back.\n\n{why}"
    if verb in words.UPDATE:
        limit = f" Only while it is {markdown.text(resource.states[0])}." if resource.states else ""
        return f"1. Find the {label} and press **Edit**.{limit}\n2. Change what is wrong and press **Save**.\n\n{why}"
    narrow = " Choose a state above the list to see fewer." if resource.states else ""
    return f"1. Open the page; the newest stand at the end. **Load more** shows the next ones.{narrow}\n\n{why}"


def deployment_guide(brief: Brief, title: str, shipped: Deployment) -> str:
    settings = (
        ("DATABASE_URL", "sqlite:///service.db", "where records are kept"),
        ("EVENT_LOG", "events.jsonl", "where product events are written"),
        ("FEATURE_FORCE", "not set", "on or off overrules the flag; off is the kill switch"),
    )
    stages = markdown.table(
        ("Share", "Held", "Guards"), [(f"{s.share_percent} %", s.hold, s.guards) for s in shipped.stages]
    )
    ladder = markdown.table(
        ("Rung", "Do", "Command", "Target"), [(r.rung, r.action, r.command, r.target) for r in shipped.rollback]
    )
    return (
        f"# Deploying {markdown.text(title)}\n\nHow-to, for operations. Strategy: {markdown.text(shipped.strategy)}. "
        "The commands of each act are in the [runbook](../deploy/RUNBOOK.md), what must be true before in the [checklist](../deploy/CHECKLIST.md).\n\n"
        "## From an empty machine\n\n```sh\nmake run\n```\n\nThe service is ready when `curl http://127.0.0.1:8000/ready` says so. As an image:\n\n"
        "```sh\ndocker build --tag service .\ndocker run --rm --publish 8000:8000 --env FEATURE_FORCE=on service\n```\n\n"
        f"## Configuration\n\n{markdown.table(('Name', 'Default', 'Meaning'), settings)}\n\n"
        f"## Stages\n\n{stages}\n\n## Take it back\n\n{ladder}\n\n"
        f"## Coverage that the pipeline asks for\n\n{brief.request.test_coverage_min} % of branches, in [ci.yml](../.github/workflows/ci.yml).\n"
    )


def runbook_page(title: str, watched: Observability, shipped: Deployment) -> str:
    alerts = "\n".join(
        f"| [{a.id}](../{a.runbook}) | {a.objective} | {a.severity} | {a.threshold_percent:g} % over {a.windows} |"
        for a in watched.alerts
    )
    rungs = markdown.table(
        ("Rung", "When", "Do", "Command", "Seen by"),
        [(r.rung, r.trigger, r.action, r.command, r.verified_by) for r in shipped.rollback],
    )
    return (
        f"# Runbooks of {markdown.text(title)}\n\nHow-to, for on-call. An alert names its runbook; each says what users feel, where to look first, and when it is over.\n\n"
        f"## Alerts\n\n| alert | objective | severity | bad requests |\n|---|---|---|---|\n{alerts}\n\n"
        f"## Rollback ladder\n\n{rungs}\n\nAfterwards, always: [the review](../deploy/rollback/5-review.md).\n"
    )


def troubleshooting(brief: Brief, title: str, design: Architecture) -> str:
    listing = next(op for op in design.operations if op.verb == "list")
    rows = [
        ("`make run` stops while installing", "no network, or Python older than 3.11", "`python3 --version`; install once with network"),
        (f"404 on `{listing.path}`", "the flag is off for this person", "`FEATURE_FORCE=on`, or raise the share in the flag file"),
        ("401 on every call", "X-Role is missing", "call through the gateway; by hand add the header"),
        ("403", "the role is none of those that the operation names", "see [API](api.md)"),
        ("409 on a change", "the record was decided on", f"fields change only while a record is {design.entities[0].states[0]}" if design.entities[0].states else "read it again"),
        ("412 on a change", "an older version was sent", "read again, send the new version"),
        ("`/ready` fails", "the database does not answer", "look at DATABASE_URL and the database's own log"),
        ("no event in the figures", "the pipeline has not run, or set it aside", "`python -m analytics.pipeline`, then read dead_letter"),
    ]  # fmt: skip
    body = "\n".join(f"| {seen} | {cause} | {cure} |" for seen, cause, cure in rows)
    return f"# Troubleshooting {markdown.text(title)}\n\n| you see | likely cause | do |\n|---|---|---|\n{body}\n"
