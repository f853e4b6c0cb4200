"""Success metrics over the events that step 2 will fix: what can be counted, and from where.

A formula that begins with "count" becomes a view per week in step 6, every other one the median of a time.
"""

import re

from services.agents.blueprint.citations import ASSUMPTION, quoted
from services.agents.blueprint.discovery.directions import leads_on, undoes
from services.agents.blueprint.discovery.operations import operations_of
from services.agents.engine import Brief
from services.deliverables.discovery import SuccessMetric
from services.features import words
from services.features.speech import duration, spaced
from services.features.understanding import Resource, RuleKind, Understanding

_BASELINE = "not measured"
_BY = "four weeks after the last stage"
_MOST = 5
# What the text tells of today in numbers, and of that how long one of them takes.
_TODAY = re.compile(
    r"\b(?:takes?|took|on average|today|currently|at the moment|so far|waits?|spends?)\b", re.IGNORECASE
)
_TAKES = re.compile(r"\b(?:takes?|took|on average|waits?)\b", re.IGNORECASE)
_NUMBER = r"(?:\d[\d.,]*|half an?|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|hundred|thousand)"
_LASTS = re.compile(rf"\b{_NUMBER}(?: of them)? (?:seconds?|minutes?|hours?|days?|weeks?|months?)\b", re.IGNORECASE)
_MANY = re.compile(rf"\b{_NUMBER}\b", re.IGNORECASE)


def metrics_of(brief: Brief) -> tuple[SuccessMetric, ...]:
    """Counts of what is made, time to each decision on the main record, and how often it goes the other way."""
    understood = brief.understanding
    main = understood.resources[0]
    found = [_count(brief, main)]
    first = [verb for verb, source, _ in main.transitions if source == main.states[0]]
    verbs = [verb for verb in dict.fromkeys(first) if not undoes(main, verb)]
    found += [_time(brief, main, verb) if leads_on(main, verb) else _guard(brief, main, verb) for verb in verbs[:3]]
    found += [_count(brief, other) for other in understood.resources[1:] if _makers(understood, other)]
    return tuple(SuccessMetric(id=f"SM-{n}", **values) for n, values in enumerate(found[:_MOST], start=1))


def _count(brief: Brief, resource: Resource) -> dict[str, str]:
    things, event = resource.plural.replace("_", " "), _event(brief.understanding, resource, "create")
    makers = _makers(brief.understanding, resource)
    return {
        "name": f"{things} made here per week{f' by {makers}' if makers else ''}",
        "formula": f"count of {event} over 7 days",
        "baseline": _BASELINE,
        "target": f"at least 80 % of the {things} that are made per week in the way of today (assumption)",
        "instrument": f"EV-{event}",
        "by_when": _BY,
        "source": quoted(brief.request, resource.span),
    }


def today_in_numbers(brief: Brief) -> tuple[str, ...]:
    """Sentences that tell of today with a number: what a baseline can be compared with."""
    criteria = {c.text for c in brief.understanding.criteria}
    told = [" ".join(s.split()) for s in re.split(r"(?<=[.!?])\s+|\n+", brief.request.description)]
    return tuple(s for s in told if _TODAY.search(s) and _MANY.search(s) and s not in criteria and not s.endswith("?"))


def _time(brief: Brief, resource: Resource, verb: str) -> dict[str, str]:
    made, event = _event(brief.understanding, resource, "create"), _event(brief.understanding, resource, verb)
    limit, source = _limit(brief.understanding, resource, brief)
    return {
        "name": f"time until {words.article(resource.label.lower())} is {_target(resource, verb).replace('_', ' ')}",
        "formula": f"median of time({event}) - time({made}), same {resource.name}_id",
        "baseline": next(
            (f"“{told}”" for told in today_in_numbers(brief) if _TAKES.search(told) and _LASTS.search(told)), _BASELINE
        ),
        "target": limit,
        "instrument": f"EV-{event}",
        "by_when": _BY,
        "source": source or _words_for(brief, resource, verb),
    }


def _guard(brief: Brief, resource: Resource, verb: str) -> dict[str, str]:
    """How often it goes the other way: a guard, that must not grow while the others improve."""
    event = _event(brief.understanding, resource, verb)
    return {
        "name": f"share of {resource.plural.replace('_', ' ')} that are {_target(resource, verb).replace('_', ' ')}, a guard",
        "formula": f"count of {event} over 7 days, divided by SM-1",
        "baseline": _BASELINE,
        "target": "not above the baseline (assumption)",
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


def _makers(understood: Understanding, resource: Resource) -> str:
    cases = [c for c in understood.use_cases if c.resource == resource.name and c.verb in words.CREATE]
    return words.plural(spaced(cases[0].actor)) if cases else ""


def _event(understood: Understanding, resource: Resource, verb: str) -> str:
    """The name that step 2 gives, asked from the same table."""
    return next(op.event for op in operations_of(resource, understood) if op.verb == verb).removeprefix("EV-")
