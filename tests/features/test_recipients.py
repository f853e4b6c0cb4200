"""Who is told: whoever a record belongs to, or everybody of a role; and acts with a restriction that says more."""

import pytest

from tests.features.test_lifecycles import understood

ORDERS = "An order has a total and a courier. {} Clerks ship an order.\n\n- {}"
TOLD = (
    ("Customers place an order.", "The customer gets an e-mail when the order is shipped", "owner"),
    ("Customers see only their own orders.", "The customer gets an e-mail when the order is shipped", "owner"),
    ("Customers see only their orders.", "Customers are notified by e-mail when an order is shipped", "owner"),
    ("As a customer I want to see my orders.", "The customer gets an e-mail when the order is shipped", "owner"),
    ("A customer can have at most 3 open orders.", "The customer gets an SMS when an order is shipped", "owner"),
    ("Managers see an order.", "The parent gets a message when an order is shipped", "owner"),
    ("Managers see an order.", "The manager gets an e-mail when an order is shipped", "manager"),
    ("Managers see an order.", "Parents get an e-mail when an order is shipped", "parent"),
    ("Customers place an order.", "The clerk gets an e-mail when an order is shipped", "clerk"),
    ("Managers cannot approve their own orders.", "The manager gets an e-mail when an order is shipped", "manager"),
    ("Customers place an order.", "The courier gets an SMS when an order is shipped", ""),
)  # fmt: skip


@pytest.mark.parametrize(("before", "told", "who"), TOLD)
def test_a_message_goes_to_whom_the_record_belongs(before: str, told: str, who: str) -> None:
    (criterion,) = [c for c in understood(ORDERS.format(before, told)).criteria if c.text == told]
    assert [r.actors for r in criterion.rules] == ([(who,)] if who else [])


NARROWED = (
    "Only an administrator can create an order with priority high.",
    "Only administrators may create orders that exceed the budget of the year.",
    "Only an administrator can ship an order without a signature of the driver.",
    "Nobody but an administrator can create an order whose total is secret.",
)


@pytest.mark.parametrize("text", NARROWED)
def test_a_restriction_of_some_records_is_none_of_all(text: str) -> None:
    known = understood(f"An order has a total. Clerks enter an order.\n\n- {text}")
    assert [c.rules for c in known.criteria if c.text == text] == [()]
    assert [(s.actor, s.goal) for s in known.stories] == [("clerk", "enter an order")]


def test_a_restriction_of_all_records_is_an_act_as_well() -> None:
    known = understood("An order has a total. Clerks enter an order.\n\n- Only administrators can delete an order.")
    assert ("administrator", "delete an order") in [(s.actor, s.goal) for s in known.stories]
