"""How callers are recognised, how parts talk, how it is watched, tested and rolled out: a few lines each, from the options."""

from services.agents.blueprint.brands import brand_of
from services.agents.blueprint.deployment.rollout_plans import MEANINGS, guards_of, shares_of
from services.agents.blueprint.discovery.decompositions import Parts
from services.agents.blueprint.discovery.success_metrics import metrics_of
from services.agents.blueprint.implementation.interfaces import INTERFACES
from services.agents.blueprint.rules.rule_plan import plan_of
from services.deliverables.discovery import Flow, Strategy
from services.features import words
from services.features.speech import agrees, counted, one_of
from services.features.understanding import Rule, RuleKind
from services.workflow.options import Methodology

_METHODS = {
    Methodology.TRADITIONAL: "code first, then a test per criterion; every rule is broken once to see its test fail",
    Methodology.TDD: "the test of each criterion is written first and has to fail before its code exists",
    Methodology.BDD: "each criterion is a rule of Gherkin in its own words, with scenarios that run: what is done, what is refused",
    Methodology.DDD: "aggregates keep the rules; a test per criterion drives them through the context's own door",
}


def strategies_of(parts: Parts, flows: tuple[Flow, ...]) -> tuple[Strategy, ...]:
    return (
        *_access(parts),
        *_talk(parts, flows),
        *_watch(parts),
        *_tests(parts),
        *_rollout(parts),
        *_technology(parts),
    )


def _access(parts: Parts) -> list[Strategy]:
    understood, rules = parts.brief.understanding, _rules(parts)
    actors = understood.actors
    narrow = [op for op in parts.operations if set(op.roles) != set(actors)]
    only = tuple(c.id for c in plan_of(understood).provable if any(r.kind is RuleKind.ONLY for r in c.rules))
    limits = (
        f"{len(narrow)} of {counted(len(parts.operations), 'operation')} {agrees(len(narrow), 'are')} for some roles only"
        if len(actors) > 1
        else f"{one_of(actors)} is the only role, and a token with any other is refused everywhere"
    )
    why = f"{one_of(only, 'and')} {agrees(len(only), 'say')} who may" if only else ""
    found = [
        Strategy(area="authentication", choice=f"bearer token (JWT, HS256) of the team's identity provider: sub, exp, and role as {one_of(actors)}; POST /sign-in only where SIGN_IN=local", because=f"{counted(len(actors), 'role')} {agrees(len(actors), 'act')} on {parts.entities[0].plural.replace('_', ' ')}"),
        Strategy(area="authorization", choice=f"one table of operation to roles, asked before a record is read; {limits}", because=why or one_of(tuple(f"{op.id} only for {one_of(op.roles)}" for op in narrow[:3]), "and") or "no rule of the request says who may do what"),
    ]  # fmt: skip
    own = [r for r in rules if r.kind in (RuleKind.OWN, RuleKind.NOT_OWN)]
    if own:
        told = tuple(
            f"{words.article(one_of(r.actors))} reaches only own records"
            if r.kind is RuleKind.OWN
            else f"nobody may {r.act or 'change'} an own {r.resource.replace('_', ' ')}"
            for r in own[:2]
        )
        found.append(
            Strategy(
                area="authorization",
                choice="per record: created_by is compared with the token's sub",
                because=one_of(told, "and"),
            )
        )
    if any(i.kind == "identity" for i in understood.integrations):
        name = next(i.name for i in understood.integrations if i.kind == "identity")
        found.append(
            Strategy(
                area="authentication",
                choice=f"{name} signs the tokens; only its keys and the claim that holds the role are configured",
                because="the request names it",
            )
        )
    return found


def _talk(parts: Parts, flows: tuple[Flow, ...]) -> list[Strategy]:
    waiting = [f for f in flows if f.style == "synchronous"]
    later = [f for f in flows if f.style == "asynchronous"]
    found = [
        Strategy(area="communication", choice=f"whoever calls {parts.operations[0].id} waits for one transaction; what goes to {one_of(tuple(dict.fromkeys(f.target for f in later)), 'and')} is sent afterwards", because=f"{len(later)} of {counted(len(flows), 'connection')} can be late without a caller noticing"),
    ]  # fmt: skip
    if waiting:
        found.append(
            Strategy(
                area="communication",
                choice="synchronous only with a time limit, a breaker and a fallback",
                because=one_of(tuple(f"{f.target} ({f.carries})" for f in waiting[:4]), "and"),
            )
        )
    asked = parts.brief.understanding.interfaces
    return [
        *found,
        *(
            Strategy(
                area="communication",
                choice=f"{name} beside REST, over the same rules: {INTERFACES[name][2].replace('`', '')}",
                because="the request asks for it",
            )
            for name in asked
        ),
    ]


def _watch(parts: Parts) -> list[Strategy]:
    moves = [e.name for e in parts.events]
    return [
        Strategy(area="observability", choice=f"logs: one JSON line per request with operation, role, status, duration and X-Request-Id; metrics: requests and durations per route; {brand_of(parts.brief.request.monitoring_stack)} reads them", because=f"{len(parts.operations)} operations over {len({op.path for op in parts.operations})} paths; never in a log: {_secret(parts)}"),
        Strategy(area="observability", choice=f"product events: {', '.join(moves[:4])}{'' if len(moves) < 5 else f' and {len(moves) - 4} more'}, to {brand_of(parts.brief.request.analytics_platform)}", because=f"{', '.join(_metrics(parts))} are counted from them"),
    ]  # fmt: skip


def _tests(parts: Parts) -> list[Strategy]:
    plan = plan_of(parts.brief.understanding)
    fakes = one_of(tuple(i.name for i in parts.brief.understanding.integrations), "and")
    return [
        Strategy(area="testing", choice=f"{counted(len(plan.provable), 'acceptance test')} over HTTP, one per criterion; {counted(len(plan.left), 'criterion stays', 'criteria stay')} with a person", because=_METHODS[parts.brief.request.methodology]),
        Strategy(area="testing", choice=f"contract test of every operation against openapi.json; {parts.brief.request.test_coverage_min} % of lines and branches" + (f"; a local stand-in for {fakes}" if fakes else ""), because=f"coverage minimum of the options; {counted(len(parts.entities), 'kind', 'kinds')} of record, {counted(len(parts.operations), 'operation')}"),
    ]  # fmt: skip


def _rollout(parts: Parts) -> list[Strategy]:
    request = parts.brief.request
    shares = ", ".join(f"{share} %" for share in shares_of(parts.brief))
    return [
        Strategy(
            area="rollout",
            choice=f"{request.deployment_strategy.value}: {MEANINGS[request.deployment_strategy]} Stages: {shares}; flag in {brand_of(request.feature_flag_service)}, off takes it back within a minute",
            because=f"option of the request; guards: {guards_of(parts.brief).words()}",
        )
    ]


def _technology(parts: Parts) -> list[Strategy]:
    rules = _rules(parts)
    strict = {
        RuleKind.UNIQUE: "unique values",
        RuleKind.OVERLAP: "times that must not overlap",
        RuleKind.COUNT: "limits per person",
    }
    needs = tuple(dict.fromkeys(strict[r.kind] for r in rules if r.kind in strict))
    references = sum(bool(f.refers_to) for e in parts.entities for f in e.fields)
    between = f", {counted(references, 'reference')} between them" if references else ""
    storage = f"{counted(len(parts.entities), 'kind', 'kinds')} of record{between}" + (
        f"; {one_of(needs, 'and')} need a transaction" if needs else ""
    )
    found = [
        Strategy(area="technology", choice="PostgreSQL through SQLModel; SQLite to try it", because=storage),
        Strategy(area="technology", choice="FastAPI on Python 3.11", because=f"the limits of {sum(len(e.fields) for e in parts.entities)} fields stand once, in the model, and give both validation and the contract"),
    ]  # fmt: skip
    told = [r for r in rules if r.kind is RuleKind.NOTIFY]
    if told:
        found.append(
            Strategy(
                area="technology",
                choice="an outbox table and one worker instead of a message broker",
                because=f"{counted(len({(r.resource, r.act) for r in told}), 'act tells', 'acts tell')} somebody; at the load below a table is enough, and a broker is one more thing to run",
            )
        )
    return found


def _rules(parts: Parts) -> list[Rule]:
    return [r for c in plan_of(parts.brief.understanding).provable for r in c.rules]


def _secret(parts: Parts) -> str:
    """Fields whose values stay out of logs: the sensitive ones, else what people write freely."""
    named = [f"{e.name}.{f.name}" for e in parts.entities for f in e.fields if f.sensitive]
    free = [f"{e.name}.{f.name}" for e in parts.entities for f in e.fields if f.type in ("text", "string")]
    return ", ".join((named or free)[:4]) or "any value of a field"


def _metrics(parts: Parts) -> list[str]:
    return [f"{m.id} ({m.name})" for m in metrics_of(parts.brief)]
