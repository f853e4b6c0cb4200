"""Success metrics over the events that step 2 will fix: what can be counted, and from where."""

from services.agents.blueprint.citations import ASSUMPTION, quoted
from services.agents.blueprint.discovery.operations import operations_of
from services.agents.engine import Brief
from services.deliverables.discovery import SuccessMetric
from services.features import words
from services.features.speech import duration
from services.features.understanding import Resource, RuleKind, Understanding

_BASELINE = "not measured"
_BY = "four weeks after the last stage"
_MOST = 5


def metrics_of(brief: Brief) -> tuple[SuccessMetric, ...]:
    """Counts of what is made, time to each decision on the main record, and how often it goes the other way."""
    understood = brief.understanding
    main = understood.resources[0]
    found = [_count(brief, main)]
    verbs = list(dict.fromkeys(verb for verb, source, _ in main.transitions if source == main.states[0]))
    found += [
        _time(brief, main, verb) if _target(main, verb) not in words.ENDS else _guard(brief, main, verb)
        for verb in verbs[:3]
    ]
    found += [_count(brief, other) for other in understood.resources[1:] if _who(understood, other)]
    return tuple(SuccessMetric(id=f"SM-{n}", **values) for n, values in enumerate(found[:_MOST], start=1))


def _count(brief: Brief, resource: Resource) -> dict[str, str]:
    things, event = resource.plural.replace("_", " "), _event(brief.understanding, resource, "create")
    makers = _who(brief.understanding, resource)
    return {
        "name": f"{things} recorded per week{f' by {makers}' if makers else ''}",
        "formula": f"count of {event} over 7 days",
        "baseline": _BASELINE,
        "target": f"at least 80 % of all {things}, counted on every way for a week (assumption)",
        "instrument": f"EV-{event}",
        "by_when": _BY,
        "source": quoted(brief.request, resource.span),
    }


def _time(brief: Brief, resource: Resource, verb: str) -> dict[str, str]:
    made, event = _event(brief.understanding, resource, "create"), _event(brief.understanding, resource, verb)
    limit, source = _limit(brief.understanding, resource, brief)
    return {
        "name": f"time until {words.article(resource.label.lower())} is {_target(resource, verb).replace('_', ' ')}",
        "formula": f"median of time({event}) - time({made}), same {resource.name}_id",
        "baseline": _BASELINE,
        "target": limit,
        "instrument": f"EV-{event}",
        "by_when": _BY,
        "source": source or _words_for(brief, resource, verb),
    }


def _guard(brief: Brief, resource: Resource, verb: str) -> dict[str, str]:
    """How often it goes the other way: a guard, that must not grow while the others improve."""
    event = _event(brief.understanding, resource, verb)
    return {
        "name": f"{resource.plural.replace('_', ' ')} {_target(resource, verb).replace('_', ' ')} per week, a guard",
        "formula": f"count of {event} over 7 days",
        "baseline": _BASELINE,
        "target": "no larger share of SM-1 than the baseline (assumption)",
        "instrument": f"EV-{event}",
        "by_when": _BY,
        "source": _words_for(brief, resource, verb),
    }


def _target(resource: Resource, verb: str) -> str:
    return next(to for name, _, to in resource.transitions if name == verb)


def _words_for(brief: Brief, resource: Resource, verb: str) -> str:
    case = next((c for c in brief.understanding.use_cases if c.resource == resource.name and c.verb == verb), None)
    return quoted(brief.request, case.span) if case else ASSUMPTION


def _limit(understood: Understanding, resource: Resource, brief: Brief) -> tuple[str, str]:
    """A limit of time that the request itself sets for the record, else none."""
    for criterion in understood.criteria:
        for rule in criterion.rules:
            if rule.resource == resource.name and rule.kind is RuleKind.EXPIRY and rule.seconds:
                return f"below {duration(rule.seconds)}, when {criterion.id} lets it expire", quoted(
                    brief.request, criterion.span
                )
    return "half of the baseline (assumption)", ""


def _who(understood: Understanding, resource: Resource) -> str:
    made = [c.actor for c in understood.use_cases if c.resource == resource.name and c.verb not in words.READ]
    return made[0].replace("_", " ") + "s" if made else ""


def _event(understood: Understanding, resource: Resource, verb: str) -> str:
    """The name that step 2 gives, asked from the same table."""
    return next(op.event for op in operations_of(resource, understood) if op.verb == verb).removeprefix("EV-")
