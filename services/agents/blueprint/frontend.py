"""Step 5: an accessible page over the operations of the architecture, without a build step and without a framework."""

import json
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.exposures import exposure_of
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import TEMPLATES, render
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Entity, Operation
from services.deliverables.implementation import Backend, Call, Frontend, Screen
from services.features import words
from services.workflow.options import AnalyticsPlatform

# These hold nothing of the request and are copied as they are; what differs stands in config.js.
_FIXED = ("app.js", "api.js", "fields.js", "views.js", "styles.css")
_STATES = ("loading", "empty", "ready", "error", "denied", "switched off")
_PROBLEMS = {
    401: "asks who it is",
    403: "says which role may not",
    404: "says that the record is gone",
    409: "says why it is not possible now",
    412: "says that somebody changed it, keeps what was typed",
    422: "shows each message at its field",
}
_ACCESSIBILITY = (
    "WCAG 1.3.1, 3.3.2: every input has a visible label; hint and error are tied to it",
    "WCAG 1.4.3: text has at least 4.5:1 in the light and in the dark scheme",
    "WCAG 1.4.10: at 320 pixels rows become blocks, nothing scrolls sideways",
    "WCAG 2.1.1, 2.4.1, 2.4.7: all by keyboard, a skip link, focus always visible",
    "WCAG 2.5.8: targets are 44 pixels high, check boxes 24",
    "WCAG 2.3.3: movement only where the system allows it",
    "WCAG 4.1.3: loading, saving and problems are announced",
)
_LEAVING = {
    AnalyticsPlatform.CUSTOM: "The page's event leaves it once the meta element analytics-url names an address; until then it only fires product-event.",
    **{p: f"The page's event leaves it once {p.value}'s own script is hosted beside the page; until then it only fires product-event."
       for p in (AnalyticsPlatform.SEGMENT, AnalyticsPlatform.AMPLITUDE, AnalyticsPlatform.MIXPANEL)},
}  # fmt: skip
_SIGNALS = ("LCP below 2.5 s", "INP below 200 ms", "CLS below 0.1")


def generate(brief: Brief) -> Draft:
    design = Architecture.model_validate(brief.inputs["architecture"].records)
    built = Backend.model_validate(brief.inputs["backend"].records)
    files = _files(brief, design)
    size = sum(len(data) for data in files.values())
    records = Frontend(
        summary=f"One page of {size / 1000:.1f} kB in {len(files)} files calls {len(design.operations)} operations; "
        f"it shows {', '.join(e.plural.replace('_', ' ') for e in design.entities)} behind the flag {built.flag.key}.",
        screens=tuple(_screen(brief, entity) for entity in design.entities),
        components=("record table", "record form in a dialog", "notice with one act", "role and state choosers"),
        calls=tuple(_call(operation) for operation in design.operations),
        events=(exposure_of(brief).id,),
        accessibility=_ACCESSIBILITY,
        budgets=(
            f"page at most 60 kB uncompressed; these files are {size / 1000:.1f} kB",
            *(f"{s}: not measured" for s in _SIGNALS),
        ),
    )
    return Draft(report=_report(brief, records), records=records, files=files, cost_usd=0.0)


def _files(brief: Brief, design: Architecture) -> dict[str, bytes]:
    # A leading byte-order or line mark in a title must not reach the markup; everything else is escaped there.
    title = " ".join(brief.request.title.split())
    made = {f"web/{name}": (TEMPLATES / "frontend" / name).read_bytes() for name in _FIXED}
    made["web/index.html"] = render("frontend/index.html.j2", title=title)
    made["web/analytics.js"] = render("frontend/analytics.js.j2", platform=brief.request.analytics_platform.value)
    made["web/config.js"] = _config(brief, design)
    return made


def _config(brief: Brief, design: Architecture) -> bytes:
    """All that differs from feature to feature, as data; ASCII, so that no character can end a line of script."""
    exposure = exposure_of(brief)
    roles = tuple(dict.fromkeys(role for operation in design.operations for role in operation.roles))
    config = {
        "roles": roles,
        "entities": [_entity(entity) for entity in design.entities],
        "operations": [
            {"resource": o.resource, "verb": o.verb, "method": o.method, "path": o.path, "roles": o.roles}
            for o in design.operations
        ],
        "exposure": exposure.name,
        "variant": exposure.variant,
        "control": exposure.control,
        "pageEvents": {exposure.name: exposure.properties},
    }
    data = json.dumps(config, indent=2, sort_keys=True)
    return f"// From the records of the architecture. Made by the blueprint engine; no model was called.\nexport const CONFIG = {data};\n".encode()


def _entity(entity: Entity) -> dict[str, Any]:
    return {
        "name": entity.name,
        "label": entity.label.lower(),
        "title": words.plural(entity.label),
        "fields": [f.model_dump(include={"name", "type", "required", "choices", "maximum"}) for f in entity.fields],
        "states": entity.states,
        "transitions": entity.transitions,
    }


def _screen(brief: Brief, entity: Entity) -> Screen:
    stories = tuple(s.id for s in brief.understanding.stories if s.resource == entity.name)
    return Screen(route=f"/ ({words.plural(entity.label).lower()})", stories=stories, states=_STATES)


def _call(operation: Operation) -> Call:
    told = [f"{code} {_PROBLEMS[code]}" for code in operation.errors if code in _PROBLEMS]
    return Call(
        operation=operation.id,
        optimistic=False,
        on_failure="; ".join([*told, "no answer in 10 s: offers to try again"]),
    )


def _report(brief: Brief, made: Frontend) -> str:
    exposure = exposure_of(brief)
    flow = [
        "stateDiagram-v2",
        "  [*] --> loading",
        "  loading --> ready: records",
        "  loading --> empty: no record",
        "  loading --> denied: 401 or 403",
        "  loading --> off: 404, the flag is off",
        "  loading --> error: no answer",
        "  error --> loading: try again",
        "  ready --> loading: role or filter changes",
    ]
    sections = (
        ("Screens", markdown.table(("Route", "Stories", "States"), [(s.route, ", ".join(s.stories), ", ".join(s.states)) for s in made.screens])),
        ("What a person can meet", markdown.mermaid(flow)),
        ("Calls", markdown.table(("Operation", "When it fails"), [(c.operation, c.on_failure) for c in made.calls])),
        ("Events", markdown.table(("Id", "Sent", "Properties"), [(exposure.id, f"once per load, when it is clear what a person sees; variant is {exposure.variant}{f' or {exposure.control}' if exposure.control else ', never sent while the flag is off'}", ", ".join(exposure.properties))])),
        ("Flag and variant", "The page asks the service; while the flag is off for a person, the list answers 404 and the page shows that the feature is not available yet."),
        ("Accessibility, as built", markdown.bullets(made.accessibility)),
        ("Budgets", markdown.bullets(made.budgets)),
        ("Assumed", markdown.bullets((
            "The role chooser stands in for sign-in; the gateway that signs people in sets X-Role and X-User in production.",
            "Changes are shown after the service has answered, never before.",
            _LEAVING[brief.request.analytics_platform],
        ))),
        ("Context read", markdown.bullets(d.name for d in brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Frontend: {brief.request.title}", made.summary, sections, answered(brief))
