"""Tests that look at the boundary of a rule prove it; tests that pass beside it are found out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.evidence.sabotage import Place
from services.evidence.test_runs import measure_tests
from tests.evidence.workspaces import code

SHOP = """
    from typing import Annotated, Literal

    from pydantic import AfterValidator
    from sqlmodel import Field, SQLModel

    def _link(value):
        if not value.startswith("https:"):
            raise ValueError("no link")
        return value


    Link = Annotated[str, AfterValidator(_link)]
    MOST_ITEMS = 10
    ROLES = {"ship": frozenset({"clerk", "chief"}), "cancel": frozenset({"chief"})}
    TRANSITIONS: dict[str, tuple[tuple[str, ...], str]] = {"ship": (("paid",), "shipped"), "pay": (("new", "late"), "paid")}


    class OrderBase(SQLModel):
        amount: int = Field(ge=1, le=5)
        kind: Literal["food", "tool"] = "food"


    class OrderCreate(OrderBase):
        note: str = Field(max_length=8)
        link: Link | None = Field(default=None, max_length=20)


    class Refused(Exception):
        pass


    def may(role, act):
        return role in ROLES[act]


    def next_state(act, state):
        sources, target = TRANSITIONS[act]
        if state not in sources:
            raise Refused(f"{act} needs {sources}")
        return target


    def check(amount, comment=None):
        if amount > 500 and not comment:
            raise Refused("Above 500 EUR a comment is needed.")


    def refusal(items, state):
        return "Too many." if len(items) > MOST_ITEMS and state in ("new", "late") else None


    def too_many(owners, user):
        own = [owner for owner in owners if owner == user]
        return "Too many." if len(own) >= 3 else None


    class Stored(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)
        state: str = Field(default="new")


    class Basket:
        def __init__(self, size):
            if size > 3:
                raise Refused("too large")
            self.size = size
    """

_HEAD = """
    import pytest
    from pydantic import ValidationError
    from app.shop import Basket, OrderBase, OrderCreate, Refused, Stored, check, may, next_state, refusal, too_many

    def order(**values):
        return OrderCreate(**{"amount": 3, "note": "a", **values})

    def takes(**values):
        try:
            return OrderCreate.model_validate({"amount": 3, "note": "a", **values})
        except ValidationError:
            return None
    """


def measured(environment: Path, tries: Mapping[str, tuple[str, str]]) -> Mapping[str, Mapping[str, Any]]:
    """`tries`: name -> the place of a rule, and the body of its only test. Each is a criterion of one workspace, since most
    of the time goes into starting one. Name -> what was found."""
    ids = {name: f"AC-{number}" for number, name in enumerate(tries, start=1)}
    tests = [_test(number, body) for number, (_, body) in enumerate(tries.values(), start=1)]
    files = {
        "app/__init__.py": b"",
        "app/shop.py": code(SHOP),
        "tests/__init__.py": b"",
        "tests/test_shop.py": code(_HEAD) + "".join(tests).encode(),
    }
    rules = {ids[name]: Place("app/shop.py", place) for name, (place, _) in tries.items()}
    found = measure_tests(files, environment=environment, minimum_percent=0, rules=rules)
    assert found.figures.get("failed") == 0, (found.reason, found.log[-1500:])
    return {name: found.figures["criteria"][id_] for name, id_ in ids.items()}


def _test(number: int, body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f'\n\n@pytest.mark.criterion("AC-{number}")\ndef test_{number}():\n{lines}\n'


# Place, a test that looks at the boundary, and what is noticed.
SHARP = {
    "a function": (
        "check",
        "check(500)\ncheck(501, 'why')\nwith pytest.raises(Refused, match='EUR'):\n    check(501)\nassert check(0) is None",
        {"raise", "nothing", "without amount > 500 and (not comment)", "500 -> 501"},
    ),
    "a constant of another line": (
        "refusal",
        "assert refusal([1] * 11, 'new') == 'Too many.'\nassert refusal([1] * 10, 'new') is None",
        {"MOST_ITEMS changed"},
    ),
    "a field": (
        "OrderBase.amount",
        "assert takes(amount=1) and takes(amount=5)\nassert not takes(amount=0) and not takes(amount=6)",
        {"raise", "nothing", "amount: without ge=1", "amount: ge 1 -> 2"},
    ),
    "a field that must be given": (
        "OrderCreate.note",
        "with pytest.raises(ValidationError):\n    OrderCreate(amount=3)\nassert order().note == 'a'",
        {"raise", "nothing", "note: not required"},
    ),
    "a whole class": (
        "OrderCreate",
        "assert takes(note='a' * 8).note == 'a' * 8\nassert not takes(note='a' * 9)",
        {"raise", "nothing", "note: without max_length=8", "note: max_length 8 -> 9"},
    ),
    "a form that the type keeps": (
        "OrderCreate.link",
        "assert takes(link='https://a').link == 'https://a'\nassert not takes(link='a')",
        {"raise", "nothing", "link: without type Link | None"},
    ),
    "choices": (
        "OrderBase.kind",
        "assert takes(kind='food') and takes(kind='tool') and not takes(kind='x')",
        {"kind: without Literal['food', 'tool']"},
    ),
    "a default": (
        "OrderBase.kind",
        "assert order().kind == 'food'\nassert order(kind='tool').kind == 'tool'",
        {"kind: no default", "kind: default 'food' -> 'food_'"},
    ),
    "an entry of a table": (
        "ROLES[cancel]",
        "assert may('chief', 'cancel') and not may('clerk', 'cancel')",
        {"raise", "nothing", "anything is in frozenset({'chief'})", "'chief' -> 'chief_'"},
    ),
    "a transition": (
        "TRANSITIONS[ship]",
        "assert next_state('ship', 'paid') == 'shipped'\nwith pytest.raises(Refused):\n    next_state('ship', 'new')",
        {"raise", "nothing", "anything is in ('paid',)", "'paid' -> 'paid_'"},
    ),
    "a default of what is stored": ("Stored.state", "assert Stored().state == 'new'", {"raise", "nothing"}),
    "a class that is made in its own way": (
        "Basket",
        "assert Basket(3).size == 3\nwith pytest.raises(Refused):\n    Basket(4)",
        {"raise", "nothing", "without size > 3", "3 -> 4"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def sharp(environment: Path) -> Mapping[str, Mapping[str, Any]]:
    return measured(environment, {name: row[:2] for name, row in SHARP.items()})


@pytest.mark.parametrize("name", SHARP)
def test_a_test_at_the_boundary_proves_its_criterion(sharp: Mapping[str, Mapping[str, Any]], name: str) -> None:
    noticed, told = SHARP[name][2], sharp[name]
    assert told["outcome"] == "covered", told
    assert noticed <= {row["breakage"] for row in told["breakages"] if row["noticed"]}
    assert all(words in told["reason"] for words in noticed)


# Place, a test that passes and is broken by "raise" and "nothing", and what nobody noticed.
BLUNT = {
    "far above the limit": (
        "check",
        "check(100)\nwith pytest.raises(Refused):\n    check(10_000)\nassert check(10_000, 'why') is None",
        "500 -> 501",
    ),
    "far above a limit of another line": (
        "refusal",
        "assert refusal([1] * 99, 'new') == 'Too many.'\nassert refusal([1] * 2, 'new') is None",
        "MOST_ITEMS changed",
    ),
    "another condition is looked at": (
        "too_many",
        "assert too_many(['ann'] * 9, 'ann') == 'Too many.'\nassert too_many(['bob'] * 9, 'ann') is None",
        "3 -> 4",
    ),
    "never above the limit": ("refusal", "assert refusal([], 'new') is None", "nothing"),
    "far outside of a field": (
        "OrderBase.amount",
        "assert takes(amount=3)\nassert not takes(amount=-50) and not takes(amount=600)",
        "amount: ge 1 -> 2",
    ),
    "far outside of a text": ("OrderCreate.note", "assert takes(note='a')\nassert not takes(note='a' * 99)", "max_length 8 -> 9"),
    "no other state is tried": (
        "TRANSITIONS[ship]",
        "assert next_state('ship', 'paid') == 'shipped'",
        "anything is in ('paid',)",
    ),
    "no other role is tried": ("ROLES[cancel]", "assert may('chief', 'cancel')", "anything is in frozenset({'chief'})"),
    "another entry": ("ROLES[cancel]", "assert may('clerk', 'ship')", "raise"),
}  # fmt: skip


@pytest.fixture(scope="module")
def blunt(environment: Path) -> Mapping[str, Mapping[str, Any]]:
    return measured(environment, {name: row[:2] for name, row in BLUNT.items()})


@pytest.mark.parametrize("name", BLUNT)
def test_a_test_that_does_not_look_at_the_boundary_is_found_out(
    blunt: Mapping[str, Mapping[str, Any]], name: str
) -> None:
    missed, told = BLUNT[name][2], blunt[name]
    assert told["outcome"] == "not_covered", told
    assert missed in told["reason"]
    assert any(missed in row["breakage"] and not row["noticed"] for row in told["breakages"])


def test_a_rule_whose_place_is_not_there_is_not_proven_and_says_so(environment: Path) -> None:
    told = measured(environment, {"it": ("OrderCreate.gone", "assert order().amount == 3")})["it"]
    assert told["outcome"] == "not_covered"
    assert told["reason"] == (
        "Its rule is not where it is said to be: in app/shop.py the class OrderCreate has no field or method gone of its own."
    )


def test_a_loop_that_no_longer_ends_is_noticed_and_stops_nothing_else(environment: Path) -> None:
    files = {
        "app/__init__.py": b"",
        "app/a.py": b"def until(most):\n    n = 0\n    while True:\n        if n >= most:\n            return n\n        n += 1\n",
        "tests/__init__.py": b"",
        "tests/test_a.py": b"import pytest\nfrom app.a import until\n@pytest.mark.criterion('AC-1')\ndef test_it():\n    assert until(3) == 3\n",
    }
    found = measure_tests(files, environment=environment, minimum_percent=0, rules={"AC-1": Place("app/a.py", "until")})
    assert found.figures["criteria"]["AC-1"]["outcome"] == "covered", found.figures["criteria"]


def test_every_place_of_a_rule_must_be_proven(environment: Path) -> None:
    places = [Place("app/shop.py", "ROLES[cancel]"), Place("app/shop.py", "ROLES[ship]")]
    body = "    assert may('chief', 'cancel') and not may('clerk', 'cancel')\n"
    files = {
        "app/__init__.py": b"",
        "app/shop.py": code(SHOP),
        "tests/__init__.py": b"",
        "tests/test_shop.py": b"import pytest\nfrom app.shop import may\n@pytest.mark.criterion('AC-1')\ndef test_it():\n" + body.encode(),
    }  # fmt: skip
    told = measure_tests(files, environment=environment, minimum_percent=0, rules={"AC-1": places})
    assert "ROLES[ship]" in told.figures["criteria"]["AC-1"]["reason"]
