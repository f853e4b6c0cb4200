"""The search for example values: whatever it gives satisfies every rule, and it gives up in time."""

import datetime as dt
import random
import time
from itertools import pairwise

import pytest

from services.agents.blueprint.rules.domain import Domain
from services.agents.blueprint.rules.examples import NOW, OPERATORS, solve, variants
from services.features.understanding import FieldType, Resource, Rule, RuleKind
from tests.agents.understandings import BOOKING, BOOKING_RULES, everything, field, rule, understanding, when

K = RuleKind


def domain_of(resource: Resource, *rules: Rule) -> Domain:
    return Domain(understanding((resource,), rules), tuple(rules))


def test_a_booking_lies_in_the_future_and_ends_after_it_starts() -> None:
    rules = [r for r in BOOKING_RULES if isinstance(r, Rule)]
    found = variants(domain_of(BOOKING, *rules), "booking")
    assert len(found) == 6
    for values in found:
        assert NOW + dt.timedelta(hours=1) < values["starts_at"] < values["ends_at"]
    spans = sorted((v["starts_at"], v["ends_at"]) for v in found)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_what_a_condition_asks_for_is_given() -> None:
    rules = [rule(K.REQUIRED, fields=("comment",), condition=when("amount", ">", "500"))]
    resource = Resource(
        name="expense",
        plural="expenses",
        label="Expense",
        fields=(field("amount", FieldType.MONEY, required=True, minimum=501), field("comment")),
    )
    found = solve(domain_of(resource, *rules), "expense")
    assert found is not None
    assert found["comment"]


def test_there_is_no_example_where_there_can_be_none() -> None:
    early, late = (
        rule(K.COMPARE, "booking", fields=("starts_at",), operator="<"),
        rule(K.COMPARE, "booking", fields=("starts_at",), operator=">"),
    )
    assert solve(domain_of(BOOKING, early, late), "booking") is None


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_found_satisfies_random_comparisons(seed: int) -> None:
    chance = random.Random(seed)
    type_ = chance.choice([FieldType.INTEGER, FieldType.DATE, FieldType.DATETIME, FieldType.MONEY])
    names = ["a", "b", "c", "d"]
    resource = Resource(
        name="thing", plural="things", label="Thing", fields=tuple(field(n, type_, required=True) for n in names)
    )
    pairs = [chance.sample(names, 2) for _ in range(chance.randint(1, 4))]
    rules = [rule(K.COMPARE, "thing", fields=tuple(pair), operator=chance.choice(list(OPERATORS))) for pair in pairs]
    started = time.perf_counter()
    found = solve(domain_of(resource, *rules), "thing")
    assert time.perf_counter() - started < 2
    for one in rules if found is not None else ():
        assert found is not None
        assert OPERATORS[one.operator](found[one.fields[0]], found[one.fields[1]])


def test_every_example_of_everything_is_different_where_it_has_to_be() -> None:
    whole = everything()
    domain = Domain(whole, tuple(r for c in whole.criteria for r in c.rules))
    assert len({v["serial"] for v in variants(domain, "expense")}) == 6
    assert len({(v["name"], v["seats"]) for v in variants(domain, "room")}) == 6
