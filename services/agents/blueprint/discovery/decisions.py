"""Decisions with their options (MADR), and what was paid for what. A decision that nothing in the request asks for is not listed."""

from collections.abc import Iterator

from services.agents.blueprint.citations import quoted
from services.agents.blueprint.discovery.decompositions import Parts
from services.agents.blueprint.implementation.interfaces import INTERFACES
from services.agents.blueprint.rules.callers import is_asked, why_not_asked
from services.agents.blueprint.rules.rule_plan import plan_of
from services.deliverables.discovery import ArchitectureDecision, Option, Service, TradeOff
from services.features import words
from services.features.speech import agrees, counted, one_of, spaced
from services.features.surroundings import CHANNELS
from services.features.understanding import AcceptanceCriterion, RuleKind
from services.workflow.options import DeploymentStrategy, Methodology

_STRICT = (RuleKind.UNIQUE, RuleKind.OVERLAP, RuleKind.COUNT, RuleKind.RATE)


def decisions_of(parts: Parts, services: tuple[Service, ...]) -> tuple[ArchitectureDecision, ...]:
    found = [
        *_storage(parts),
        *_caller(parts),
        *_two_people(parts),
        *_life(parts),
        *_strict(parts),
        *_systems(parts),
        *_boundaries(parts, services),
        *_interfaces(parts),
    ]
    return tuple(d.model_copy(update={"id": f"ADR-{n}"}) for n, d in enumerate(found, start=1))


def _adr(
    title: str, context: str, decision: str, options: tuple[tuple[str, str, str], ...], consequences: str, source: str
) -> ArchitectureDecision:
    """The first option is the one that was taken."""
    return ArchitectureDecision(
        id="ADR", title=title, context=context, decision=decision, consequences=consequences, source=source,
        options=tuple(Option(name=name, for_it=good, against_it=bad, taken=n == 0) for n, (name, good, bad) in enumerate(options)),
    )  # fmt: skip


def _criteria(parts: Parts, *kinds: RuleKind) -> list[AcceptanceCriterion]:
    return [c for c in plan_of(parts.brief.understanding).provable if any(r.kind in kinds for r in c.rules)]


def _storage(parts: Parts) -> Iterator[ArchitectureDecision]:
    references = [f"{e.name}.{f.name}" for e in parts.entities for f in e.fields if f.refers_to]
    searched = _criteria(parts, RuleKind.FILTER, RuleKind.SORT, RuleKind.SEARCH)
    context = f"{counted(len(parts.entities), 'kind', 'kinds')} of record with a fixed shape"
    context += f", tied together by {one_of(tuple(references[:3]), 'and')}" if references else ""
    context += (
        f", looked up by {one_of(tuple(f for c in searched for r in c.rules for f in r.fields)[:4], 'and')}"
        if searched
        else ""
    )
    unique = one_of(tuple(c.id for c in _criteria(parts, RuleKind.UNIQUE)), "and")
    kept = (
        f"the constraint of {unique} is the database's own"
        if unique
        else "a record, its history and its messages are one transaction"
    )
    yield _adr(
        "Where records are kept", context, "PostgreSQL through SQLModel; SQLite for a try on one machine",
        (("relational", kept, f"a new field is a migration, and {'references and ' if references else ''}limits are checked by the code alone: the tables have no CHECK and no foreign key"),
         ("documents", "new fields without a migration", f"{unique} would be kept by the code alone" if unique else "records that belong together are written one after the other"),
         ("event store", "every past state can be read", "each list needs a projection of its own")),
        f"A new field of {words.article(parts.entities[0].label.lower())} is an Alembic revision with a way back", quoted(parts.brief.request, parts.brief.understanding.resources[0].span),
    )  # fmt: skip


def _caller(parts: Parts) -> Iterator[ArchitectureDecision]:
    understood = parts.brief.understanding
    own = _criteria(parts, RuleKind.OWN, RuleKind.NOT_OWN, RuleKind.COUNT, RuleKind.RATE)
    why = (
        f"; {one_of(tuple(c.id for c in own), 'and')} {agrees(len(own), 'ask')} who the person is, not only the role"
        if own
        else ""
    )
    strict = max(
        parts.operations, key=lambda op: (op.method != "GET", op.verb not in ("create", "update"), -len(op.roles))
    )
    act = strict.summary.lower()
    yield _adr(
        "How a caller is recognised", f"{one_of(tuple(words.plural(spaced(a)) for a in understood.actors), 'and')} call the service{why}", "a signed bearer token with person and role",
        (("bearer token", "checked here, behind any identity provider", f"whoever loses the role {one_of(strict.roles)} can {act} until the token ends"),
         ("header set by a gateway", "nothing to check here", f"whoever reaches the service around the gateway can {act}"),
         ("session cookie", "can be ended at once", f"a session to keep for every {one_of(understood.actors)}, and forged requests to refuse")),
        f"Tokens with role {one_of(strict.roles)} end after minutes, not days; operations rotate TOKEN_SECRET", quoted(parts.brief.request, understood.use_cases[0].span if understood.use_cases else None),
    )  # fmt: skip


def _two_people(parts: Parts) -> Iterator[ArchitectureDecision]:
    """Only where two acts of different people can meet at one record."""
    main = parts.entities[0]
    update = next((op for op in parts.operations if op.resource == main.name and op.verb == "update"), None)
    moves = [
        op
        for op in parts.operations
        if op.resource == main.name and op.verb in {verb for verb, _, _ in main.transitions}
    ]
    if update is None:
        return
    context = (
        f"{words.article(one_of(update.roles))} can change {words.article(main.label.lower())} while another {one_of(moves[0].roles)} calls {moves[0].id}"
        if moves
        else f"Two people of the role {one_of(update.roles)} can change the same {main.label.lower()}"
    )
    yield _adr(
        "When two people change one record", context, f"{update.id} names the version that it saw (If-Match)",
        (("version and If-Match", "nobody's change is lost, nobody waits", "the second one meets 412 and looks again"),
         ("last one wins", "nothing to send", f"{'a decision is made about values that are gone' if moves else 'the first change is lost without a word'}"),
         ("lock while editing", "no surprise at saving", f"a closed laptop keeps {words.article(main.label.lower())} from everybody else")),
        f"{update.id} answers 412 to an old version; the page loads again and asks", update.id,
    )  # fmt: skip


def _life(parts: Parts) -> Iterator[ArchitectureDecision]:
    living = [e for e in parts.entities if e.states]
    if not living:
        return
    main = living[0]
    criteria = _criteria(parts, RuleKind.TRANSITION, RuleKind.LOCKED, RuleKind.BLOCKED, RuleKind.EXPIRY)
    context = f"{main.label} is {one_of(main.states)}; {counted(len(main.transitions), 'step')} between them" + (
        f"; {one_of(tuple(c.id for c in criteria), 'and')} {agrees(len(criteria), 'depend')} on the state"
        if criteria
        else ""
    )
    verbs = tuple(dict.fromkeys(verb for verb, _, _ in main.transitions))
    yield _adr(
        "Life of a record", context, f"a table in code lists {one_of(verbs, 'and')}; no other step exists",
        (("table of transitions", "a forbidden step is impossible and has a test", "a new state is a change of code"),
         ("free status text", "no change of code", f"{main.states[-1]} can be skipped or undone by anybody"),
         ("workflow engine", "product changes steps alone", f"one more system to run for {counted(len(main.transitions), 'step')}")),
        f"One operation per step: {', '.join(verbs)}", criteria[0].id if criteria else quoted(parts.brief.request, parts.brief.understanding.resources[0].span),
    )  # fmt: skip


def _strict(parts: Parts) -> Iterator[ArchitectureDecision]:
    criteria = _criteria(parts, *_STRICT)
    if not criteria:
        return
    same = {
        RuleKind.UNIQUE: "the same value",
        RuleKind.OVERLAP: "the same time",
        RuleKind.COUNT: "one record too many",
        RuleKind.RATE: "one act too many",
    }
    told = tuple(dict.fromkeys(same[r.kind] for c in criteria for r in c.rules if r.kind in same))
    unique = one_of(tuple(c.id for c in _criteria(parts, RuleKind.UNIQUE)), "and")
    asked = one_of(tuple(c.id for c in _criteria(parts, RuleKind.OVERLAP, RuleKind.COUNT, RuleKind.RATE)), "and")
    kept = f"a unique constraint for {unique}" if unique else ""
    turn = (
        f"one turn at a time per kind of record for {asked}, taken in the transaction before it is asked"
        if asked
        else ""
    )
    kept_by = " and ".join(part for part in ("a constraint" if unique else "", "a turn" if asked else "") if part)
    yield _adr(
        "Two requests at the same moment", f"{one_of(tuple(c.id for c in criteria), 'and')} must hold although two callers ask for {one_of(told)} at once",
        "; ".join(part for part in (kept, turn) if part),
        ((kept_by, "it holds with any number of pods", "writers of one kind wait for each other" if asked else "the second caller gets 409 and has to choose again"),
         ("serializable transactions", "nothing waits where nothing collides", "a caller can be told to repeat without having done anything wrong"),
         ("one queue for all writes", "order is certain", "every caller waits for every other")),
        "writes of that kind happen one after the other; app/limits.py holds the turn until the commit" if asked else "409 with a problem document; callers must not repeat blindly", criteria[0].id,
    )  # fmt: skip


def _systems(parts: Parts) -> Iterator[ArchitectureDecision]:
    told = _criteria(parts, RuleKind.NOTIFY)
    understood = parts.brief.understanding
    later = [i for i in understood.integrations if is_asked(understood, i) or i.kind in CHANNELS or i.kind == "queue"]
    if told or later:
        names = one_of(tuple(i.name for i in later), "and") or one_of(tuple(c.id for c in told), "and")
        yield _adr(
            "Messages and the transaction", f"{names}: nobody waits for it, and nobody may be told of what was rolled back",
            "an outbox: the message is written with the record and sent afterwards",
            (("outbox", "nothing lost, nothing sent for a change that failed", "seconds later; a worker has to run"),
             ("call inside the request", "told at once", "their failure is ours; a rollback cannot be unsent"),
             ("message broker", "many readers", "one more system, and still an outbox before it")),
            "Sent at least once; the receiver's key makes it once", quoted(parts.brief.request, later[0].span) if later else told[0].id,
        )  # fmt: skip
    for system in understood.integrations:
        if system not in later:
            yield _adr(
                f"{system.name} behind a port", f"{system.name} is needed for {system.purpose}, and can be slow or gone; {why_not_asked(understood, system)}", "a port that nothing calls so far, with a key of ours, a time limit and a breaker",
                (("call with key and time limit", "the person sees the outcome", f"the person also sees that {system.name} is gone"),
                 ("in the background", "nobody waits", "the record says 'asked' and people ask again"),
                 ("client of the vendor everywhere", "least code", f"no test without {system.name}, no second vendor")),
                "A repeat sends the same key; the local adapter stands in for tests", quoted(parts.brief.request, system.span),
            )  # fmt: skip


def _boundaries(parts: Parts, services: tuple[Service, ...]) -> Iterator[ArchitectureDecision]:
    is_ddd = parts.brief.request.methodology is Methodology.DDD
    if len(services) < 2 and not is_ddd:
        return
    planned = tuple(s.name for s in services if not s.is_built)
    option = f"complexity {parts.brief.request.complexity.value}" + (", methodology ddd" if is_ddd else "")
    yield _adr(
        "Where one service ends", f"{option}: {one_of(tuple(s.name for s in services), 'and')} change for different reasons and belong to different teams" if len(services) > 1 else f"{option}: each kind of record has words and rules of its own",
        f"one deployable with a package per boundary now{'; ' + one_of(planned, 'and') + ' by contract' if planned else ''}; cut out when a team needs its own pace",
        (("packages in one deployable", "one transaction, one rollout, boundaries already in the code", "all packages are released together"),
         ("services from the first day", "each team releases alone", "transactions across the network for rules that hold within one today"),
         ("one package", "least code", "nothing to cut along later")),
        "Packages speak by operations and events only; an import across them is a defect", "options of the request",
    )  # fmt: skip


def _interfaces(parts: Parts) -> Iterator[ArchitectureDecision]:
    for name in parts.brief.understanding.interfaces:
        yield _adr(
            f"{name.capitalize()} beside REST", f"The request asks for {name}; REST is there for the page", INTERFACES[name][2].replace("`", ""),
            (("both, over the same rules", "asked for, and each rule stands in one place", "one more way in to keep safe"),
             ("REST alone", "one way in, which every criterion is tried through", f"whoever wants {name} waits")),
            f"{name} asks the same table of roles and reads through the same rules; it is tested by tests/test_platform_{INTERFACES[name][0]}.py", "the request",
        )  # fmt: skip


# Kind of rule -> (gained, paid, look again when); {many} and {ids} are filled.
_TRADES = {
    RuleKind.NOTIFY: ("no message about {many} is lost or sent for nothing", "{ids}: some seconds after the act", "people act before the message is there"),
    RuleKind.SEARCH: ("search without another system", "{ids}: every row that the filters leave is read", "more than 100,000 {many}, or p95 of the list above its budget"),
    RuleKind.EXPORT: ("an export that is always up to date", "{ids}: made while the caller waits", "an export of {many} takes more than 5 seconds"),
    RuleKind.HISTORY: ("who changed {many}, and how, can be shown", "one more row per change, with the values of before", "erasure of a person has to reach the history ({ids})"),
    RuleKind.EXPIRY: ("{many} change by themselves", "{ids}: a job has to run, and is late by its interval", "somebody depends on the minute"),
}  # fmt: skip


def trade_offs_of(parts: Parts, services: tuple[Service, ...]) -> tuple[TradeOff, ...]:
    main = parts.entities[0]
    many = main.plural.replace("_", " ")
    found = []
    for kind, texts in _TRADES.items():
        ids = tuple(c.id for c in _criteria(parts, kind))
        if ids:
            gained, paid, again = (text.format(many=many, ids=one_of(ids, "and")) for text in texts)
            found.append(TradeOff(gained=gained, paid=paid, revisit_when=again))
    if len(services) > 1:
        found.append(
            TradeOff(
                gained=f"the rules of {many} hold in one transaction",
                paid="teams release together",
                revisit_when="one team waits for another more than once a month",
            )
        )
    one = words.article(main.label.lower())
    found.append(
        TradeOff(
            gained=f"single {many} are read from memory",
            paid=f"another pod can show {one} as it was up to 30 s ago",
            revisit_when=f"somebody decides on an old {main.label.lower()}; If-Match refuses the change, not the look",
        )
    )
    if parts.brief.request.deployment_strategy is DeploymentStrategy.DIRECT:
        found.append(
            TradeOff(
                gained="one step to everybody",
                paid=f"a defect meets every {one_of(parts.brief.understanding.actors, 'and')} at once",
                revisit_when="the first incident",
            )
        )
    return tuple(found)
