"""What every generated service stands on: sign-in, errors, flags, metrics, migrations, delivery, other systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.agents.blueprint.domain import Domain
from services.agents.blueprint.entity_files import indexed, is_given
from services.agents.blueprint.flags import flag_file, flag_of
from services.agents.blueprint.rendering import TEMPLATES, as_json, render
from services.agents.blueprint.rule_plan import plan_of
from services.agents.engine import Brief
from services.deliverables.discovery import Architecture
from services.evidence.environments import locked_version
from services.features import words
from services.features.understanding import DataField, FieldType, Integration, Resource, RuleKind
from services.workflow.options import Methodology

REQUIRED = (
    "alembic", "fastapi", "httpx2", "openfeature-sdk", "opentelemetry-sdk", "prometheus-client", "pyjwt", "pytest", "pytest-bdd", "pytest-cov", "sqlmodel",
    "tenacity", "uvicorn",
)  # fmt: skip
CACHE_SECONDS = 30
_TIMEOUT_SECONDS = 2.0
_PLAIN = ("problems", "clock", "history", "limits", "idempotency", "notifications", "deliver", "calls", "database")
_FILLED = ("access", "cache", "flags", "analytics", "observability", "main")
_COLUMNS = {
    FieldType.INTEGER: "sa.Integer()", FieldType.MONEY: "sa.Integer()", FieldType.REFERENCE: "sa.Integer()", FieldType.NUMBER: "sa.Float()",
    FieldType.BOOLEAN: "sa.Boolean()", FieldType.DATE: "sa.Date()", FieldType.DATETIME: "sa.DateTime()",
}  # fmt: skip
_TEXT = "sa.String()"
# Kind of integration -> (function, what it does, whether a repeated call changes nothing).
_METHODS = {
    "payment": (("charge", "Takes the money once per reference.", True), ("refund", "Gives it back once per reference.", True)),
    "email": (("send", "Sends one message.", False),),
    "sms": (("send", "Sends one message.", False),),
    "chat": (("post", "Posts one message.", False),),
    "storage": (("put", "Stores a document under its reference.", True),),
    "queue": (("publish", "Publishes one event; consumers drop a reference that they have seen.", True),),
    "search": (("index", "Makes a record findable.", True),),
    "identity": (("look_up", "What the directory knows of a person.", True),),
    "calendar": (("put_event", "Creates or moves the event of a reference.", True),),
    "maps": (("locate", "The place of an address.", True),),
    "service": (("request", "Asks the other system, once per reference.", True),),
}  # fmt: skip
SETTINGS = (
    ("DATABASE_URL", "where the records are; without it a file beside the service"),
    ("TOKEN_SECRET", "at least 32 bytes, shared with whoever makes the tokens"),
    ("SIGN_IN", "local: the page makes tokens itself; for one machine only"),
    ("FEATURE_FORCE", "on or off for everybody; off is the kill switch"),
    ("EVENT_LOG", "where product events are appended, events.jsonl"),
    ("NOTIFICATION_LOG", "where the local adapter appends messages, notifications.jsonl"),
    ("OTEL_TRACES_EXPORTER", "console prints the traces"),
)


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    is_key: bool = False
    is_empty: bool = False


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    indexes: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()


def platform_files(brief: Brief, design: Architecture, modules: Mapping[str, str]) -> dict[str, bytes]:
    """Every file of the service that belongs to no single entity."""
    domain = plan_of(brief.understanding).domain
    values: dict[str, Any] = {
        "title": brief.request.title, "name": brief.understanding.name, "entities": design.entities, "operations": design.operations,
        "events": design.events, "modules": modules, "flag": flag_of(brief), "seconds": CACHE_SECONDS, "tables": tables_of(domain),
    }  # fmt: skip
    files = {f"app/{name}.py": render(f"platform/{name}.py.j2", **values) for name in _FILLED}
    files |= {f"app/{name}.py": (TEMPLATES / "platform" / f"{name}.py").read_bytes() for name in _PLAIN}
    files["app/__init__.py"] = f'"""{brief.understanding.name}. Made by the blueprint engine; no model was called."""\n'.encode()
    if brief.request.methodology is Methodology.DDD:
        files["app/contexts/__init__.py"] = b'"""One package per bounded context; contexts talk by domain events only."""\n'
    path, configuration = flag_file(brief)
    return {
        **files,
        **_integration_files(brief.understanding.integrations),
        **_project_files(brief),
        "alembic.ini": (TEMPLATES / "platform" / "alembic.ini").read_bytes(),
        "migrations/env.py": render("platform/env.py.j2", **values),
        "migrations/versions/0001_first.py": render("platform/first.py.j2", **values),
        path: as_json(configuration),
    }


def _project_files(brief: Brief) -> dict[str, bytes]:
    is_bdd = brief.request.methodology is Methodology.BDD
    tags = tuple(c.id for c in brief.understanding.criteria if is_bdd)
    return {
        "requirements.txt": "".join(f"{name}=={locked_version(name)}\n" for name in REQUIRED).encode(),
        "pyproject.toml": render("platform/pyproject.toml.j2", name=brief.understanding.name.replace("_", "-"), tags=tags),
        "Makefile": (TEMPLATES / "platform" / "Makefile").read_bytes(),
        ".gitignore": b".venv/\n__pycache__/\nservice.db\nevents.jsonl\nnotifications.jsonl\n",
    }


def _integration_files(integrations: tuple[Integration, ...]) -> dict[str, bytes]:
    files = {}
    for system in integrations:
        values = {
            "name": system.name.replace('"', ""), "purpose": " ".join(system.purpose.split()).replace("\\", " ").replace('"', "'"),
            "methods": _METHODS.get(system.kind, _METHODS["service"]), "timeout": _TIMEOUT_SECONDS,
        }  # fmt: skip
        files[f"app/integrations/{module_of(system)}.py"] = render("platform/integration.py.j2", **values)
    if files:
        files["app/integrations/__init__.py"] = b'"""One module per other system: what we need of it, and an adapter."""\n'
    return files


def module_of(system: Integration) -> str:
    return words.identifier(system.name, "system")


def tables_of(domain: Domain) -> tuple[Table, ...]:
    """Exactly what the models say; a generated test compares both."""
    return (*(_table(domain, resource) for resource in domain.resources), *_SHARED)


def _table(domain: Domain, resource: Resource) -> Table:
    own = [Column("id", "sa.Integer()", is_key=True), Column("version", "sa.Integer()"), Column("created_at", "sa.DateTime()")]
    own += [Column("created_by", _TEXT), Column("changed_at", "sa.DateTime()")]
    if resource.states:
        own += [Column("state", _TEXT), Column("state_at", "sa.DateTime()")]
    own += [_column(field) for field in resource.fields]
    narrowed = indexed(domain, resource.name)
    indexes = [c.name for c in own if c.name in narrowed or (c.name == "state" and resource.states)]
    uniques = tuple(rule.fields for rule in domain.of(resource.name, RuleKind.UNIQUE))
    return Table(resource.name, tuple(own), tuple(indexes), uniques)


def _column(field: DataField) -> Column:
    return Column(field.name, _COLUMNS.get(field.type, _TEXT), is_empty=not is_given(field))


_WHEN, _WHOLE = "sa.DateTime()", "sa.Integer()"
_SHARED = (
    Table("made", (Column("kind", _TEXT, is_key=True), Column("key", _TEXT, is_key=True), Column("record_id", _WHOLE), Column("digest", _TEXT))),
    Table("notification", (Column("id", _WHOLE, is_key=True), *(Column(n, _TEXT) for n in ("recipient", "channel", "subject", "kind")), Column("record_id", _WHOLE), Column("made_at", _WHEN), Column("sent_at", _WHEN, is_empty=True)), ("sent_at",)),
    Table("change", (Column("id", _WHOLE, is_key=True), Column("kind", _TEXT), Column("record_id", _WHOLE), *(Column(n, _TEXT) for n in ("act", "user", "role")), Column("at", _WHEN), Column("before", "sa.JSON()", is_empty=True), Column("after", "sa.JSON()", is_empty=True)), ("kind", "record_id")),
    Table("use", (Column("id", _WHOLE, is_key=True), *(Column(n, _TEXT) for n in ("user", "act", "kind")), Column("at", _WHEN)), ("user",)),
)  # fmt: skip


def platform_tests(brief: Brief, design: Architecture) -> dict[str, bytes]:
    """The tests of what is shared; RULES has those of the entities."""
    systems = [(module_of(i), [m for m, _, _ in _METHODS.get(i.kind, _METHODS["service"])]) for i in brief.understanding.integrations]
    values = {"flag": flag_of(brief), "operation": design.operations[0], "event": design.events[0].name, "systems": systems}
    return {f"tests/test_platform_{name}.py": render(f"platform/tests/{name}.py.j2", **values) for name in ("sign_in", "service", "calls", "migrations")}
