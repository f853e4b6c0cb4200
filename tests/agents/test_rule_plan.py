"""What is dropped from the plan, with a reason, instead of becoming a test that cannot pass."""

import pytest

from services.agents.blueprint.rules.rule_plan import plan_of, provable
from services.features.understanding import FieldType, Resource, Rule, RuleKind
from tests.agents.understandings import BOOKING, EXPENSE, ROOM, field, rule, understanding, when

K = RuleKind
CLASHES: list[tuple[str, Rule, Rule]] = [
    ("two limits", rule(K.RANGE, fields=("amount",), maximum=100), rule(K.RANGE, fields=("amount",), maximum=200)),
    ("two lists", rule(K.CHOICES, fields=("category",), values=("a", "b")), rule(K.CHOICES, fields=("category",), values=("a", "c"))),
    ("only and allowed", rule(K.ONLY, act="approve", actors=("manager",)), rule(K.ALLOWED, act="approve", actors=("employee",))),
    ("two only", rule(K.ONLY, act="approve", actors=("manager",)), rule(K.ONLY, act="approve", actors=("auditor",))),
    ("own and not own", rule(K.OWN, actors=("employee", "manager", "auditor")), rule(K.NOT_OWN, act="approve")),
    ("before and after", rule(K.COMPARE, fields=("spent_on",), operator="<"), rule(K.COMPARE, fields=("spent_on",), operator=">")),
    ("a default that is never needed", rule(K.REQUIRED, fields=("priority",)), rule(K.DEFAULT, fields=("priority",), values=("low",))),
    ("refused from where it starts", rule(K.TRANSITION, act="submit", states=("draft", "submitted")), rule(K.BLOCKED, act="submit", states=("draft",))),
    ("found by what is hidden", rule(K.HIDDEN, fields=("pin",)), rule(K.SEARCH, fields=("pin",))),
    ("removed before it is moved", rule(K.RETENTION, seconds=60), rule(K.EXPIRY, seconds=120, states=("draft", "archived"))),
    ("two pages", rule(K.PAGE, maximum=10), rule(K.PAGE, maximum=20)),
    ("required twice", rule(K.REQUIRED, fields=("title",)), rule(K.REQUIRED, fields=("title",), condition=when("amount", ">", "5"))),
]  # fmt: skip
MALFORMED: list[Rule] = [
    rule(K.ALLOWED, "nothing", act="create", actors=("employee",)),
    rule(K.ALLOWED, act="fly", actors=("employee",)),
    rule(K.ALLOWED, act="create", actors=("nobody",)),
    rule(K.ALLOWED, act="create"),
    rule(K.REQUIRED, fields=("surprise",)),
    rule(K.REQUIRED, fields=("comment",), condition=when("surprise", ">", "1")),
    rule(K.REQUIRED, fields=("comment",), condition=when("title", ">", "1")),
    rule(K.REQUIRED, fields=("comment",), condition=when("amount", ">", "much")),
    rule(K.REQUIRED, fields=("comment",), condition=when("category", "==", "space")),
    rule(K.RANGE, fields=("amount",)),
    rule(K.RANGE, fields=("amount",), minimum=5, maximum=4),
    rule(K.RANGE, fields=("urgent",), maximum=4),
    rule(K.RANGE, fields=("category",), maximum=4),
    rule(K.CHOICES, fields=("amount",), values=("a",)),
    rule(K.FORMAT, fields=("title",)),
    rule(K.UNIQUE),
    rule(K.UNIQUE, fields=("urgent",)),
    rule(K.DEFAULT, fields=("amount",), values=("much",)),
    rule(K.COMPARE, fields=("title", "amount"), operator="<"),
    rule(K.COMPARE, fields=("spent_on",), operator="~"),
    rule(K.LOCKED, states=("lost",)),
    rule(K.TRANSITION, act="approve", states=("submitted",)),
    rule(K.BLOCKED, act="create", states=("draft",)),
    rule(K.SORT, fields=("urgent",)),
    rule(K.PAGE, maximum=1000),
    rule(K.COUNT, maximum=0),
    rule(K.RATE, maximum=3),
    rule(K.EXPIRY, states=("draft",), seconds=3),
    rule(K.HIDDEN, fields=("amount",), channel="masked"),
    rule(K.OVERLAP, fields=("title", "amount", "serial")),
    rule(K.LOCKED, states=("approved",), condition=when("amount", ">", "5")),
]


@pytest.mark.parametrize(("first", "second"), [c[1:] for c in CLASHES], ids=[c[0] for c in CLASHES])
def test_of_two_that_contradict_each_other_the_earlier_is_built(first: Rule, second: Rule) -> None:
    plan = plan_of(understanding((EXPENSE,), (first, second)))
    assert [c.id for c in plan.provable] == ["AC-S1"]
    assert plan.left["AC-S2"]


@pytest.mark.parametrize("broken", MALFORMED, ids=lambda r: f"{r.kind.value} {r.fields} {r.act}")
def test_what_no_test_can_prove_is_left_to_people_with_a_reason(broken: Rule) -> None:
    plan = plan_of(understanding((EXPENSE,), (broken, rule(K.REQUIRED, fields=("title",)))))
    assert [c.id for c in plan.provable] == ["AC-S2"]
    assert plan.left["AC-S1"]


def test_a_criterion_is_built_whole_or_not_at_all() -> None:
    both = (rule(K.REQUIRED, fields=("title",)), rule(K.RANGE, fields=("surprise",), maximum=3))
    assert provable(understanding((EXPENSE,), (both,))) == ()


def test_the_same_rule_twice_is_built_once_and_proven_twice() -> None:
    same = rule(K.REQUIRED, fields=("title",))
    plan = plan_of(understanding((EXPENSE,), (same, same.model_copy(update={"span": (1, 2)}))))
    assert len(plan.provable) == 2
    assert len(plan.codes["expense"]) == 1


def test_references_in_a_circle_do_not_stop_anything() -> None:
    one = Resource(
        name="one",
        plural="ones",
        label="One",
        fields=(field("two_id", FieldType.REFERENCE, required=True, refers_to="two"),),
    )
    two = Resource(
        name="two",
        plural="twos",
        label="Two",
        fields=(field("one_id", FieldType.REFERENCE, required=True, refers_to="one"),),
    )
    plan = plan_of(understanding((one, two), ()))
    assert [f.required for r in plan.resources for f in r.fields] == [True, False]


def test_who_may_act_follows_the_rules() -> None:
    domain = plan_of(
        understanding(
            (EXPENSE,),
            (rule(K.ONLY, act="pay", actors=("auditor",)), rule(K.ALLOWED, act="approve", actors=("manager",))),
        )
    ).domain
    assert domain.roles("expense", "pay") == ("auditor",)
    assert domain.roles("expense", "approve") == ("manager",)
    assert domain.roles("expense", "list") == ("employee", "manager", "auditor")


def test_rules_of_one_resource_do_not_touch_another() -> None:
    plan = plan_of(understanding((BOOKING, ROOM), (rule(K.UNIQUE, "room", fields=("name",)),)))
    assert plan.codes["booking"] == ()
