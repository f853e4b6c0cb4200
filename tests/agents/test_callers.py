"""Other systems: who asks them, what the papers say of those that nothing asks, and that under ddd they hear of events."""

import re
from functools import cache
from pathlib import Path

import pytest

from services.agents.blueprint.rules.callers import asked_after, why_not_asked
from services.agents.engine import Draft
from services.features.extract import understand
from services.workflow.options import Methodology
from tests.agents.chain import drafts_of, files_of, records_of
from tests.agents.designs import write
from tests.agents.test_rule_code import run
from tests.builders import REQUEST

SHOP = (
    "Customers place an order with a total and a note. Customers pay an order. Clerks ship an order or cancel it. An order "
    "is open, paid, shipped or cancelled. When an order is paid, publish an event to Kafka. Charge the card through Stripe "
    "on checkout. Some of us like Salesforce.\n\n- Open orders are cancelled automatically after 3 days.\n"
    "- Every status change of an order must be published to RabbitMQ."
)


@cache
def shop(methodology: Methodology = Methodology.TRADITIONAL) -> dict[str, Draft]:
    return drafts_of(REQUEST.model_copy(update={"title": "Shop", "description": SHOP, "methodology": methodology}))


def test_step_4_says_after_which_act_a_system_is_asked_and_why_nothing_asks_another() -> None:
    told = {r.dependency: (r.asked_after, r.not_asked_because) for r in records_of(shop()["backend"]).resilience}
    assert told == {
        "kafka": ("order paid", ""),
        "stripe": ("order created", ""),
        "rabbitmq": ("order paid, order shipped, order cancelled", ""),
        "salesforce": ("", "the request does not say at which act it is asked"),
    }
    assert "nothing, its port has no caller: the request does not say" in shop()["backend"].report


def test_a_system_that_cannot_be_given_what_it_needs_is_told_with_the_reason() -> None:
    text = (
        "Clerks enter an order with a note. Clerks pay an order. When an order is paid, charge the card through Stripe."
    )
    known = understand(REQUEST.model_copy(update={"title": "Shop", "description": text}))
    (stripe,) = known.integrations
    assert asked_after(known, stripe) == ""
    assert re.fullmatch(
        r"AC-S\d asks it, but no field of order that is always given holds the amount", why_not_asked(known, stripe)
    )


@pytest.mark.parametrize("methodology", [Methodology.TRADITIONAL, Methodology.DDD])
def test_the_papers_agree_with_what_is_built(methodology: Methodology) -> None:
    drafts = shop(methodology)
    flows = {f.target: f for f in records_of(drafts["architecture"]).flows}
    assert {name: flows[name].style for name in ("Kafka", "Stripe", "RabbitMQ", "Salesforce")} == {
        "Kafka": "asynchronous", "Stripe": "asynchronous", "RabbitMQ": "asynchronous", "Salesforce": "none",
    }  # fmt: skip
    papers = files_of(drafts.values())
    guide = papers["docs/integration.md"].decode()
    assert "| Kafka | queue | order paid |" in guide
    assert "| Salesforce | service | nothing: the request does not say at which act it is asked |" in guide
    assert "- salesforce: asked by nothing" in papers["app/README.md"].decode()


def test_personal_data_that_goes_to_another_system_is_told_with_the_law() -> None:
    text = "Sales people create and update contacts with a name, an e-mail address and a phone. The phone is never shown. Sync contacts to Salesforce nightly."
    risk = records_of(
        drafts_of(REQUEST.model_copy(update={"title": "Contacts", "description": text}), until="risk")["risk"]
    )
    (row,) = [item for item in risk.compliance if item.rule == "GDPR art. 28"]
    assert row.applies_because == "contact.name and contact.email are sent to Salesforce"


def test_a_record_that_moves_by_itself_asks_like_one_that_is_moved() -> None:
    rules = files_of(shop().values())["app/orders/rules.py"].decode()
    moved = rules[rules.index("def move_open_to_cancelled") :]
    assert "rabbitmq_publish_after_cancel(session, record)" in moved[: moved.index("return len")]


def test_under_ddd_a_subscriber_asks_and_the_context_does_not_know_it(tmp_path: Path, service_python: Path) -> None:
    drafts = shop(Methodology.DDD)
    files = files_of(drafts.values())
    routes = files["app/contexts/orders/routes.py"].decode()
    assert "kafka" not in routes
    assert "kafka" not in files["app/contexts/orders/domain_events.py"].decode()
    known = understand(
        REQUEST.model_copy(update={"title": "Shop", "description": SHOP, "methodology": Methodology.DDD})
    )
    asked = [c.id for c in known.criteria if any(r.kind.value == "call" for r in c.rules)]
    tests = [f"test_{id_.lower().replace('-', '_')}" for id_ in asked]
    assert set(run(write(files, tmp_path / "heard"), service_python, only=tests).values()) == {"passed"}
    deaf = files | {"app/contexts/subscribers.py": b"def subscribe() -> None:\n    pass\n"}
    assert set(run(write(deaf, tmp_path / "deaf"), service_python, only=tests).values()) == {"failed"}
