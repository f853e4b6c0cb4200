"""Effort from what was counted: sizes of stories, a range of days, and whether it fits the complexity that was chosen.

The rates are assumptions of ours, not measurements; the classes are those of the specification.
"""

from services.agents.blueprint.rules.rule_plan import provable
from services.deliverables.discovery import EffortDriver
from services.features.understanding import Story, Understanding
from services.workflow.options import Complexity

# Class -> (days, days, as people say it). Source: the specification, "Feature Complexity".
CLASSES: dict[Complexity, tuple[float, float, str]] = {
    Complexity.SIMPLE: (1, 2, "1 to 2 days"),
    Complexity.MEDIUM: (3, 5, "3 to 5 days"),
    Complexity.COMPLEX: (5, 10, "1 to 2 weeks"),
    Complexity.EPIC: (10, 60, "more than 2 weeks, over several teams"),
}
# What is counted, one and many -> days for one, low and high.
_RATES = {
    ("kind of record", "kinds of record"): (0.25, 0.5),
    ("story", "stories"): (0.15, 0.35),
    ("criterion that a test proves", "criteria that a test proves"): (0.05, 0.1),
    ("criterion that a person decides", "criteria that a person decides"): (0.1, 0.25),
    ("other system", "other systems"): (0.5, 1.5),
    ("demand that this run does not build", "demands that this run does not build"): (1.0, 3.0),
}


def effort(understood: Understanding) -> tuple[EffortDriver, ...]:
    proven = len(provable(understood))
    counts = (
        len(understood.resources),
        len(understood.stories),
        proven,
        len(understood.criteria) - proven,
        len(understood.integrations),
        len(understood.not_built),
    )
    return tuple(
        EffortDriver(
            what=what[count > 1],
            count=count,
            days_each=f"{low:g} to {high:g}",
            days_low=round(count * low, 2),
            days_high=round(count * high, 2),
        )
        for count, (what, (low, high)) in zip(counts, _RATES.items(), strict=True)
        if count
    )


def estimate(understood: Understanding, chosen: Complexity) -> str:
    """The counted range against the chosen class, and what to do where they are apart."""
    drivers = effort(understood)
    low, high = sum(d.days_low for d in drivers), sum(d.days_high for d in drivers)
    most = max(drivers, key=lambda d: d.days_high)
    start, end, told = CLASSES[chosen]
    part = "most of it" if most.days_high > high / 2 else "the largest part"
    counted = f"{low:.1f} to {high:.1f} days of one person, {part} for {most.count} {most.what}"
    if high < start:
        return f"{counted}; less than the class {chosen.value} ({told}) that the options name"
    if low > end:
        return f"{counted}; more than the class {chosen.value} ({told}): choose {_class_of(low).value}, or leave out {_largest(understood)}"
    if high > end:
        return f"{counted}; begins within the class {chosen.value} ({told}) and ends above it"
    return f"{counted}; {'ends' if low < start else 'lies'} within the class {chosen.value} ({told})"


def _class_of(days: float) -> Complexity:
    return next((c for c, (_, end, _) in CLASSES.items() if days <= end), Complexity.EPIC)


def _largest(understood: Understanding) -> str:
    """The story whose criteria are the most, of those that are not the first."""
    later = understood.stories[1:] or understood.stories
    found = max(later, key=lambda s: sum(c.story == s.id for c in understood.criteria))
    return f"{found.id} at first"


def size_of(story: Story, understood: Understanding) -> tuple[str, str]:
    """(S, M or L, what was counted). L is too much for one sitting: the report says to split it."""
    own = [c for c in understood.criteria if c.story == story.id]
    proven = {c.id for c in provable(understood)}
    unproven = sum(c.id not in proven for c in own)
    points = len(own) + unproven
    told = f"{len(own)} criteria" if len(own) != 1 else "1 criterion"
    if unproven:
        told += f", {unproven} of them for a person"
    return ("S" if points <= 3 else "M" if points <= 8 else "L"), told
