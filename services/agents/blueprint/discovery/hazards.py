"""Business risks that follow from this request: its other systems, its data, its states, its figures, its gaps."""

import re
from collections.abc import Iterator

from services.agents.blueprint.citations import origin, quoted
from services.agents.blueprint.discovery.directions import leads_on
from services.agents.blueprint.rules.callers import is_asked, why_not_asked
from services.agents.blueprint.rules.rule_plan import plan_of, provable
from services.agents.engine import Brief
from services.deliverables.discovery import BusinessRisk
from services.features import words
from services.features.speech import agrees, called, counted, duration, one_of, spaced
from services.features.surroundings import CHANNELS
from services.features.understanding import Integration, Resource, RuleKind, Understanding

# (risk, likelihood, impact, mitigation, owner, source)
_Row = tuple[str, int, int, str, str, str]
_MOST = 12
_DEMAND = re.compile(
    r"\b(?:must|shall|should|cannot|can't|may not|never|needs? to|(?<!don't )(?<!not )ha(?:s|ve) to|required?|only)\b",
    re.IGNORECASE,
)
# Kind of another system -> (what happens without it, likelihood, impact, mitigation).
_OUTAGES: dict[str, tuple[str, int, int, str]] = {
    "payment": ("money is taken twice or not at all", 3, 5, "one key per payment, so that a repeat changes nothing; compare with the provider's list every day"),
    "email": ("people are told late", 3, 2, "messages wait in the outbox and are sent later; the record itself is saved"),
    "sms": ("people are told late, and each message costs money", 3, 3, "messages wait in the outbox; a limit per person and day"),
    "chat": ("people are told late", 3, 2, "messages wait in the outbox and are sent later"),
    "identity": ("nobody can sign in", 2, 5, "tokens that were given keep working until they end; agree on an hour of grace"),
    "storage": ("files cannot be opened", 2, 4, "the record is kept without its file, and says so"),
    "search": ("search finds nothing", 3, 2, "the list stays usable without it"),
    "queue": ("work that follows is late", 2, 3, "the outbox keeps it until the queue is back"),
    "calendar": ("two calendars disagree", 3, 3, "this feature is the truth; the calendar is written again from it"),
    "maps": ("addresses are not shown on a map", 3, 2, "the address is shown as text"),
    "service": ("the act that needs it waits", 3, 3, "a time limit, a repeat where it is safe, and a state from which to go on"),
}  # fmt: skip
# What is left in the outbox is done late, whoever is asked; messages and money have words of their own above.
_LATE = ("what it is asked for is done late", 3, 3, "the errand waits in the outbox and is sent once it is back, under the same reference")  # fmt: skip
_DATA = {
    "personal": (("is read by somebody who has no reason to", "are read by somebody who has no reason to"), 3, 4, "roles per operation, no such field in events and logs", "data protection"),
    "payment": (("leaks and has to be reported to the card scheme", "leak and have to be reported to the card scheme"), 2, 5, "only a reference of the payment provider is kept", "finance and security"),
    "health": (("is seen outside of the treatment", "are seen outside of the treatment"), 2, 5, "roles per operation, access kept in the history, consent before it is stored", "data protection"),
    "credentials": (("leaks and opens other systems", "leak and open other systems"), 2, 5, "decide whether the value has to be kept at all; a name in the platform's secret store is enough for most uses", "security"),
}  # fmt: skip


def risks_of(brief: Brief) -> tuple[BusinessRisk, ...]:
    rows = [
        *_systems(brief),
        *_data(brief),
        *_states(brief),
        *_rules(brief),
        *_figures(brief),
        *_gaps(brief.understanding),
        *_habit(brief),
    ]
    worst_first = sorted(rows, key=lambda r: -r[1] * r[2])[:_MOST]
    return tuple(
        BusinessRisk(id=f"BR-{n}", risk=risk, likelihood=p, impact=i, mitigation=m, owner=o, source=s)
        for n, (risk, p, i, m, o, s) in enumerate(worst_first, start=1)
    )


def outage_of(understood: Understanding, system: Integration) -> tuple[str, int, int, str]:
    """(what happens without it, likelihood, impact, mitigation)."""
    unasked = why_not_asked(understood, system)
    if unasked and system.kind != "identity":
        return (
            f"nothing is sent there so far: {unasked}",
            3,
            3,
            "say after which act it is asked, and ask for changes",
        )
    if system.kind not in ("payment", "queue", "calendar", *CHANNELS) and is_asked(understood, system):
        return _LATE
    return _OUTAGES.get(system.kind, _OUTAGES["service"])


def _systems(brief: Brief) -> Iterator[_Row]:
    for system in brief.understanding.integrations:
        told, likely, impact, mitigation = outage_of(brief.understanding, system)
        is_used = is_asked(brief.understanding, system) or system.kind == "identity"
        yield (
            f"{system.name}{' fails or is slow' if is_used else ''}: {told}",
            likely,
            impact,
            mitigation,
            f"whoever runs {system.name} here" if is_used else "product",
            quoted(brief.request, system.span),
        )


def _data(brief: Brief) -> Iterator[_Row]:
    fields = [(r, f) for r in brief.understanding.resources for f in r.fields if f.sensitive]
    for kind in dict.fromkeys(f.sensitive for _, f in fields):
        own = [(r, f) for r, f in fields if f.sensitive is kind]
        told, likely, impact, mitigation, owner = _DATA[str(kind)]
        names = one_of(tuple(f"{f.name} of {words.article(r.label.lower())}" for r, f in own[:3]), "and")
        more = f" and {len(own) - 3} more" if len(own) > 3 else ""
        yield (
            f"{names[:1].upper()}{names[1:]}{more} {told[len(own) > 1]}",
            likely,
            impact,
            mitigation,
            owner,
            quoted(brief.request, own[0][1].span),
        )


def _states(brief: Brief) -> Iterator[_Row]:
    """States in which records wait for a person, and ends without a way back."""
    for resource in brief.understanding.resources:
        label, left = resource.label.lower(), {source for _, source, _ in resource.transitions}
        first = resource.states[0] if resource.states else ""
        expires = any(
            r.kind is RuleKind.EXPIRY and r.resource == resource.name
            for c in brief.understanding.criteria
            for r in c.rules
        )
        if first in left and not expires:
            verbs = tuple(dict.fromkeys(v for v, s, _ in resource.transitions if s == first and leads_on(resource, v)))
            if verbs:
                yield _waiting(brief, resource, first, verbs)
        ends = tuple(s for s in resource.states[1:] if s not in left)
        if len(ends) > 1:
            yield (
                f"{words.article(label).capitalize()} is {one_of(ends)} by mistake, and there is no way back",
                3, 3, "the page takes the step at once, it asks only before a deletion; decide whether a step back is needed, and who may take it", "product", quoted(brief.request, resource.span),
            )  # fmt: skip


def _waiting(brief: Brief, resource: Resource, state: str, verbs: tuple[str, ...]) -> _Row:
    """Records that wait for the people whom the request lets take the next step."""
    domain = plan_of(brief.understanding).domain
    actors = tuple(dict.fromkeys(a for v in verbs for a in domain.roles(resource.name, v)))
    is_narrow = set(actors) != set(brief.understanding.actors)
    many = words.plural(resource.label.lower())
    who = f"no {one_of(actors)} {agrees(1, spaced(verbs[0]))}" if is_narrow else f"nobody {agrees(1, spaced(verbs[0]))}"
    cure = (
        f"agree on a second {one_of(actors)}"
        if is_narrow
        else f"the request leaves open who has to {one_of(verbs)} them: name somebody"
    )
    return (
        f"{many.capitalize()} stay {spaced(state)} because {who} them",
        3, 3, f"the list narrowed to {spaced(state)} shows them; {cure}", "product", quoted(brief.request, resource.span),
    )  # fmt: skip


def _rules(brief: Brief) -> Iterator[_Row]:
    for criterion in brief.understanding.criteria:
        source = f"{criterion.id}, {origin(brief, criterion)}"
        for rule in criterion.rules:
            label = rule.resource.replace("_", " ")
            if rule.kind is RuleKind.NOT_OWN:
                yield (
                    f"Where one person both makes and has to {rule.act.replace('_', ' ')} {words.article(label)}, nobody can go on",
                    3,
                    3,
                    "name a second person per team before the first stage",
                    "product",
                    source,
                )
            elif rule.kind is RuleKind.RETENTION:
                yield (
                    f"{words.article(label).capitalize()} is removed after {duration(rule.seconds or 0)} although somebody still needs it",
                    2,
                    4,
                    "the removal is rehearsed on a copy, and counted before it runs",
                    "data protection",
                    source,
                )
            elif rule.kind is RuleKind.OVERLAP:
                yield (
                    f"Two people want the same {one_of(rule.fields[:1])} for the same time, and one of them is refused",
                    3,
                    2,
                    "the refusal says what is taken; the page loads the list again",
                    "product",
                    source,
                )
            elif rule.kind is RuleKind.UNIQUE:
                yield (
                    f"{words.plural(label).capitalize()} of today hold the same {one_of(tuple(called(f) for f in rule.fields if f != 'created_by'), 'and')} twice and cannot be taken over",
                    3,
                    2,
                    "count the doubles before the first stage",
                    "product",
                    source,
                )
            elif rule.kind is RuleKind.COUNT:
                yield (
                    f"Somebody has {counted(rule.maximum or 0, label)} already when this starts, and can make no more",
                    2,
                    2,
                    "decide whether old ones count",
                    "product",
                    source,
                )
            elif rule.kind is RuleKind.RATE:
                yield (
                    f"{rule.maximum} times within {duration(rule.seconds or 0)} is too few for those who work in bulk",
                    2,
                    3,
                    "count the refusals in the first stage, then set the number again",
                    "product",
                    source,
                )


def _figures(brief: Brief) -> Iterator[_Row]:
    for q in brief.understanding.quantities:
        if q.kind == "latency" and q.value < 150:
            yield (
                f"Answers within {q.value:g} {q.unit} are missed on the real database",
                3,
                3,
                "measure in step 9, and again on staging",
                "operations",
                quoted(brief.request, q.span),
            )
        elif q.kind == "availability" and q.value >= 99.9:
            minutes = (100 - q.value) / 100 * 30 * 24 * 60
            yield (
                f"{q.value:g} % leaves {minutes:.0f} minutes of failure in 30 days, less than one slow rollback",
                3,
                4,
                "rungs 1 to 3 of the ladder are rehearsed; on-call is named",
                "operations",
                quoted(brief.request, q.span),
            )
        elif q.kind == "throughput":
            yield (
                f"{q.value:g} {q.unit} were asked for and nobody has measured today's load",
                3,
                3,
                "load test of step 9 at that rate before the second stage",
                "operations",
                quoted(brief.request, q.span),
            )


def _gaps(understood: Understanding) -> Iterator[_Row]:
    proven = {c.id for c in provable(understood)}
    unproven = [c.id for c in understood.criteria if c.id not in proven]
    if unproven:
        more = f" and {len(unproven) - 6} more" if len(unproven) > 6 else ""
        yield (
            f"{', '.join(unproven[:6])}{more}: no test can prove {'them' if len(unproven) > 1 else 'it'}",
            4,
            3,
            "a named person decides each at the gate, or the sentence is made measurable",
            "product",
            "criteria without a rule",
        )
    if understood.not_understood:
        demands = sum(bool(_DEMAND.search(text)) for text in understood.not_understood)
        told = (
            f"{demands} of them {'sound' if demands > 1 else 'sounds'} like a demand"
            if demands
            else "none of them sounds like a demand"
        )
        yield (
            f"{counted(len(understood.not_understood), 'sentence')} of the request led to nothing that is built; {told}",
            2,
            min(5, 1 + 2 * demands),
            "read what is listed as not understood at the top; say it again where something was meant",
            "who wrote the request",
            "sentences not understood",
        )
    if understood.not_built:
        yield (
            f"Asked for and not built by this run: {'; '.join(understood.not_built[:3])}",
            5,
            3,
            "decide whether the feature is useful without it",
            "product",
            "the request",
        )


def _habit(brief: Brief) -> Iterator[_Row]:
    understood = brief.understanding
    main = understood.resources[0]
    makers = tuple(
        dict.fromkeys(c.actor for c in understood.use_cases if c.resource == main.name and c.verb in words.CREATE)
    )
    if makers:
        yield (
            f"{words.plural(makers[0].replace('_', ' ')).capitalize()} keep their way of today for {main.plural.replace('_', ' ')}",
            3,
            3,
            "SM-1 every week; ask why where it stays low",
            "product",
            quoted(brief.request, next(c.span for c in understood.use_cases if c.actor == makers[0])),
        )
