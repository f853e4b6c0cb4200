"""What a text makes the feature keep, and in which states."""

import pytest

from services.features.cases import use_cases
from services.features.request import FeatureRequest
from services.features.resources import things_of
from services.features.scene import Thing
from services.features.sentences import cut, rows
from services.features.understanding import FieldType
from services.workflow.options import Complexity, Methodology


def things(title: str, text: str) -> dict[str, Thing]:
    request = FeatureRequest(
        title=title, description=text, methodology=Methodology.TRADITIONAL, complexity=Complexity.MEDIUM
    )
    sentences = [*cut(title), *cut(text, offset=len(title) + 1)]
    return things_of(request, sentences, rows(text), use_cases(sentences), [])


NAMES = (
    ("Add wishlists", "Customers keep asking for this.", "wishlist"),
    ("Guest list for the party", "As discussed.", "guest"),
    ("Lost property register", "Receptionists should be able to log found items.", "found_item"),
    ("Leave without paper", "A leave request: first day, last day, comment.", "leave_request"),
    ("Stock adjustments", "A storekeeper records a stock adjustment for a product: the quantity and the reason. A product has a SKU and a name.", "stock_adjustment product"),
    ("discount codes service", "We keep discount codes. Table `discount_code`:\n\n    code  varchar(20)  unique\n", "discount_code"),
    ("Self-service loans", "A book has a title and an author. Members borrow books, and a loan has a due date.", "loan book"),
    ("Book a meeting room", "Colleagues reserve a room. A room has a name and a floor. A booking has the room and a title.", "booking room"),
    ("Trips of the vans", "A van has a plate and a payload. A trip has a van, a driver and a distance.", "trip van"),
    ("Permits", "`permit`\n  - `plate`: string\n  - `zone`: reference to `zone`\n`zone`\n  - `fee`: money", "permit zone"),
    ("Create a multi-tenant platform", "Every company is a tenant with a name and a plan.", "tenant"),
    ("Plan an architecture with Kafka", "A job moves orders through payment. The amount of an order must be above zero.", "order"),
    ("Design authentication", "We want one account (e-mail and password) in all services.", "account"),
    ("Order system", "An order has a delivery address and order lines with a SKU and a quantity.", "order order_line"),
    ("😀", "ملاحظات", "item"),
)  # fmt: skip


@pytest.mark.parametrize(("title", "text", "names"), NAMES)
def test_things_are_named_as_the_text_names_them(title: str, text: str, names: str) -> None:
    assert list(things(title, text)) == names.split()


GARBAGE = (
    ("Idea board", "Users say what they need. Users post an idea (title, area). Whoever posted it is told.", {"idea"}),
    ("Notes", "Parents fill in an absence note for a pupil with the first day and a reason, since they cannot call themselves.", {"absence_note"}),
    ("Create a BFF pattern", "The mobile app shows a list of products of which it shows a name and a price, and the needs are different.", {"product"}),
)  # fmt: skip


@pytest.mark.parametrize(("title", "text", "names"), GARBAGE)
def test_nothing_else_is_a_thing(title: str, text: str, names: set[str]) -> None:
    assert set(things(title, text)) == names


STATES = (
    ("An order has a total. States: `open`, `paid`, `shipped`.", "open paid shipped", "pay ship"),
    ("An order has a total. It's open, in progress, done or cancelled.", "open in_progress done cancelled", "start finish cancel cancel"),
    ("An order has a total. Orders are planned, under way, completed or called off.", "planned under_way completed called_off", "mark_under_way complete call_off call_off"),
    ("An order has a total. The order goes from draft to submitted to approved (or back to draft).", "draft submitted approved", "submit approve"),
    ("An order has a total and moves through the pipeline: applied, screened, hired.", "applied screened hired", "screen hire"),
    ("An order has a total and a status (draft, sent, paid).", "draft sent paid", "send pay"),
    ("An order has a total. Clerks approve or reject orders. Clerks can resubmit an order.", "open approved rejected", "approve reject resubmit"),
    ("An order has a total. Clerks can filter orders by status, price and age.", "", ""),
    ("An order has a total. Its colour is red, green or blue.", "", ""),
)  # fmt: skip


@pytest.mark.parametrize(("text", "states", "verbs"), STATES)
def test_states_are_read_however_they_are_listed(text: str, states: str, verbs: str) -> None:
    order = things("Orders", text)["order"]
    assert order.states == states.split()
    assert [verb for verb, _, _ in order.transitions] == verbs.split()


def test_lines_of_arrows_are_a_path_and_its_branches() -> None:
    text = "An order has a total.\n\n`draft` -> `submitted` -> `approved`\n`submitted` -> `rejected` -> `submitted`\n`draft`, `approved` -> `cancelled`"
    assert things("Orders", text)["order"].transitions == [
        ("submit", "draft", "submitted"),
        ("approve", "submitted", "approved"),
        ("reject", "submitted", "rejected"),
        ("resubmit", "rejected", "submitted"),
        ("cancel", "draft", "cancelled"),
        ("cancel", "approved", "cancelled"),
    ]


def test_a_field_that_names_another_thing_refers_to_it() -> None:
    trip = things("Vans", "A van has a plate and a payload. A trip has a van and a distance.")["trip"]
    assert (trip.fields["van_id"].type, trip.fields["van_id"].refers_to) == (FieldType.REFERENCE, "van")


def test_lines_of_an_order_say_which_order() -> None:
    found = things("Order system", "An order has an address and order lines with a SKU and a quantity.")
    assert list(found["order"].fields) == ["address"]
    assert found["order_line"].fields["order_id"].refers_to == "order"
