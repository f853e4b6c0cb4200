"""Step 5: an accessible page over the operations of the architecture, without a build step and without a framework."""

import json
from collections.abc import Mapping
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.brands import brand_of
from services.agents.blueprint.implementation.exposures import exposure_of
from services.agents.blueprint.implementation.flags import flag_of
from services.agents.blueprint.implementation.page_checks import served
from services.agents.blueprint.implementation.page_journeys import journey_of
from services.agents.blueprint.implementation.page_plans import PagePlan, roles_of
from services.agents.blueprint.implementation.page_records import (
    NO_ANSWER,
    PROBLEMS,
    accessibility_of,
    budgets_of,
    calls_of,
    components_of,
    screens_of,
)
from services.agents.blueprint.implementation.page_texts import names_of
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import TEMPLATES, as_json, render
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture
from services.deliverables.implementation import AccessibilityCheck, Frontend
from services.features.speech import one_of
from services.features.understanding import FieldType
from services.workflow.options import AnalyticsPlatform

CONTRACT = "design/openapi.json"
# These hold nothing of the request and are copied as they are; what differs stands in config.js and texts.js.
MODULES = ("acts", "allowed", "api", "app", "elements", "exposure", "fields", "form", "inputs", "list", "loading", "record", "references",
           "routes", "session", "signin", "state", "store", "words")  # fmt: skip
TESTS = (
    "index.html",
    "trials.js",
    "all.test.js",
    "fields.test.js",
    "store.test.js",
    "routes.test.js",
    "session.test.js",
    "api.test.js",
    "allowed.test.js",
    "texts.test.js",
)


def generate(brief: Brief) -> Draft:
    design = brief.read("architecture", Architecture)
    page = PagePlan(plan_of(brief.understanding), design, json.loads(brief.files[CONTRACT]))
    files = _files(brief, page)
    checks = accessibility_of(files, is_deleting=any(op.verb == "delete" for op in design.operations))
    files[_SAME] = _same(checks).encode()
    sent = served(files)
    kilobytes = sum(map(len, sent.values())) / 1000
    records = Frontend(
        summary=f"One page of {kilobytes:.1f} kB in {len(sent)} files, without a build step, calls {len(design.operations)} operations; "
        f"it shows {', '.join(e.plural.replace('_', ' ') for e in design.entities)} behind the flag {flag_of(brief).key}.",
        screens=screens_of(brief, page),
        components=components_of(files),
        calls=calls_of(page),
        events=(exposure_of(brief).id,),
        accessibility=checks,
        budgets=budgets_of(files),
    )
    return Draft(report=_report(brief, design, records, files), records=records, files=files, cost_usd=0.0)


def _files(brief: Brief, page: PagePlan) -> dict[str, bytes]:
    # A leading byte-order or line mark in a title must not reach the markup; everything else is escaped there.
    title = " ".join(brief.request.title.split())
    folder = TEMPLATES / "frontend"
    made = {f"web/{name}.js": (folder / f"{name}.js").read_bytes() for name in MODULES}
    made |= {f"web/tests/{name}": (folder / "tests" / name).read_bytes() for name in TESTS}
    made |= {f"web/{name}": (folder / name).read_bytes() for name in ("styles.css", "icon.svg")}
    preloaded = sorted(f"{name}.js" for name in (*MODULES, "analytics", "config", "texts") if name != "app")
    made["web/index.html"] = render("frontend/index.html.j2", title=title, modules=preloaded)
    made["web/analytics.js"] = render("frontend/analytics.js.j2", platform=brief.request.analytics_platform.value)
    made["web/texts.js"] = render("frontend/texts.js.j2", names=names_of(page.plan, roles_of(page.design.operations)))
    made["web/config.js"] = _config(brief, page)
    made["web/tests/journey.json"] = as_json(journey_of(page))
    return made


def _config(brief: Brief, page: PagePlan) -> bytes:
    """All that differs from feature to feature, as data; ASCII, so that no character can end a line of script."""
    exposure = exposure_of(brief)
    config: dict[str, Any] = {
        "roles": roles_of(page.design.operations),
        "entities": [page.entity(resource) for resource in page.plan.resources],
        "exposure": exposure.name,
        "variant": exposure.variant,
        "control": exposure.control,
        "pageEvents": {exposure.name: exposure.properties},
    }
    data = json.dumps(config, indent=1)
    return f"// From the records of the architecture and its contract. Made by the blueprint engine; no model was called.\nexport const CONFIG = {data};\n".encode()


# What the page does in every project is told once, beside its tests, and not in each report.
_SAME = "web/tests/PAGE.md"
_FLOW = (
    "stateDiagram-v2", "  [*] --> loading", "  loading --> sign_in: 401", "  sign_in --> loading: signed in", "  loading --> ready: records",
    "  loading --> empty: no record", "  loading --> denied: 403", "  loading --> off: 404 of the list, or the kill switch", "  loading --> error: no answer after three tries",
    "  error --> loading: try again", "  ready --> loading: search, filter, order", "  ready --> changing: create, edit, step, delete", "  changing --> ready: stored",
    "  changing --> conflict: 412", "  conflict --> changing: the person has chosen", "  ready --> offline: connection lost", "  offline --> loading: connection back",
)  # fmt: skip


def _same(checks: tuple[AccessibilityCheck, ...]) -> str:
    sheet = markdown.table(("Criterion", "How", "Checked by"), [(c.criterion, c.how, c.checked_by) for c in checks])
    problems = markdown.bullets(f"{code} {told}" for code, told in PROBLEMS.items())
    return (
        "# What the page does everywhere\n\nMade by the blueprint engine; no model was called.\n\n"
        f"## What a person can meet\n\n{markdown.mermaid(_FLOW)}\n\n## When a call fails\n\n{problems}\n{markdown.bullets((NO_ANSWER,))}\n\n"
        f"## Accessibility (WCAG 2.2 AA)\n\n{sheet}\n"
    )


def _accessibility(made: Frontend) -> str:
    contrast = next(a.how for a in made.accessibility if a.criterion == "1.4.3")
    by_people = [a.criterion for a in made.accessibility if a.checked_by == "a person"]
    return f"WCAG 2.2 AA: {contrast}. {_SAME} lists {len(made.accessibility)} criteria with how each is met; a person has to judge {one_of(tuple(by_people), 'and')}, the picture check and a count of styles.css see the others."


def _assumed(brief: Brief, design: Architecture) -> list[str]:
    platform = brief.request.analytics_platform
    until = (
        "the meta element analytics-url names an address"
        if platform is AnalyticsPlatform.CUSTOM
        else f"the script of {brand_of(platform)} is hosted beside the page"
    )
    has_money = any(field.type == FieldType.MONEY for entity in design.entities for field in entity.fields)
    return [
        "Signing in: with SIGN_IN=local anybody may be anybody; elsewhere the organisation's portal opens the page and adds the token.",
        "Texts are English; texts.js is the one file to translate.",
        "Times are shown on the clock of whoever looks."
        + (" Amounts have two decimals and name no currency." if has_money else ""),
        f"The page's event leaves it once {until}; until then it only fires product-event.",
    ]


def _report(brief: Brief, design: Architecture, made: Frontend, files: Mapping[str, bytes]) -> str:
    exposure = exposure_of(brief)
    off = f" or {exposure.control}" if exposure.control else ", never sent while the flag is off"
    tests = sum(data.count(b"\ntest(") for path, data in files.items() if path.startswith("web/tests/"))
    sections = (
        ("Screens", markdown.table(("Route", "For", "Stories", "Roles", "Shows", "States"), [(s.route, s.purpose, " ".join(s.stories), ", ".join(s.roles), ", ".join(s.shows), ", ".join(s.states)) for s in made.screens])),
        ("Calls", markdown.table(("Operation", "Shown before the answer", "Sent again"), [(c.operation, "yes" if c.optimistic else "no", c.retry) for c in made.calls])),
        ("Events", markdown.table(("Id", "Sent", "Properties"), [(exposure.id, f"once per load, when it is clear what a person sees; variant is {exposure.variant}{off}", ", ".join(exposure.properties))])),
        ("Accessibility", markdown.text(_accessibility(made))),
        ("Budgets", markdown.table(("Metric", "Limit", "Value", "Verdict"), [(b.metric, b.limit, b.value, b.verdict) for b in made.budgets])),
        ("Tests of the page", f"{tests} unit tests run in a browser at web/tests/index.html; web/tests/journey.json says what the picture check does in a browser. Neither is part of the image. Each of the {len(made.components)} modules says in its first line what it is for."),
        ("Assumed", markdown.bullets(_assumed(brief, design))),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Frontend: {brief.request.title}", made.summary, sections, answered(brief))
