"""How one rule can be broken a little: read off the syntax tree of its place, which node is replaced by which other one.

Not found here is what every place has: it raises, it does nothing. What bears on no rule is left alone: messages, logging,
docstrings, annotations without a limit, fallbacks (`x or 0`), and questions for whether something is there at all.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.evidence.places import ClassSpot, Function, FunctionSpot, Spot, TableSpot, field_name

SWITCH = "__import__('greenlight_switch')"
_LIMITS = {
    "ge", "gt", "le", "lt", "min_length", "max_length", "pattern", "regex", "multiple_of", "max_digits", "decimal_places",
    "min_items", "max_items",
}  # fmt: skip
_NARROWS = {"where", "filter", "filter_by", "having"}
_SPANS = {"timedelta", "relativedelta"}
_PARAMETERS = {"Field", "Query", "Header", "Body", "Form", "Path", "Cookie"}
_COLLECTIONS = {"set", "frozenset", "tuple", "list", "range"}
_TELLING = {"log", "logger", "logging", "print", "warnings"}
_NO_CODE: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Function, ("args", "decorator_list", "returns")),
    (ast.Lambda, ("args",)),
    (ast.Assert, ("msg",)),
    (ast.AnnAssign, ("annotation",)),
)
_ORDERINGS = ast.Lt | ast.LtE | ast.Gt | ast.GtE
_LONGEST_WORDS = 70


class Kind(StrEnum):
    """A limit is a number that has an order, so that a test at the boundary notices its neighbour; a value is no limit."""

    RAISES = "raises"
    NOTHING = "nothing"
    CONDITION = "condition"
    LIMIT = "limit"
    VALUE = "value"


@dataclass(frozen=True, eq=False)
class Breakage:
    """`target` becomes `broken`. Of a parameter: `old != new` stands for its default. `own`: where the constants of a condition are."""

    kind: Kind
    words: str
    target: ast.AST
    broken: ast.expr | ast.stmt
    own: tuple[ast.AST, ...] = ()

    def owns(self, other: "Breakage") -> bool:
        return any(node is other.target for root in self.own for node in ast.walk(root))


Found = Iterator[Breakage]


def breakages_of(spot: Spot) -> tuple[Breakage, ...]:
    """Each once, in the order of the source."""
    if isinstance(spot, FunctionSpot):
        found = list(_in_function(spot.node))
    elif isinstance(spot, ClassSpot):
        found = [breakage for part in spot.parts for breakage in _in_class(part)]
    else:
        found = list(_in_entry(spot))
    once: dict[tuple[int, str], Breakage] = {}
    for breakage in found:
        once.setdefault((id(breakage.target), ast.unparse(breakage.broken)), breakage)
    return tuple(once.values())


def _in_function(function: Function) -> Found:
    yield from _defaults(function.args)
    yield from _answer(function)
    yield from (b for statement in function.body for node in _reading(statement) for b in _transformed(node, _IN_CODE))


def _in_class(part: ast.stmt) -> Found:
    if isinstance(part, Function):
        yield from _in_function(part)
    elif name := field_name(part):
        found = (b for node in ast.walk(part) for b in _transformed(node, _IN_FIELDS))
        yield from (replace(b, words=f"{name}: {b.words}") for b in found)


def _in_entry(spot: TableSpot) -> Found:
    if spot.value:
        parts = spot.value.elts if isinstance(spot.value, ast.Tuple) else [spot.value]  # a tuple here is a record
        yield from (breakage for part in parts for breakage in _membership(part))
        yield from _constants(spot.value, has_order=True)


def _membership(node: ast.expr) -> Found:
    """A collection takes everything."""
    inside = node.args[0] if isinstance(node, ast.Call) and _name(node) in _COLLECTIONS and node.args else node
    if isinstance(inside, ast.Set | ast.List | ast.Tuple):
        yield _condition(node, _call("every", node), f"anything is in {_short(node)}", node)


def _transformed(node: ast.AST, table: Sequence[tuple[type[Any], Callable[[Any], Found]]]) -> Found:
    for kind, transform in table:
        if isinstance(node, kind):
            yield from transform(node)


def _reading(node: ast.AST) -> Iterator[ast.AST]:
    """Walks what decides, and leaves out what only people read, and what a function says of itself."""
    if isinstance(node, ast.Raise | ast.JoinedStr) or _tells(node):
        return
    yield node
    left_out = next((names for kind, names in _NO_CODE if isinstance(node, kind)), ())
    for name, value in ast.iter_fields(node):
        children = [] if name in left_out else value if isinstance(value, list) else [value]
        yield from (n for child in children if isinstance(child, ast.AST) for n in _reading(child))


def _tells(node: ast.AST) -> bool:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    called: ast.AST = node.value.func
    while isinstance(called, ast.Attribute):
        called = called.value
    return isinstance(called, ast.Name) and called.id.strip("_").lower() in _TELLING


def _guard(node: ast.If | ast.IfExp) -> Found:
    """A test that leads to a raise or a return, or chooses a value."""
    leads = isinstance(node, ast.IfExp) or any(
        isinstance(n, ast.Raise | ast.Return) for s in node.body for n in ast.walk(s)
    )
    if leads and not _asks_presence(node.test):
        yield _condition(node.test, ast.Constant(value=False), f"without {_short(node.test)}", node.test)
    if leads and isinstance(node.test, ast.BoolOp):
        yield from _operands(node.test)


def _truth(node: ast.BoolOp) -> Found:
    """An `and` or `or` of comparisons. Between other things it may be a fallback."""
    if any(
        isinstance(v, ast.Compare) or (isinstance(v, ast.UnaryOp) and isinstance(v.op, ast.Not)) for v in node.values
    ):
        yield from _operands(node)


def _operands(node: ast.BoolOp) -> Found:
    for operand in node.values:
        if not _asks_presence(operand):
            others = [value for value in node.values if value is not operand]
            left = others[0] if len(others) == 1 else ast.BoolOp(node.op, others)
            yield _condition(node, left, f"without {_short(operand)}", operand)


def _filter(node: ast.comprehension) -> Found:
    for condition in node.ifs:
        if not _asks_presence(condition):
            yield _condition(condition, ast.Constant(value=True), f"without if {_short(condition)}", condition)


def _narrowing(node: ast.Call) -> Found:
    """`.where(...)` on a query is dropped whole, and each of several arguments."""
    if not (isinstance(node.func, ast.Attribute) and node.func.attr in _NARROWS):
        return
    given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    yield _condition(node, node.func.value, f"without .{node.func.attr}({', '.join(map(_short, given))})", *given)
    for one in given if len(given) > 1 else ():
        args, keywords = [a for a in node.args if a is not one], [k for k in node.keywords if k is not one]
        yield _condition(node, ast.Call(node.func, args, keywords), f"without {_short(one)}", one)


def _compared(node: ast.Compare) -> Found:
    sides = [node.left, *node.comparators]
    if any(isinstance(side, ast.Call) and _name(side) == "len" for side in sides) and any(
        _is_naught(side) for side in sides
    ):
        return  # asks whether there is anything
    has_order = any(isinstance(op, _ORDERINGS) for op in node.ops)
    yield from (breakage for side in sides for breakage in _constants(side, has_order=has_order))


def _span(node: ast.Call) -> Found:
    if _name(node) in _SPANS:
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        yield from (b for value in values for b in _constants(value, has_order=True))


def _defaults(arguments: ast.arguments) -> Found:
    """Of parameters. They are set when the file is imported, so the parameter is what changes."""
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)]
    for parameter, default in [*pairs, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]:
        constant = _default(default)
        for change in _constants(constant, has_order=False) if constant else ():
            was_not = ast.Compare(constant, [ast.NotEq()], [change.broken])  # type: ignore[arg-type,list-item]
            yield Breakage(change.kind, f"default {parameter.arg} {change.words}", parameter, was_not)


def _answer(function: Function) -> Found:
    """A function that only answers with a constant keeps a default."""
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value:
        yield from _constants(body[0].value, has_order=False, is_deep=False)


def _limits(node: ast.Call) -> Found:
    """Each limit of a field is dropped, and moved by one."""
    for keyword in node.keywords:
        if keyword.arg in _LIMITS:
            left = ast.Call(node.func, node.args, [k for k in node.keywords if k is not keyword])
            yield _condition(node, left, f"without {_short(keyword)}", keyword)
            for change in _constants(keyword.value, has_order=True):
                yield Breakage(change.kind, f"{keyword.arg} {change.words}", change.target, change.broken)


def _choices(node: ast.Subscript) -> Found:
    if ast.unparse(node.value).rsplit(".", 1)[-1] == "Literal":
        yield _condition(node, anything(), f"without {_short(node)}", node)
        yield from _constants(node.slice, has_order=False)


def _given(node: ast.AnnAssign) -> Found:
    """A field need not be given any more, or has no default any more, or is of any type."""
    constant = _default(node.value)
    if constant is None and _must_be_given(node.value):
        yield _condition(node, without_demand(node), "not required")
    elif constant is not None and (changes := list(_constants(constant, has_order=False))):
        yield _condition(constant, ast.Constant(None), "no default", constant)
        yield from (Breakage(Kind.VALUE, f"default {c.words}", c.target, c.broken) for c in changes)
    if "Literal" not in ast.unparse(node.annotation):
        yield _condition(
            node, ast.AnnAssign(node.target, anything(), node.value, 1), f"without type {_short(node.annotation)}"
        )


_IN_CODE: tuple[tuple[type[Any], Callable[[Any], Found]], ...] = (
    (ast.If, _guard),
    (ast.IfExp, _guard),
    (ast.BoolOp, _truth),
    (ast.comprehension, _filter),
    (ast.Call, _narrowing),
    (ast.Compare, _compared),
    (ast.Call, _span),
)
_IN_FIELDS: tuple[tuple[type[Any], Callable[[Any], Found]], ...] = (
    (ast.AnnAssign, _given),
    (ast.Call, _limits),
    (ast.Subscript, _choices),
)


def anything() -> ast.expr:
    """The type of whatever may be given."""
    return ast.parse("__import__('typing').Any", mode="eval").body


def without_demand(field: ast.AnnAssign) -> ast.AnnAssign:
    """The field, empty where it is not given."""
    annotation = field.annotation
    if isinstance(annotation, ast.Constant):  # a name that comes later in the file
        annotation = ast.Constant(f"({annotation.value!s}) | None")
    else:
        annotation = ast.BinOp(annotation, ast.BitOr(), ast.Constant(None))
    value: ast.expr = ast.Constant(None)
    if isinstance(field.value, ast.Call):
        keywords = [k for k in field.value.keywords if k.arg != "default"]
        value = ast.Call(field.value.func, [], [ast.keyword("default", ast.Constant(None)), *keywords])
    return ast.AnnAssign(field.target, annotation, value, 1)


def _must_be_given(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and _name(value) in _PARAMETERS:
        given = [*value.args, *(k.value for k in value.keywords if k.arg in ("default", "default_factory"))]
        return not given or ast.unparse(given[0]) in ("...", "Ellipsis")
    return value is None


def _default(value: ast.expr | None) -> ast.expr | None:
    """The default itself, also inside `Field(...)` or `Query(...)`."""
    if isinstance(value, ast.Call) and _name(value) in _PARAMETERS:
        return next(iter([*(k.value for k in value.keywords if k.arg == "default"), *value.args]), None)
    return None if value is None or isinstance(value, ast.Call) else value


def _constants(node: ast.AST, *, has_order: bool, is_deep: bool = True) -> Found:
    """The constants that an expression is made of, each changed. Arguments of calls and keys take no part."""
    if _is_number(node):
        broken = _next_number(node)
        yield Breakage(Kind.LIMIT if has_order else Kind.VALUE, f"{_short(node)} -> {_short(broken)}", node, broken)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | str):
        changed = ast.Constant(not node.value if isinstance(node.value, bool) else f"{node.value}_")
        yield Breakage(Kind.VALUE, f"{_short(node)} -> {_short(changed)}", node, changed)
    elif isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).rsplit(".", 1)[-1].isupper():
        # A constant by its name, maybe of another file: what its neighbour is, is known when it runs.
        yield Breakage(Kind.LIMIT if has_order else Kind.VALUE, f"{_short(node)} changed", node, _call("changed", node))
    elif is_deep:
        has_order = has_order or (isinstance(node, ast.Call) and _name(node) == "range")
        yield from (b for part in _made_of(node) for b in _constants(part, has_order=has_order))


def _made_of(node: ast.AST) -> Sequence[ast.AST]:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts
    if isinstance(node, ast.Dict):
        return node.values
    if isinstance(node, ast.BinOp):
        return (node.left, node.right)
    return node.args if isinstance(node, ast.Call) and _name(node) in _COLLECTIONS else ()


def _is_number(node: ast.AST) -> bool:
    """Also what is counted out of numbers: `24 * 60`, `-1`, `10**15`."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_number(node.operand)
    if isinstance(node, ast.BinOp):
        return _is_number(node.left) and _is_number(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _next_number(node: ast.AST) -> ast.expr:
    """The neighbour by the last digit that is written: 5 -> 6, 99.99 -> 100.0."""
    if not isinstance(node, ast.Constant):
        assert isinstance(node, ast.expr)
        return ast.BinOp(node, ast.Add(), ast.Constant(1))
    if isinstance(node.value, int):
        return ast.Constant(node.value + 1)
    written = Decimal(repr(node.value))
    return ast.Constant(float(written + Decimal(1).scaleb(int(written.as_tuple().exponent))))


def _asks_presence(node: ast.AST) -> bool:
    """`x`, `not x`, `x is None`: whether something was found or sent, which is the same question in every rule."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _asks_presence(node.operand)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sides = (node.left, node.comparators[0])
        return any(isinstance(side, ast.Constant) and side.value is None for side in sides) and all(
            map(_is_plain, sides)
        )
    return isinstance(node, ast.Name | ast.NamedExpr)


def _is_plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Tuple | ast.List):
        return all(map(_is_plain, node.elts))
    return isinstance(node, ast.Constant | ast.Name | ast.NamedExpr)


def _is_naught(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in (0, 1)


def _condition(target: ast.AST, broken: ast.expr | ast.stmt, words: str, *own: ast.AST) -> Breakage:
    return Breakage(Kind.CONDITION, words, target, broken, own)


def _call(name: str, argument: ast.expr) -> ast.expr:
    return ast.Call(ast.parse(f"{SWITCH}.{name}", mode="eval").body, [argument], [])


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rsplit(".", 1)[-1]


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}..."
