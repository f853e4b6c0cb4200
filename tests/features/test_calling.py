"""Which act another system is asked at, where the text says so; and the open question where it does not."""

import pytest

from services.features.understanding import Rule, RuleKind, Understanding
from tests.features.test_lifecycles import understood

DAY = 86_400
SHOP = (
    "Customers place an order with a total and a note. Customers pay an order. Clerks ship an order or cancel it. "
    "An order is open, paid, shipped or cancelled. {}"
)
PAY = (("order", "pay"),)
EVERY = (("order", "pay"), ("order", "ship"), ("order", "cancel"))
WRITES = (("order", "create"), ("order", "update"), *EVERY)
SAID = (
    ("When an order is paid, publish an event to Kafka.", PAY, "Kafka", ("publish",), None),
    ("Publish an event to Kafka when an order is shipped or cancelled.", EVERY[1:], "Kafka", ("publish",), None),
    ("After a clerk ships an order, it is sent to the carrier.", EVERY[1:2], "carrier", ("ask",), None),
    ("On payment, an event is emitted to RabbitMQ.", PAY, "RabbitMQ", ("publish",), None),
    ("Charge the card through Stripe on checkout.", (("order", "create"),), "Stripe", ("charge", "EUR"), None),
    ("When an order is cancelled, the payment is refunded through Stripe.", EVERY[2:], "Stripe", ("refund", "EUR"), None),
    ("Kafka: publish an event when an order is paid.", PAY, "Kafka", ("publish",), None),
    ("The accounting system gets the order when it is paid.", PAY, "accounting system", ("ask",), None),
    ("When an order is paid, Stripe charges the card.", PAY, "Stripe", ("charge", "EUR"), None),
    ("Payments go through Stripe.", PAY, "Stripe", ("charge", "EUR"), None),
    ("When an order is paid, the customer gets an e-mail and an event is published to Kafka.", PAY, "Kafka", ("publish",), None),
    ("When an order is paid, the order is stored in S3.", PAY, "S3", ("put",), None),
    ("Sync orders to Salesforce nightly.", WRITES, "Salesforce", ("ask",), DAY),
    ("Every hour, orders are sent to the accounting system.", WRITES, "accounting system", ("ask",), 3600),
    ("Every status change of an order must be published to Kafka.", EVERY, "Kafka", ("publish",), None),
    ("We use Kafka. Each change of an order's state publishes exactly one event.", EVERY, "Kafka", ("publish",), None),
)  # fmt: skip


def calls(known: Understanding) -> list[Rule]:
    return [r for c in known.criteria for r in c.rules if r.kind is RuleKind.CALL]


@pytest.mark.parametrize(("text", "acts", "system", "values", "seconds"), SAID, ids=[row[0] for row in SAID])
def test_an_act_that_the_text_names_asks_the_system(
    text: str, acts: tuple[tuple[str, str], ...], system: str, values: tuple[str, ...], seconds: int | None
) -> None:
    found = calls(understood(SHOP.format(text)))
    assert tuple((r.resource, r.act) for r in found) == acts
    assert {(r.channel, r.values, r.seconds) for r in found} == {(system, values, seconds)}


def test_two_sentences_that_begin_with_when_are_two_criteria() -> None:
    known = understood(
        SHOP.format("When an order is paid, publish an event to Kafka. When it is shipped, it is stored in S3.")
    )
    assert [len([r for r in c.rules if r.kind is RuleKind.CALL]) for c in known.criteria if c.stated][-2:] == [1, 1]


def test_a_message_through_a_named_system_goes_by_its_channel() -> None:
    known = understood(SHOP.format("When an order is shipped, the customer gets an SMS through Twilio."))
    assert [i.name for i in known.integrations] == ["twilio"]
    assert [r.channel for c in known.criteria for r in c.rules if r.kind is RuleKind.NOTIFY] == ["sms"]
    assert not [q for q in known.questions if "through Twilio" in q]


def test_the_place_in_the_text_is_kept() -> None:
    text = SHOP.format("When an order is paid, publish an event to Kafka.")
    known = understood(text)
    (criterion,) = [c for c in known.criteria if any(r.kind is RuleKind.CALL for r in c.rules)]
    assert criterion.span is not None
    start, end = criterion.span
    assert f"{known.title}\n{text}"[start:end] == "When an order is paid, publish an event to Kafka."


NOT_SAID = (
    "We use Kafka.",
    "Send the invoice to the accounting system.",
    "Clerks send orders to the ERP.",
    "When an order is paid, publish an event to Kafka unless it is small.",
    "When an order is paid, publish a refund to Stripe.",
)


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_the_text_leaves_open_is_asked_and_not_guessed(text: str) -> None:
    known = understood(SHOP.format(text))
    assert calls(known) == []
    assert [q for q in known.questions if q.startswith("After which act is")]


def test_nothing_is_sent_where_the_text_says_no() -> None:
    known = understood(SHOP.format("No event is published to Kafka when an order is paid."))
    assert (calls(known), known.integrations) == ([], ())


def test_the_currency_is_that_of_the_text_or_asked_for() -> None:
    charged = "When an order is paid, charge the card through Stripe."
    told = understood(SHOP.format(f"An order costs at most 500 USD. {charged}"))
    assert calls(told)[0].values == ("charge", "USD")
    assert not [q for q in told.questions if "currency" in q]
    assert [q for q in understood(SHOP.format(charged)).questions if q.startswith("In which currency does Stripe")]


def test_a_ticket_number_names_no_system() -> None:
    assert understood(SHOP.format("See CRM-1093.")).integrations == ()
