"""How a rule can be broken a little: what is found in the source of its place, and what is left alone."""

import ast

import pytest

from services.evidence.breakages import breakages_of
from services.evidence.places import NoSuchPlace, find_spot
from services.evidence.sabotage import Place, prepared
from tests.evidence.workspaces import code


def found(source: str, name: str) -> list[str]:
    return [breakage.words for breakage in breakages_of(find_spot(ast.parse(code(source)), name))]


FUNCTIONS = {
    "a limit": ("return amount > 500", ["500 -> 501"]),
    "a limit with decimals moves by the last one": ("return amount > 99.99", ["99.99 -> 100.0"]),
    "a share moves by what it is written in": ("return share <= 0.25", ["0.25 -> 0.26"]),
    "a limit that is counted out": ("return seconds < 24 * 60", ["24 * 60 -> 24 * 60 + 1"]),
    "a negative limit": ("return amount < -5", ["-5 -> -5 + 1"]),
    "both ends": ("return 1 <= amount <= 5", ["1 -> 2", "5 -> 6"]),
    "a range": ("return amount in range(1, 6)", ["1 -> 2", "6 -> 7"]),
    "a word": ('return state == "open"', ["'open' -> 'open_'"]),
    "a yes": ("return is_paid is True", ["True -> False"]),
    "a membership": ('return state in ("open", "late")', ["'open' -> 'open_'", "'late' -> 'late_'"]),
    "a membership in a set that is made": ('return state in frozenset({"open"})', ["'open' -> 'open_'"]),
    "a constant by its name": ("return amount > MOST", ["MOST changed"]),
    "a member of an enumeration": ("return state is State.OPEN", ["State.OPEN changed"]),
    "a constant inside a sum": ("return amount > limit + 1", ["1 -> 2"]),
    "a span of time": ("before = now - timedelta(hours=24)\nreturn at <= before", ["24 -> 25"]),
    "an answer that is a default": ("return 20", ["20 -> 21"]),
    "a guard": (
        'if amount > 500:\n    raise ValueError("above 500")',
        ["without amount > 500", "500 -> 501"],
    ),
    "a guard that returns": (
        "if amount > 500:\n    return False\nreturn amount != 7",
        ["without amount > 500", "500 -> 501", "7 -> 8"],
    ),
    "a message that is chosen": (
        'return "Too much: 500 is the most." if amount > 500 else None',
        ["without amount > 500", "500 -> 501"],
    ),
    "an operand of and": (
        'if amount > 500 and role != "manager":\n    raise ValueError',
        ["without amount > 500 and role != 'manager'", "without amount > 500", "without role != 'manager'",
         "500 -> 501", "'manager' -> 'manager_'"],
    ),
    "an operand of or": ("return is_late or amount > 5", ["without amount > 5", "5 -> 6"]),
    "operands of calls in a test": (
        "if is_late(x) and is_open(x):\n    return 1\nreturn 2",
        ["without is_late(x) and is_open(x)", "without is_late(x)", "without is_open(x)"],
    ),
    "a filter": (
        'return [r for r in records if r.state != "gone"]',
        ["without if r.state != 'gone'", "'gone' -> 'gone_'"],
    ),
    "where": ('return query.where(Order.state == "open")', ["without .where(Order.state == 'open')", "'open' -> 'open_'"]),
    "where with several conditions": (
        "return query.where(a == b, c == 5)",
        ["without .where(a == b, c == 5)", "without a == b", "without c == 5", "5 -> 6"],
    ),
    "filter_by": ("return query.filter_by(state=state)", ["without .filter_by(state=state)"]),
    "a nested guard": (
        "for item in items:\n    if item.price < 1:\n        raise ValueError(item)",
        ["without item.price < 1", "1 -> 2"],
    ),
    # None of the following bears on a rule.
    "a docstring": ('"""At most 500."""\namount.check(5)', []),
    "a message": ('raise Problem(409, "Not now", f"At most {500 > 5}")', []),
    "what is logged": ('log.info("more than %s", amount > 500)\nreturn amount', []),
    "what is printed": ("print(amount > 500)\nreturn amount", []),
    "a fallback": ("return values.get(x) or 10**15", []),
    "a fallback inside a comparison": ("return start < (end or 10**15)", []),
    "a key": ('return values["amount"] == other["amount"]', []),
    "an argument": ('return amount.compare("500", 5) == other', []),
    "an annotation": ("most: Literal[5] = given\nreturn most", []),
    "whether something was found": ("if found is None:\n    raise NotFound(5)\nreturn found", []),
    "whether something was given": ("if not found:\n    return 5\nreturn found", []),
    "whether none is among them": ("if None in (a, b):\n    return a\nreturn b", []),
    "whether there is any": ("return len(records) > 0", []),
    "an if that goes on": ("if is_late:\n    amount = amount + 1\nreturn amount", []),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_can_be_broken_in_a_function(name: str) -> None:
    body, expected = FUNCTIONS[name]
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    assert sorted(found(f"def rule(amount):\n{lines}\n", "rule")) == sorted(expected)


def test_defaults_of_parameters_are_found_also_inside_query() -> None:
    source = "def page(limit=20, after: int = Query(default=5, ge=1), word=None, session=Depends(get)): ..."
    assert found(source, "page") == ["default limit 20 -> 21", "default after 5 -> 6"]


FIELDS = {
    "amount: int": ["amount: not required"],
    "amount: int = 5": ["amount: no default", "amount: default 5 -> 6"],
    "amount: int | None = None": [],
    "amount: int = Field(ge=1, le=10**15)": [
        "amount: not required", "amount: without ge=1", "amount: ge 1 -> 2", "amount: without le=10 ** 15",
        "amount: le 10 ** 15 -> 10 ** 15 + 1",
    ],
    "amount: int = Field(default=3, ge=1)": [
        "amount: no default", "amount: default 3 -> 4", "amount: without ge=1", "amount: ge 1 -> 2",
    ],
    "amount: int = Field(ge=LEAST)": ["amount: not required", "amount: without ge=LEAST", "amount: ge LEAST changed"],
    "amount: Annotated[int, Field(gt=0)]": ["amount: not required", "amount: without gt=0", "amount: gt 0 -> 1"],
    "amount: str = Field(pattern='^a')": [
        "amount: not required", "amount: without pattern='^a'", "amount: pattern '^a' -> '^a_'",
    ],
    "amount: Literal['a', 'b'] | None = None": [
        "amount: without Literal['a', 'b']", "amount: 'a' -> 'a_'", "amount: 'b' -> 'b_'",
    ],
    "amount: bool = False": ["amount: no default", "amount: default False -> True"],
    "amount: str = Field(description='at most 5', title='5')": ["amount: not required"],
    "amount: ClassVar[int] = 5": None,
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_what_can_be_broken_in_a_field(field: str) -> None:
    source, expected = f"class Order(SQLModel):\n    {field}\n    other: int = Field(ge=7)\n", FIELDS[field]
    if expected is None:
        with pytest.raises(NoSuchPlace, match="no field or method amount"):
            found(source, "Order.amount")
    else:
        kind = field.removeprefix("amount: ").split(" = ")[0]
        typed = [] if "Literal" in kind else [f"amount: without type {kind}"]
        assert sorted(found(source, "Order.amount")) == sorted([*expected, *typed])


def test_a_class_is_all_its_fields_and_methods() -> None:
    source = """
        class Order(SQLModel):
            amount: int = Field(ge=7)
            @field_validator("amount")
            def even(cls, value):
                if value % 2 == 1:
                    raise ValueError("odd")
            def other(self):
                return self.amount == 3
        """
    whole = found(source, "Order")
    assert {"amount: ge 7 -> 8", "1 -> 2", "3 -> 4"} <= set(whole)
    of_field = found(source, "Order.amount")
    assert "without value % 2 == 1" in of_field
    assert "3 -> 4" not in of_field
    assert found(source, "Order.other") == ["3 -> 4"]


TABLES = {
    "ROLES = {'edit': frozenset(('a', 'b')), 'read': {'c'}}": [
        "anything is in frozenset(('a', 'b'))", "'a' -> 'a_'", "'b' -> 'b_'",
    ],
    "ROLES: dict[str, object] = {'edit': ('open', 'done'), 'read': 5}": ["'open' -> 'open_'", "'done' -> 'done_'"],
    "ROLES = {'edit': (('open',), 'done')}": ["anything is in ('open',)", "'open' -> 'open_'", "'done' -> 'done_'"],
    "ROLES = MappingProxyType({'edit': 5})": ["5 -> 6"],
    "ROLES = {'edit': Order.amount}": [],
    "ROLES = {'edit': {'most': 5}}": ["5 -> 6"],
    "ROLES = frozenset({'edit', 'read'})": [],
}  # fmt: skip


@pytest.mark.parametrize("source", TABLES)
def test_what_can_be_broken_in_an_entry_of_a_table(source: str) -> None:
    assert sorted(found(source, "ROLES[edit]")) == sorted(TABLES[source])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone", "no function or class gone"),
        ("rule.amount", "rule is a function and has no amount"),
        ("Order.gone", "the class Order has no field or method gone"),
        ("GONE[a]", "no table GONE at the top"),
        ("ROLES[gone]", "the table ROLES has no entry gone"),
        ("LATER[a]", "LATER is no literal"),
    ],
)
def test_a_place_that_does_not_exist_is_said(name: str, why: str) -> None:
    source = b"def rule(): ...\nclass Order:\n    amount: int\nROLES = {'a': 1}\nLATER = made()\n"
    sabotage = prepared({"app/a.py": source}, {"AC-1": Place("app/a.py", name)})
    assert why in sabotage.absent["AC-1"]
    assert sabotage.files["app/a.py"] == ast.unparse(ast.parse(source)).encode()


def test_a_file_that_does_not_exist_or_does_not_parse_is_said() -> None:
    rules = {"AC-1": Place("app/gone.py", "a"), "AC-2": Place("app/bad.py", "a")}
    absent = prepared({"app/bad.py": b"def ("}, rules).absent
    assert absent == {"AC-1": "app/gone.py is no Python file of the workspace", "AC-2": "app/bad.py is no Python file of the workspace"}  # fmt: skip
