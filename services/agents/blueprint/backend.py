"""Step 4: a FastAPI and SQLModel service that runs, from the records of the architecture."""

from services.agents.blueprint import markdown
from services.agents.blueprint.flags import flag_file, flag_of
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import as_json, camel, render
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture, Entity, EntityField, Operation
from services.deliverables.implementation import Backend, Endpoint, Flag, Resilience, Rule
from services.evidence.environments import locked_version
from services.features import words
from services.workflow.options import Methodology

_SHARED = ("main", "database", "problems", "access", "flags", "analytics", "observability", "idempotency")
_REQUIRED = ("fastapi", "sqlmodel", "uvicorn", "httpx2", "pytest", "pytest-bdd", "pytest-cov")
_PYTHON = {
    "integer": "int",
    "money": "int",
    "number": "float",
    "boolean": "bool",
    "date": "dt.date",
    "datetime": "dt.datetime",
}
_SQL = {
    "integer": "INTEGER",
    "money": "INTEGER",
    "number": "REAL",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
_PATTERNS = {"email": r"^[^@\s]+@[^@\s]+$", "url": "^https?://"}


def generate(brief: Brief) -> Draft:
    design = Architecture.model_validate(brief.inputs["architecture"].records)
    modules = {entity.name: module_of(brief, entity) for entity in design.entities}
    files = {**_shared_files(brief, design, modules), **_project_files(brief, design)}
    for entity in design.entities:
        files |= _entity_files(brief, design, entity, modules[entity.name])
    records = _records(brief, design, modules, files)
    return Draft(report=_report(brief, design, records), records=records, files=files, cost_usd=0.0)


def module_of(brief: Brief, entity: Entity) -> str:
    """Where a resource lives: under ddd each bounded context is a package of its own below `contexts`."""
    return f"app.contexts.{entity.plural}" if brief.request.methodology is Methodology.DDD else f"app.{entity.plural}"


def _shared_files(brief: Brief, design: Architecture, modules: dict[str, str]) -> dict[str, bytes]:
    values = {
        "title": brief.request.title,
        "name": brief.understanding.name,
        "entities": design.entities,
        "operations": design.operations,
        "events": design.events,
        "modules": modules,
        "flag": flag_of(brief),
    }
    made = {f"app/{name}.py": render(f"backend/{name}.py.j2", **values) for name in _SHARED}
    made["app/__init__.py"] = (
        f'"""{camel(brief.understanding.name)}. Made by the blueprint engine; no model was called."""\n'.encode()
    )
    if brief.request.methodology is Methodology.DDD:
        made["app/contexts/__init__.py"] = (
            b'"""One package per bounded context; contexts talk by domain events only."""\n'
        )
    return made


def _entity_files(brief: Brief, design: Architecture, entity: Entity, module: str) -> dict[str, bytes]:
    folder = module.replace(".", "/")
    values = {
        "entity": entity,
        "name": camel(entity.name),
        "module": module,
        "operations": [_for_template(op) for op in design.operations if op.resource == entity.name],
        "told": _told(design, entity),
        "stored": stored,
        "sent": sent,
    }
    files = {f"{folder}/{name}.py": render(f"backend/{name}.py.j2", **values) for name in ("models", "rules", "routes")}
    files[f"{folder}/__init__.py"] = f'"""{entity.label}: models, rules, routes."""\n'.encode()
    files[f"{folder}/routes.py"] = files[f"{folder}/routes.py"].rstrip() + b"\n"
    if brief.request.methodology is Methodology.DDD:
        kinds = tuple(
            e.name
            for e in design.events
            if any(op.id == e.operation and op.resource == entity.name for op in design.operations)
        )
        files[f"{folder}/domain_events.py"] = render(
            "backend/domain_events.py.j2", entity=entity, name=camel(entity.name), kinds=kinds
        )
    return files


def _for_template(operation: Operation) -> dict[str, object]:
    function = operation.id.removeprefix("OP-")
    verb = operation.verb if operation.verb != "list" else "list_all"
    return {
        **operation.model_dump(),
        "function": function,
        "name": f"{verb}_{operation.resource}",
        "event_name": operation.event.removeprefix("EV-"),
    }


def _told(design: Architecture, entity: Entity) -> tuple[str, ...]:
    """Fields that the events of an entity carry, beside its id and the role."""
    event = next(
        e for e in design.events if any(op.id == e.operation and op.resource == entity.name for op in design.operations)
    )
    return event.properties[2:]


def stored(field: EntityField) -> str:
    """The column's annotation."""
    kind = _PYTHON.get(field.type, "str")
    return kind if field.required else f"{kind} | None = None"


def sent(field: EntityField, required: bool) -> str:  # noqa: FBT001  (called from templates)
    """The annotation and limits of a field that a caller sends."""
    if field.choices:
        kind = "Literal[" + ", ".join(f'"{choice}"' for choice in field.choices) + "]"
        return kind if required else f"{kind} | None = None"
    kind, limits = _PYTHON.get(field.type, "str"), _limits(field)
    if required:
        return f"{kind} = Field({', '.join(limits)})" if limits else kind
    return f"{kind} | None = Field({', '.join(['default=None', *limits])})"


def _limits(field: EntityField) -> list[str]:
    if field.type in ("integer", "money"):
        return ["ge=0", f"le={field.maximum or 10**15}"]
    if field.type in _PYTHON:
        return []
    limits = ["min_length=1", f"max_length={field.maximum or (2000 if field.type == 'url' else 200)}"]
    return [*limits, f"regex=r{_PATTERNS[field.type]!r}"] if field.type in _PATTERNS else limits


def _project_files(brief: Brief, design: Architecture) -> dict[str, bytes]:
    def sql(field: EntityField) -> str:
        return _SQL.get(field.type, "TEXT")

    requirements = "".join(f"{name}=={locked_version(name)}\n" for name in _REQUIRED)
    path, configuration = flag_file(brief)
    return {
        "requirements.txt": requirements.encode(),
        "pyproject.toml": render(
            "backend/pyproject.toml.j2", name=brief.understanding.name.replace("_", "-"), tags=_tags(brief)
        ),
        "Makefile": render("backend/Makefile.j2"),
        ".gitignore": b".venv/\n__pycache__/\nservice.db\nevents.jsonl\n",
        "migrations/001_up.sql": render("backend/migration.sql.j2", direction="up", entities=design.entities, sql=sql),
        "migrations/001_down.sql": render(
            "backend/migration.sql.j2", direction="down", entities=design.entities, sql=sql
        ),
        path: as_json(configuration),
    }


def _records(brief: Brief, design: Architecture, modules: dict[str, str], files: dict[str, bytes]) -> Backend:
    flag = flag_of(brief)
    endpoints = tuple(
        Endpoint(
            operation=op.id,
            function=str(_for_template(op)["name"]),
            file=f"{modules[op.resource].replace('.', '/')}/routes.py",
        )
        for op in design.operations
    )
    return Backend(
        summary=f"{len(endpoints)} endpoints in {sum(p.endswith('.py') for p in files)} modules, behind the flag {flag.key} at {flag.rollout_percentage} %.",
        modules=tuple(sorted(path for path in files if path.endswith(".py") and not path.endswith("__init__.py"))),
        endpoints=endpoints,
        rules=tuple(_rule(brief, c.id, c.rule, modules) for c in brief.understanding.criteria if c.rule),
        resilience=tuple(
            Resilience(dependency=i.name, timeout_seconds=2, retries="3 with full jitter, only what is idempotent", breaker="opens at 50 % of 20 calls for 30 s", fallback="the record is kept and sent later")
            for i in brief.understanding.integrations
        ),
        caches=(),
        flag=Flag(key=flag.key, default=False, rollout_percentage=flag.rollout_percentage, kill_switch="FEATURE_FORCE=off, or the flag's own switch", provider=flag.provider, file=f"flags/{flag.file_name}", remove_when="everyone has had it for four weeks"),
        migrations=("migrations/001_up.sql", "migrations/001_down.sql"),
        configuration=("DATABASE_URL", "EVENT_LOG", "FEATURE_FORCE"),
    )  # fmt: skip


def _tags(brief: Brief) -> tuple[str, ...]:
    """Under bdd each criterion is the tag of a scenario."""
    is_bdd = brief.request.methodology is Methodology.BDD
    return tuple(c.id for c in brief.understanding.criteria if c.rule and is_bdd)


_ROUTES = {"create": "create", "update": "update", "delete": "delete", "read": "list_all"}
_FUNCTIONS = {"locked": "check_editable", "required": "Create", "choices": "Create", "maximum": "Create"}


def _rule(brief: Brief, criterion: str, rule: tuple[str, ...], modules: dict[str, str]) -> Rule:
    kind, what, resource = rule[0], rule[1], rule[-1]
    folder = modules[resource].replace(".", "/")
    if kind == "allowed" and what in words.TRANSITIONS:
        return Rule(criterion=criterion, function="next_state", file=f"{folder}/rules.py")
    if kind == "allowed":
        function = f"{_ROUTES[words.act_of(what)]}_{resource}"
        return Rule(criterion=criterion, function=function, file=f"{folder}/routes.py")
    name = _FUNCTIONS[kind]
    return Rule(
        criterion=criterion,
        function=f"{camel(resource)}Create" if name == "Create" else name,
        file=f"{folder}/{'models' if name == 'Create' else 'rules'}.py",
    )


def _report(brief: Brief, design: Architecture, made: Backend) -> str:
    lines = [
        "flowchart LR",
        "  caller([caller]) --> flag{flag}",
        "  flag --> role{role}",
        "  role --> rules",
        "  rules --> db[(database)]",
        "  rules --> log[event log]",
    ]
    sections = (
        ("Endpoints", markdown.table(("Operation", "Function", "File"), [(e.operation, e.function, e.file) for e in made.endpoints])),
        ("The way of a request", markdown.mermaid(lines)),
        ("Rules and where they live", markdown.table(("Criterion", "Function", "File"), [(r.criterion, r.function, r.file) for r in made.rules])),
        ("Flag", markdown.table(("Key", "Provider", "First stage", "Kill switch", "Remove when"), [(made.flag.key, made.flag.provider, f"{made.flag.rollout_percentage} %", made.flag.kill_switch, made.flag.remove_when)])),
        ("Dependencies", markdown.table(("On", "Time limit", "Retries", "Breaker", "Otherwise"), [(r.dependency, f"{r.timeout_seconds:g} s", r.retries, r.breaker, r.fallback) for r in made.resilience])),
        ("Integrations", "They are planned above and not wired in this version." if made.resilience else ""),
        ("Configuration", markdown.bullets(made.configuration)),
    )  # fmt: skip
    return markdown.report(f"Backend services: {brief.request.title}", made.summary, sections, answered(brief))
