"""What went wrong, from the problem document that a person sees: per code which operations answer it, why here, and the cure."""

from collections.abc import Iterator

from services.agents.blueprint import markdown
from services.agents.blueprint.rules.callers import is_asked, why_not_asked
from services.agents.blueprint.rules.phrases import phrase
from services.agents.blueprint.rules.rule_plan import Plan
from services.agents.blueprint.rules.seen_at import acts_seen
from services.deliverables.discovery import Architecture, Operation
from services.features.speech import done, duration, one_of
from services.features.surroundings import CHANNELS
from services.features.understanding import RuleKind, Understanding

_CONFLICTS = (RuleKind.UNIQUE, RuleKind.OVERLAP, RuleKind.COUNT, RuleKind.BLOCKED, RuleKind.LOCKED)
_VALUES = (RuleKind.REQUIRED, RuleKind.RANGE, RuleKind.CHOICES, RuleKind.FORMAT, RuleKind.COMPARE, RuleKind.FIXED)


def troubleshooting_page(plan: Plan, design: Architecture, title: str) -> str:
    rows = [*_forbidden(plan, design), *_states(plan, design), *_conflicts(plan), *_values(plan), *_limits(plan)]
    shown = markdown.table(("You see", "On", "Because here", "Do"), rows)
    return (
        f"# Troubleshooting {markdown.text(title)}\n\nHow-to, for whoever is stuck. The first table is about answers of the service: find the code, then the operation. "
        "Every problem document has `status`, `title` and `detail`; 422 also has `errors` with the field.\n\n"
        f"## Answers\n\n{shown}\n\n## Around the service\n\n{markdown.table(('You see', 'Because', 'Do'), _around(plan.domain.understanding))}\n"
    )


def _forbidden(plan: Plan, design: Architecture) -> Iterator[tuple[str, str, str, str]]:
    everyone = set(plan.domain.understanding.actors)
    yield (
        "401",
        "every operation",
        "no bearer token, an old one, or one signed with another secret",
        "sign in again; compare TOKEN_SECRET with that of the identity provider",
    )
    narrow = [op for op in design.operations if set(op.roles) != everyone]
    for roles in dict.fromkeys(op.roles for op in narrow):
        yield (
            "403",
            ", ".join(op.id for op in narrow if op.roles == roles),
            f"only for {one_of(roles)}",
            "look at the claim role of the token",
        )
    for criterion in plan.provable:
        for rule in criterion.rules:
            if rule.kind in (RuleKind.OWN, RuleKind.NOT_OWN):
                acts = acts_seen(plan.domain, rule)
                cause = (
                    f"{one_of(rule.actors)} reaches only what the same person made"
                    if rule.kind is RuleKind.OWN
                    else "whoever made it may not do it"
                )
                yield (
                    "403 or 404",
                    ", ".join(_ids(design, rule.resource, acts)),
                    f"{cause} ({criterion.id})",
                    "compare created_by of the record with sub of the token",
                )
    listing = next(op for op in design.operations if op.verb == "list")
    yield (
        "404",
        f"{listing.id}, although the path is right",
        "the feature flag is off for this person",
        "FEATURE_FORCE=on for a try; raise the share in the flag file for everybody",
    )


def _ids(design: Architecture, resource: str, acts: tuple[str, ...]) -> list[str]:
    return [op.id for op in design.operations if op.resource == resource and op.verb in acts]


def _states(plan: Plan, design: Architecture) -> Iterator[tuple[str, str, str, str]]:
    for entity in design.entities:
        for op in (o for o in design.operations if o.resource == entity.name):
            sources = plan.domain.sources(entity.name, op.verb)
            if sources:
                yield (
                    "409",
                    op.id,
                    f"the {entity.label.lower()} is not {one_of(sources)}; only then it can be {done(op.verb)}",
                    _look(design, entity.name),
                )
        locked = plan.domain.locked(entity.name)
        updates = _ids(design, entity.name, ("update",))
        if locked and updates:
            yield (
                "409",
                ", ".join(updates),
                f"no field changes while the {entity.label.lower()} is {one_of(locked)}",
                "nothing: it is decided; make a new one",
            )
        if updates:
            yield (
                "412",
                ", ".join(updates),
                f"somebody changed the {entity.label.lower()} since it was read",
                f"{_look(design, entity.name)}, send its version in If-Match",
            )


def _look(design: Architecture, resource: str) -> str:
    reads: list[Operation] = [op for op in design.operations if op.resource == resource and op.verb == "get"]
    return f"read it with {reads[0].id}" if reads else "read it again"


def _conflicts(plan: Plan) -> Iterator[tuple[str, str, str, str]]:
    for criterion in plan.provable:
        for rule in criterion.rules:
            if rule.kind in _CONFLICTS and rule.kind not in (RuleKind.LOCKED, RuleKind.BLOCKED):
                yield (
                    "409",
                    rule.resource.replace("_", " "),
                    f"{phrase(rule, plan.domain.resource(rule.resource)).ears} ({criterion.id})",
                    "choose another value; the detail says what is taken",
                )


def _values(plan: Plan) -> Iterator[tuple[str, str, str, str]]:
    for criterion in plan.provable:
        for rule in criterion.rules:
            if rule.kind in _VALUES:
                yield (
                    "422",
                    f"{rule.resource}.{rule.fields[0]}",
                    f"{phrase(rule, plan.domain.resource(rule.resource)).ears} ({criterion.id})",
                    "mend the field that errors names",
                )


def _limits(plan: Plan) -> Iterator[tuple[str, str, str, str]]:
    for criterion in plan.provable:
        for rule in criterion.rules:
            if rule.kind is RuleKind.RATE:
                yield (
                    "429",
                    rule.resource.replace("_", " "),
                    f"more than {rule.maximum} within {duration(rule.seconds or 0)} ({criterion.id})",
                    "wait; the limit is per person",
                )


def _around(understood: Understanding) -> list[tuple[str, str, str]]:
    found = [
        (
            "make run stops while installing",
            "no network, or Python older than 3.11",
            "python3 --version; install once with network",
        ),
        (
            "the service does not start: TOKEN_SECRET",
            "it is missing or shorter than 32 bytes",
            "set it; for a try on one machine SIGN_IN=local",
        ),
        ("/ready fails", "the database does not answer", "look at DATABASE_URL and the database's own log"),
        ("no such table", "the migrations were not applied", "alembic upgrade head"),
        (
            "no event in the figures",
            "the pipeline has not run, or set the line aside",
            "python -m analytics.pipeline, then read dead_letter",
        ),
    ]
    found += [
        (
            f"nothing arrives at {i.name}",
            f"no answer in time, the breaker is open, or it said no: failed in the table {'notification' if i.kind in CHANNELS else 'integration_call'} says which",
            "python -m app.deliver sends what waits; with --again also what was set aside",
        )
        for i in understood.integrations
        if is_asked(understood, i)
    ]
    unasked = [(i, why) for i in understood.integrations if (why := why_not_asked(understood, i))]
    return found + [
        (f"nothing arrives at {i.name}", f"nothing asks it: {why}", "say after which act it is asked")
        for i, why in unasked
    ]
