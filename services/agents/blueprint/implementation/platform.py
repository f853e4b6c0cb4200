"""What every generated service stands on: sign-in, errors, flags, metrics, migrations, delivery, other systems."""

from collections.abc import Mapping
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.implementation import interfaces, ports, tables
from services.agents.blueprint.implementation.exposures import exposure_of
from services.agents.blueprint.implementation.flags import flag_file, flag_of
from services.agents.blueprint.implementation.shared_files import needed_by
from services.agents.blueprint.implementation.subscribers import has_subscribers
from services.agents.blueprint.rendering import TEMPLATES, as_json, render
from services.agents.blueprint.rules.callers import asked_after, channels_of, why_not_asked
from services.agents.blueprint.rules.rule_plan import Plan, plan_of
from services.agents.engine import Brief
from services.deliverables.discovery import Architecture
from services.evidence.environments import locked_version
from services.features.understanding import Integration, RuleKind
from services.workflow.options import DeploymentStrategy, Methodology

REQUIRED = (
    "alembic", "fastapi", "httpx2", "openfeature-sdk", "opentelemetry-sdk", "prometheus-client", "psycopg", "psycopg-binary", "pyjwt", "pytest", "pytest-bdd",
    "pytest-cov", "sqlmodel", "tenacity", "uvicorn",
)  # fmt: skip
CACHE_SECONDS = 30
# Modules of `app` by whose name records could be called as well: their package takes another name.
TAKEN = frozenset(
    {"analytics", "contexts", "flags", "integrations", "limits", "notifications", "problems", "records", "webhooks"}
)
_PLAIN = (
    "clock",
    "database",
    "history",
    "idempotency",
    "limits",
    "notifications",
    "outbox",
    "problems",
    "resilience",
    "watch",
)
_FILLED = ("access", "analytics", "cache", "deliver", "flag_file", "flags", "main", "observability")
SETTINGS = (
    ("DATABASE_URL", "where the records are, for example postgresql://...; without it a file beside the service"),
    ("TOKEN_SECRET", "at least 32 bytes, shared with whoever makes the tokens"),
    ("SIGN_IN", "local: the page makes tokens itself; for one machine only"),
    ("FEATURE_FORCE", "on or off for everybody; off is the kill switch"),
    ("EVENT_LOG", "where product events are appended, events.jsonl"),
    ("NOTIFICATION_LOG", "where messages of channels without an adapter are appended; without it they wait"),
    ("OTEL_TRACES_EXPORTER", "console prints the traces, otlp sends them to a collector, none keeps them in the process"),
    ("LOG_LEVEL", "the least that is logged, INFO"),
    ("CACHE_SECONDS", f"how old a single record may be that another process changed, {CACHE_SECONDS}; 0 for never"),
    ("MAX_BODY_BYTES", "the largest request, 1000000"),
)  # fmt: skip
_OF_WEBHOOKS = (("WEBHOOKS_TO_PRIVATE", "yes: webhooks may lead into your own network, and need no https"),)
_DAYS = 86400


def platform_files(brief: Brief, design: Architecture, modules: Mapping[str, str]) -> dict[str, bytes]:
    """Every file of the service that belongs to no single entity."""
    plan = plan_of(brief.understanding)
    values = _values(brief, design, plan, modules)
    files = {f"app/{name}.py": render(f"platform/{name}.py.j2", **values) for name in _FILLED}
    files |= {f"app/{name}.py": _plain(f"{name}.py") for name in _PLAIN}
    files["app/__init__.py"] = (
        f'"""{brief.understanding.name}. Made by the blueprint engine; no model was called."""\n'.encode()
    )
    if brief.request.methodology is Methodology.DDD:
        files["app/contexts/__init__.py"] = (
            b'"""One package per bounded context; contexts talk by domain events only."""\n'
        )
    path, configuration = flag_file(brief)
    return {
        **files,
        **_interface_files(values),
        **_integration_files(brief),
        **_project_files(brief, plan, values),
        "alembic.ini": _plain("alembic.ini"),
        "migrations/env.py": render("platform/env.py.j2", **values),
        "migrations/versions/0001_first.py": render("platform/first.py.j2", **values),
        path: as_json(configuration),
    }  # fmt: skip


def _values(brief: Brief, design: Architecture, plan: Plan, modules: Mapping[str, str]) -> dict[str, Any]:
    """What the templates are filled with."""
    systems, exposure = brief.understanding.integrations, exposure_of(brief)
    is_heard = brief.request.methodology is Methodology.DDD and has_subscribers(plan)
    asked = interfaces.values_of(plan, design)
    more = [
        *([tables.ERRAND] if systems else []),
        *([tables.RECORD_EVENT] if asked["is_told"] else []),
        *(tables.WEBHOOKS if asked["has_webhooks"] else ()),
    ]
    kept = ["history", "idempotency", "limits", "notifications", *(["integrations.errands"] if systems else [])]
    kept += [*(["record_events"] if asked["is_told"] else []), *(["webhooks"] if asked["has_webhooks"] else [])]
    longest = max((rule.seconds or 0 for rule in plan.domain.rules if rule.kind is RuleKind.RATE), default=0)
    return {
        **asked,
        "title": brief.request.title, "name": brief.understanding.name, "entities": design.entities, "operations": design.operations, "events": design.events,
        "modules": modules, "first_call": next((r for r in plan.domain.rules if r.kind is RuleKind.CALL), None), "has_subscribers": is_heard, "routers": _routers(design, modules, asked["extras"], is_heard=is_heard), "graph_imports": _graph_imports(modules, asked["shown"]), "flag": flag_of(brief), "seconds": CACHE_SECONDS, "tables": tables.tables_of(plan.domain, *more), "exposure": exposure,
        "on": exposure.variant, "off": exposure.control or "off", "is_experiment": brief.request.deployment_strategy is DeploymentStrategy.A_B_TEST,
        "table_modules": tuple([f"app.{name}" for name in kept] + [f"{home}.models" for home in modules.values()]),
        "systems": [(ports.module_of(s), ports.methods_of(s)) for s in systems], "channels": channels_of(systems), "sweeps": needed_by(plan)["sweeps"],
        "kept_days": max(30, longest // _DAYS + 1), "operation": design.operations[0], "event": design.events[0].name,
    }  # fmt: skip


def _routers(design: Architecture, modules: Mapping[str, str], extras: list[str], *, is_heard: bool) -> list[str]:
    """The imports of the main module that depend on the service, in their order."""
    lines = [f"from {modules[e.name]}.routes import router as {e.plural}_router" for e in design.entities if modules]
    lines += [f"from app.{name} import router as {name}_router" for name in extras]
    lines += ["from app.contexts import subscribers"] if is_heard else []
    return sorted([*lines, "from app.problems import Problem, install", "from app.watch import Watched"])


def _graph_imports(modules: Mapping[str, str], shown: list[dict[str, Any]]) -> list[str]:
    found = [
        "from app.access import Caller, check, somebody",
        "from app.database import get_session",
        "from app.problems import Problem",
    ]
    for x in shown if modules else ():
        home = modules[x["name"]]
        found += [f"from {home} import routes as {x['plural']}_routes", f"from {home}.models import {x['type']}List"]
    return sorted(found)


def _plain(name: str) -> bytes:
    return (TEMPLATES / "platform" / name).read_bytes()


def _interface_files(values: Mapping[str, Any]) -> dict[str, bytes]:
    wanted = {
        "app/record_events.py": "is_told", "app/webhooks.py": "has_webhooks", "app/live.py": "has_live", "app/graph.py": "has_graph",
        "app/schema.graphql": "has_graph",
    }  # fmt: skip
    files = {path: path.removeprefix("app/") for path, when in wanted.items() if values[when]}
    return {
        path: _plain(name) if name == "live.py" else render(f"platform/{name}.j2", **values)
        for path, name in files.items()
    }


def _integration_files(brief: Brief) -> dict[str, bytes]:
    files, limits = {}, ports.time_limits(brief)
    for system in brief.understanding.integrations:
        values = {
            "name": _plain_text(system.name), "purpose": _plain_text(system.purpose), "module": ports.module_of(system), "methods": ports.methods_of(system),
            "timeout": limits[system.name],
        }  # fmt: skip
        files[f"app/integrations/{values['module']}.py"] = render("platform/integration.py.j2", **values)
    if files:
        files["app/integrations/__init__.py"] = (
            b'"""One module per other system: what we need of it, and an adapter."""\n'
        )
        files["app/integrations/errands.py"] = _plain("errands.py")
    return files


def _plain_text(text: str) -> str:
    """On one line, and nothing that could end a docstring."""
    return " ".join(text.split()).replace("\\", " ").replace('"', "'")


def _project_files(brief: Brief, plan: Plan, values: Mapping[str, Any]) -> dict[str, bytes]:
    is_bdd = brief.request.methodology is Methodology.BDD
    tags = tuple(c.id for c in brief.understanding.criteria if is_bdd)
    packages = sorted({*REQUIRED, *interfaces.packages_of(plan)})
    return {
        "requirements.txt": "".join(f"{name}=={locked_version(name)}\n" for name in packages).encode(),
        "pyproject.toml": render("platform/pyproject.toml.j2", name=brief.understanding.name.replace("_", "-"), tags=tags),
        "Makefile": render("platform/Makefile.j2", **values),
        "app/README.md": render("platform/README.md.j2", **_readme(brief, values)),
        ".gitignore": b".venv/\n__pycache__/\nservice.db*\nevents.jsonl\nnotifications.jsonl\n",
    }  # fmt: skip


def _readme(brief: Brief, values: Mapping[str, Any]) -> dict[str, Any]:
    places = [
        (f"{home.replace('.', '/')}/", f"{name.replace('_', ' ')}: models, rules, routes")
        for name, home in values["modules"].items()
    ]
    places += [
        ("app/", "sign-in, flag, notifications, metrics and what else all of them share"),
        ("migrations/", "the tables, up and down"), ("tests/", "unit, API, journey and acceptance tests"), ("web/", "the page"), ("docs/", "guides and runbooks"),
        ("design/openapi.json", "the contract"), (f"flags/{values['flag'].file_name}", "who has the feature; read again when it changes"),
    ]  # fmt: skip
    things = ", ".join(e.plural.replace("_", " ") for e in values["entities"])
    waits = [
        "notifications",
        *(["webhooks"] if values["has_webhooks"] else []),
        *(["what another system could not be asked"] if values["systems"] else []),
    ]
    return {
        **values,
        "title": markdown.text(brief.request.title, 200), "summary": f"A service that keeps {things}.",
        "roles": ", ".join(markdown.text(actor) for actor in brief.understanding.actors),
        "settings": (*SETTINGS, *(_OF_WEBHOOKS if values["has_webhooks"] else ())), "places": places, "waiting": ", ".join(waits),
        "systems": [_told_of(brief, s) for s in brief.understanding.integrations],
    }  # fmt: skip


def _told_of(brief: Brief, system: Integration) -> tuple[str, str]:
    """Its name, and after which acts it is asked, or why it is not."""
    acts = asked_after(brief.understanding, system)
    said = f"asked after {acts}" if acts else f"asked by nothing: {why_not_asked(brief.understanding, system)}"
    return markdown.text(system.name), markdown.text(said)


def platform_tests(brief: Brief, design: Architecture, modules: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """The tests of what is shared; those of the entities are elsewhere."""
    values = _values(brief, design, plan_of(brief.understanding), modules or {})
    names = [
        "calls",
        "delivery",
        "flags",
        "migrations",
        "service",
        "sign_in",
        *(["record_events"] if values["is_told"] else []),
        *values["extras"],
    ]
    return {f"tests/test_platform_{name}.py": render(f"platform/tests/{name}.py.j2", **values) for name in names}
