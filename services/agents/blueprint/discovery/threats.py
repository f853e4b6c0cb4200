"""Threats by STRIDE at operations that exist, from roles, rules, other systems and sensitive fields. What applies nowhere is not listed.

Source: STRIDE; CWE; OWASP API Security Top 10 (2023). Likelihood and impact are 1 to 5: likelihood by who can reach it,
impact by what is lost, raised by one where sensitive data is touched. "-" where the Top 10 has no entry for it.
"""

from collections.abc import Iterator

from services.agents.blueprint.discovery.border_threats import address_threats, system_threats, token_threats
from services.agents.blueprint.discovery.threat_ground import Ground, threat
from services.agents.engine import Brief
from services.deliverables.discovery import Architecture, Threat
from services.features import words
from services.features.speech import called, counted, done, duration, one_of
from services.features.understanding import RuleKind

_K = RuleKind
_MOST = 16


def threats_of(brief: Brief, design: Architecture) -> tuple[Threat, ...]:
    """The worst first; at most 16, so that each of them is read."""
    ground = Ground(brief, design)
    found = [
        *_roles(ground),
        *_others_records(ground),
        *_reads(ground),
        *_states(ground),
        *_limits(ground),
        *_races(ground),
        *_history(ground),
        *system_threats(ground),
        *token_threats(ground),
        *_volume(ground),
        *_hidden(ground),
        *address_threats(ground),
    ]
    worst_first = sorted(_once(found), key=lambda t: -t.likelihood * t.impact)[:_MOST]
    return tuple(t.model_copy(update={"id": f"TH-{n}"}) for n, t in enumerate(worst_first, start=1))


def _once(found: list[Threat]) -> list[Threat]:
    """Two criteria that lead to the same threat are one row with both."""
    rows: dict[tuple[str, str], Threat] = {}
    for one in found:
        key = (one.entry_point, one.threat)
        known = rows.get(key, one)
        both = tuple(dict.fromkeys((*known.criteria, *one.criteria)))
        source = ", ".join(both) if known.source in both else known.source
        rows[key] = known.model_copy(update={"criteria": both, "source": source})
    return list(rows.values())


def _roles(g: Ground) -> Iterator[Threat]:
    """Operations that are not for everybody, by who may call them: somebody of another role calls one."""
    everyone = g.brief.understanding.actors
    narrow = [op for op in g.design.operations if op.method != "GET" and set(everyone) - set(op.roles)]
    for key in dict.fromkeys((op.resource, op.roles, op.verb in ("create", "update", "delete")) for op in narrow):
        resource, roles, is_plain = key
        own = [op for op in narrow if (op.resource, op.roles, op.verb in ("create", "update", "delete")) == key]
        others = tuple(role for role in everyone if role not in roles)
        verbs, ids = tuple(op.verb for op in own), one_of(tuple(op.id for op in own), "and")
        criteria = tuple(c.id for c, r in g.rules(_K.ONLY) if r.resource == resource and r.act in verbs)
        acts = one_of(tuple(done(verb) for verb in verbs))
        yield threat(
            own[-1], "Elevation of privilege", f"{words.article(others[0].replace('_', ' '))} calls {own[-1].method} {own[-1].path} and has {words.article(g.label(resource))} {acts}",
            ("CWE-862", "API5:2023"), (3, 4 if is_plain else 5), f"ROLES allows {ids} only for {one_of(roles)}; asked before the record is read", "backend",
            f"call {ids} as {one_of(others)}: 403, and the record is unchanged", criteria[0] if criteria else ", ".join(dict.fromkeys(id_ for op in own for id_ in op.stories)) or "roles of the request", criteria,
        )  # fmt: skip


def _others_records(g: Ground) -> Iterator[Threat]:
    for criterion, rule in g.rules(_K.OWN, _K.NOT_OWN):
        if rule.kind is _K.OWN:
            op, who = g.operation(rule.resource, rule.act or "get"), words.article(one_of(rule.actors))
            text = f"{who} counts ids up in {op.path} and reads what others made" + (
                f": {one_of(tuple(g.sensitive(rule.resource)[:3]), 'and')}" if g.sensitive(rule.resource) else ""
            )
            yield threat(
                op,
                "Information disclosure",
                text,
                ("CWE-639", "API1:2023"),
                (4, 4 + bool(g.sensitive(rule.resource))),
                "created_by is compared with the token's sub, in lists too",
                "backend",
                f"two tokens of that role; the second asks for the first one's {g.label(rule.resource)}",
                criterion.id,
                (criterion.id,),
            )
        else:
            op = g.operation(rule.resource, rule.act)
            yield threat(
                op,
                "Elevation of privilege",
                f"Whoever made {words.article(g.label(rule.resource))} also has the role {one_of(op.roles)}, and has the own one {done(rule.act)}",
                ("CWE-863", "API1:2023"),
                (3, 5),
                "created_by is compared with the token's sub; one person has one sub whatever the role",
                "backend",
                f"make it as one person, {rule.act} it with the same sub and an allowed role: refused",
                criterion.id,
                (criterion.id,),
            )


def _reads(g: Ground) -> Iterator[Threat]:
    """Sensitive fields that more roles read than need to."""
    owned = {r.resource for _, r in g.rules(_K.OWN)}
    for entity in g.design.entities:
        names = g.sensitive(entity.name)
        if not names:
            continue
        op = g.operation(entity.name, "list")
        guard = (
            "records of others are left out"
            if entity.name in owned
            else f"no other role than {one_of(op.roles)} reads it; decide whether each of them has to"
        )
        kinds = {f.sensitive for f in entity.fields if f.sensitive}
        impact = 5 if kinds & {"health", "payment", "credentials"} else 4
        yield threat(
            op,
            "Information disclosure",
            f"Every {one_of(op.roles)} reads the {one_of(tuple(called(n) for n in names[:4]), 'and')} of all {words.plural(entity.label.lower())}, a page at a time",
            ("CWE-213", "API3:2023"),
            (3, impact),
            guard,
            "product and backend",
            f"list as each role; {one_of(tuple(names[:4]))} only where the use case needs it",
            next(f.source for f in entity.fields if f.sensitive),
        )


def _states(g: Ground) -> Iterator[Threat]:
    for entity in g.design.entities:
        moves = [
            op
            for op in g.design.operations
            if op.resource == entity.name and op.verb in {verb for verb, _, _ in entity.transitions}
        ]
        if not moves:
            continue
        criteria = tuple(c.id for c, r in g.rules(_K.TRANSITION, _K.LOCKED, _K.BLOCKED) if r.resource == entity.name)
        last = moves[-1]
        sources = one_of(tuple(dict.fromkeys(s for v, s, _ in entity.transitions if v == last.verb)))
        yield threat(
            last,
            "Tampering",
            f"{words.article(entity.label.lower()).capitalize()} that is not {sources} is {done(last.verb)} all the same, or changed after it was decided",
            ("CWE-841", "API6:2023"),
            (3, 4),
            f"TRANSITIONS lists {one_of(tuple(dict.fromkeys(v for v, _, _ in entity.transitions)), 'and')} with the state before; no other step exists",
            "backend",
            f"every step from every state: only {len(entity.transitions)} of {len(moves) * len(entity.states)} succeed",
            criteria[0] if criteria else "states of the request",
            criteria,
        )
        return


def _limits(g: Ground) -> Iterator[Threat]:
    ranged = {(r.resource, f): c.id for c, r in g.rules(_K.RANGE) for f in r.fields}
    for entity in g.design.entities:
        numbers = [f for f in entity.fields if f.type in ("money", "integer", "number")]
        if not numbers:
            continue
        field = next((f for f in numbers if (entity.name, f.name) in ranged), numbers[0])
        limited = field.minimum is not None or field.maximum is not None
        criterion = ranged.get((entity.name, field.name), "")
        name, what = called(field.name), words.article(entity.label.lower())
        yield threat(
            g.operation(entity.name, "create"),
            "Tampering",
            f"The {name} of {what} is negative or huge, and is kept and counted on",
            ("CWE-1284", "API3:2023"),
            (3 if not limited else 2, 3 + (field.type == "money")),
            f"{'its limits stand in the model' if limited else 'no limit is named: ask product for one'}; unknown fields are refused",
            "backend",
            f"{name} just outside of its limits: 422" if limited else f"{name} below zero, and with twelve digits",
            criterion or field.source,
            (criterion,) if criterion else (),
        )
        return


def _races(g: Ground) -> Iterator[Threat]:
    for criterion, rule in g.rules(_K.UNIQUE, _K.OVERLAP, _K.COUNT):
        op = g.operation(rule.resource, "create")
        told = {
            _K.UNIQUE: f"the same {one_of(tuple(called(f) for f in rule.fields), 'and')} twice",
            _K.OVERLAP: f"one {one_of(tuple(called(f) for f in rule.fields[:1]))} taken twice at a time",
            _K.COUNT: f"more than {counted(rule.maximum or 0, g.label(rule.resource))} of one person",
        }[rule.kind]
        yield threat(
            op,
            "Tampering",
            f"Two requests at the same moment leave {told}",
            ("CWE-362", "-"),
            (1, 3),
            "a unique constraint of the database"
            if rule.kind is _K.UNIQUE
            else "one turn at a time per kind of record, taken before it is asked and held until the commit (app/limits.py)",
            "backend",
            "twenty threads send the same body: one 201, nineteen 409",
            criterion.id,
        )


def _history(g: Ground) -> Iterator[Threat]:
    kept = {r.resource: c.id for c, r in g.rules(_K.HISTORY)}
    main = g.design.entities[0]
    writes = [
        op for op in g.design.operations if op.resource == main.name and op.method != "GET" and op.verb != "create"
    ]
    if not writes:
        return
    op = writes[-1]
    criteria = (kept[main.name],) if main.name in kept else ()
    cure = (
        "the history keeps person, time and both values"
        if criteria
        else f"{op.event} tells role and id, not the person: decide whether a history is needed"
    )
    yield threat(
        op,
        "Repudiation",
        f"{words.article(one_of(op.roles)).capitalize()} denies having {words.article(main.label.lower())} {done(op.verb)}",
        ("CWE-778", "-"),
        (2 if criteria else 3, 4),
        cure,
        "product and backend",
        f"{op.id}, then read who did it",
        criteria[0] if criteria else op.id,
        criteria,
    )


def _volume(g: Ground) -> Iterator[Threat]:
    rates = g.rules(_K.RATE)
    main = g.design.entities[0]
    if rates:
        criterion, rule = rates[0]
        yield threat(
            g.operation(rule.resource, rule.act or "create"),
            "Denial of service",
            f"A script has {words.plural(g.label(rule.resource))} {done(rule.act or 'create')} as fast as it can",
            ("CWE-770", "API4:2023"),
            (3, 3),
            f"at most {rule.maximum} per person within {duration(rule.seconds or 0)}, then 429",
            "backend",
            f"{(rule.maximum or 0) + 1} calls of one person, then one of another",
            criterion.id,
            (criterion.id,),
        )
        return
    op = g.operation(main.name, "create")
    told = [c.id for c, r in g.rules(_K.NOTIFY) if (r.resource, r.act) == (main.name, "create")]
    cost = f", and each tells somebody ({', '.join(told)})" if told else ""
    yield threat(
        op,
        "Denial of service",
        f"A script makes {words.plural(main.label.lower())} as fast as it can{cost}; the request names no rate",
        ("CWE-770", "API4:2023"),
        (3 if told or len(op.roles) == len(g.brief.understanding.actors) else 2, 3),
        "limit per token at the gateway; lists are paged",
        "operations",
        f"{op.id} 1,000 times within a minute on staging",
        "no rate in the request",
    )


def _hidden(g: Ground) -> Iterator[Threat]:
    for criterion, rule in g.rules(_K.HIDDEN):
        op = g.operation(rule.resource, "get")
        yield threat(
            op,
            "Information disclosure",
            f"{one_of(rule.fields, 'and').capitalize()} of {words.article(g.label(rule.resource))} comes out by another way: an export, the history, an event, a log",
            ("CWE-201", "API3:2023"),
            (3, 5),
            "left out in one place that all answers go through; never in events and logs",
            "backend",
            f"write {one_of(rule.fields)}, then search every answer, event and log line for it",
            criterion.id,
            (criterion.id,),
        )
