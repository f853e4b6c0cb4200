"""Step 4: a FastAPI and SQLModel service that runs, from the records of the architecture and the provable rules."""

from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.brands import brand_of
from services.agents.blueprint.discovery.resilience_plans import retries_of
from services.agents.blueprint.implementation.entity_files import entity_files
from services.agents.blueprint.implementation.flags import SHARED_OUT, flag_of
from services.agents.blueprint.implementation.platform import CACHE_SECONDS, SETTINGS, TAKEN, platform_files
from services.agents.blueprint.implementation.ports import time_limits
from services.agents.blueprint.implementation.shared_files import shared_files
from services.agents.blueprint.implementation.subscribers import heard_of, subscriber_files
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import class_of, render
from services.agents.blueprint.rules.callers import asked_after, is_asked, why_not_asked
from services.agents.blueprint.rules.rule_code import Code, route_name
from services.agents.blueprint.rules.rule_plan import Plan, plan_of
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture
from services.deliverables.implementation import Backend, CacheEntry, Endpoint, Flag, Resilience, Rule
from services.features.understanding import Resource
from services.workflow.options import DeploymentStrategy, Methodology

_ACCESS = "app/access.py"


def generate(brief: Brief) -> Draft:
    design = brief.read("architecture", Architecture)
    plan, modules = plan_of(brief.understanding), modules_of(brief)
    files = {**platform_files(brief, design, modules), **shared_files(plan, modules)}
    is_ddd = brief.request.methodology is Methodology.DDD
    for resource in plan.resources:
        files |= entity_files(plan, design, resource, modules, is_ddd=is_ddd)
        files |= _context_files(plan, design, resource, modules[resource.name]) if is_ddd else {}
    files |= subscriber_files(plan, modules) if is_ddd else {}
    records = _records(brief, design, plan, files)
    return Draft(report=_report(brief, design, records), records=records, files=files, cost_usd=0.0)


def modules_of(brief: Brief) -> dict[str, str]:
    """Where each resource lives: under ddd each bounded context is a package of its own below `contexts`."""
    below = "app.contexts" if brief.request.methodology is Methodology.DDD else "app"
    return {r.name: f"{below}.{r.plural}{'_kept' if r.plural in TAKEN else ''}" for r in brief.understanding.resources}


def _context_files(plan: Plan, design: Architecture, resource: Resource, module: str) -> dict[str, bytes]:
    """ddd: the events that other contexts may hear, and the repository of the aggregate."""
    folder, name = module.replace(".", "/"), class_of(resource.name)
    own = {op.id for op in design.operations if op.resource == resource.name}
    values = {
        "entity": resource,
        "name": name,
        "module": module,
        "kinds": tuple(e.name for e in design.events if e.operation in own),
        "is_heard": bool(heard_of(plan, resource.name)),
    }
    return {
        f"{folder}/{part}.py": render(f"backend/{part}.py.j2", **values) for part in ("domain_events", "repository")
    }


def _records(brief: Brief, design: Architecture, plan: Plan, files: dict[str, bytes]) -> Backend:
    flag, modules, integrations, limits = (
        flag_of(brief),
        modules_of(brief),
        brief.understanding.integrations,
        time_limits(brief),
    )
    endpoints = tuple(
        Endpoint(operation=op.id, function=route_name(op.resource, plan.domain.resource(op.resource).plural, op.verb), file=_file(modules[op.resource], "routes"))
        for op in design.operations
    )  # fmt: skip
    return Backend(
        summary=f"{len(endpoints)} endpoints in {sum(p.endswith('.py') for p in files)} modules, behind the flag {flag.key}, {_share(brief, flag.rollout_percentage)}.",
        modules=tuple(sorted(path for path in files if path.endswith(".py") and not path.endswith("__init__.py"))),
        endpoints=endpoints,
        rules=rules_of(plan, modules),
        resilience=tuple(
            Resilience(dependency=i.name, timeout_seconds=limits[i.name], retries=retries_of(i.kind, is_later=is_asked(brief.understanding, i)), breaker="opens at 50 % of at least 20 calls in 30 s, for 30 s, then one probe", fallback="kept with the change, done later by python -m app.deliver", asked_after=asked_after(brief.understanding, i), not_asked_because=why_not_asked(brief.understanding, i))
            for i in integrations
        ),
        caches=tuple(CacheEntry(key=f"{r.name}:<id>", ttl_seconds=CACHE_SECONDS, invalidated_by="every write of the record") for r in plan.resources),
        flag=Flag(key=flag.key, default=False, rollout_percentage=flag.rollout_percentage, kill_switch="FEATURE_FORCE=off, or the flag's own switch", provider=flag.provider, file=f"flags/{flag.file_name}", remove_when="everyone has had it for four weeks"),
        migrations=tuple(sorted(p for p in files if p.startswith("migrations/") and p.endswith((".py", ".sql")))),
        configuration=tuple(name for name, _ in SETTINGS),
    )  # fmt: skip


def _share(brief: Brief, percent: int) -> str:
    """What the flag shares out, and what it leaves to the traffic."""
    strategy = brief.request.deployment_strategy
    if strategy in SHARED_OUT:
        return f"in its first stage on for {percent} % of people"
    told = "a kill switch that is on for everybody"
    return told if strategy is DeploymentStrategy.DIRECT else f"{told}, the rollout is the share of requests"


def rules_of(plan: Plan, modules: dict[str, str]) -> tuple[Rule, ...]:
    """One record per criterion and place that keeps it."""
    found = [
        Rule(
            criterion=criterion.id,
            function=name,
            file=_ACCESS if part == "access" else _file(modules[code.rule.resource], part),
        )
        for criterion in plan.provable
        for code in _codes(plan, criterion.rules)
        for name, part in code.places
    ]
    return tuple(dict.fromkeys(found))


def _codes(plan: Plan, rules: Any) -> list[Code]:
    return [plan.code_of(rule) for rule in rules]


def _file(module: str, part: str) -> str:
    return f"{module.replace('.', '/')}/{part}.py"


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
        ("Flag", markdown.table(("Key", "Provider", "On for", "Kill switch", "Remove when"), [(made.flag.key, brand_of(brief.request.feature_flag_service), _share(brief, made.flag.rollout_percentage), made.flag.kill_switch, made.flag.remove_when)])),
        ("Dependencies", markdown.table(("On", "Asked after", "Time limit", "Retries", "Breaker", "Otherwise"), [(r.dependency, r.asked_after or f"nothing, its port has no caller: {r.not_asked_because}", f"{r.timeout_seconds:g} s", r.retries, r.breaker, r.fallback) for r in made.resilience])),
        ("Configuration", markdown.bullets(made.configuration)),
        ("Context read", markdown.documents(brief.documents)),
    )  # fmt: skip
    return markdown.report(f"Backend services: {brief.request.title}", made.summary, sections, answered(brief))
