"""Limits, moments and relations that the words of a whole request tell."""

import pytest

from services.features.understanding import FieldType, Rule, RuleKind
from tests.features.test_lifecycles import understood

EVENTS = (
    "An event has a name, a start time and a door time. An order has an e-mail address, a quantity and a total. "
    "Organisers create an event. Visitors place an order.\n\n- {}"
)


def rules(text: str) -> tuple[Rule, ...]:
    (criterion,) = [c for c in understood(EVENTS.format(text), "Orders of an event").criteria if c.stated]
    return criterion.rules


AT_MOST = (
    "At most 8 tickets per order",
    "No more than 8 tickets per order are allowed",
    "An order has at most 8 tickets",
    "Each order may contain up to 8 tickets",
    "Visitors can order at most 8 tickets at once",
    "At most 8 tickets can be ordered at once",
    "Given a known event, when a visitor orders 9 tickets, then the order is refused because at most 8 tickets can be ordered",
)


@pytest.mark.parametrize("text", AT_MOST)
def test_how_many_belong_to_one_is_a_limit_of_the_field_that_counts(text: str) -> None:
    assert [(r.kind, r.resource, r.fields, r.maximum) for r in rules(text)] == [
        (RuleKind.RANGE, "order", ("quantity",), 8)
    ]


SUMS = ("The smallest order is 1 EUR and the largest is 20000 EUR", "Orders must be between 1 and 20,000 EUR")


@pytest.mark.parametrize("text", SUMS)
def test_the_size_of_a_thing_is_its_amount(text: str) -> None:
    assert [(r.fields, r.minimum, r.maximum) for r in rules(text)] == [(("total",), 100, 2_000_000)]


@pytest.mark.parametrize(
    "text", ["Orders are limited to 14 days", "At most 8 dogs per organiser", "An event has at most 8 stages"]
)
def test_a_limit_of_something_else_stays_with_people(text: str) -> None:
    assert rules(text) == ()


MOMENTS = (
    ("The doors must open before the event starts", "<"),
    ("The doors cannot open after the event starts", "<="),
    ("Given an organiser, when the doors open after the event starts, then the event is refused", "<="),
)


@pytest.mark.parametrize(("text", "operator"), MOMENTS)
def test_moments_are_compared_by_what_happens(text: str, operator: str) -> None:
    assert [(r.kind, r.resource, r.fields, r.operator) for r in rules(text)] == [
        (RuleKind.COMPARE, "event", ("door_time", "start_time"), operator)
    ]


KEPT = "An event has a name and a venue. An order has an e-mail address and a quantity. Visitors place an order. "
RELATIONS = (
    (KEPT + "An organiser exports the orders of an event.", True),
    (KEPT + "Organisers list orders of each event.", True),
    ("An event has a name and a venue. Visitors place an order; they give an amount to an event.", True),
    (KEPT + "Visitors see events and orders.", False),
    (KEPT + "Visitors see an event in the list of orders.", False),
)


@pytest.mark.parametrize(("text", "is_related"), RELATIONS)
def test_what_is_of_or_for_another_thing_refers_to_it(text: str, is_related: bool) -> None:
    order = next(r for r in understood(text, "Orders").resources if r.name == "order")
    found = [(f.name, f.required, f.refers_to) for f in order.fields if f.type is FieldType.REFERENCE]
    assert found == ([("event_id", True, "event")] if is_related else [])


def test_an_overlap_uses_the_two_times_that_there_are() -> None:
    known = understood(
        "A van has a plate and a payload. A trip has a van, when it departs and returns, and a distance in km. "
        "Dispatchers record a trip.\n\n- A van cannot be booked for two trips at the same time.\n"
        "- Trips can be sorted by departure.",
        "Trips",
    )
    stated = [c.rules[0] for c in known.criteria if c.stated]
    assert stated[0].fields == ("van_id", "departs_at", "returns_at")
    assert (stated[1].kind, stated[1].fields) == (RuleKind.SORT, ("departs_at",))
    assert not {"start_time", "end_time", "departure"} & {f.name for f in known.resources[0].fields}
