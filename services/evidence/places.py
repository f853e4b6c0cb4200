"""Where a rule is kept: a function, a method or field of a class, a class, or one entry of a table at the top of a file."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Place(NamedTuple):
    """`name`: "next_state", "OrderCreate", "OrderCreate.amount" or "ROLES[clerk]", in a file of the workspace."""

    file: str
    name: str


@dataclass(frozen=True)
class FunctionSpot:
    node: Function


@dataclass(frozen=True)
class ClassSpot:
    """`field`: only this one; None for the whole class."""

    node: ast.ClassDef
    field: str | None

    @property
    def parts(self) -> list[ast.stmt]:
        """What decides: the field and the validators that name it, or the whole body."""
        return [part for part in self.node.body if self.field is None or _concerns(part, self.field)]


@dataclass(frozen=True)
class TableSpot:
    """One entry of a literal. `value`: what a dictionary holds under the key, None for a member of a set or list."""

    statement: ast.Assign | ast.AnnAssign
    literal: ast.Dict | ast.Set | ast.List | ast.Tuple
    key: ast.expr
    value: ast.expr | None


Spot = FunctionSpot | ClassSpot | TableSpot


class NoSuchPlace(Exception):
    """The file does not hold what the rule's record names."""


def find_spot(tree: ast.Module, name: str) -> Spot:
    """Raises: NoSuchPlace."""
    if name.endswith("]"):
        table, _, key = name[:-1].partition("[")
        return _entry(tree, table, key.strip("'\""))
    owner, _, member = name.partition(".")
    found = _named(tree, owner)
    if found is None:
        raise NoSuchPlace(f"there is no function or class {owner}")
    if not member:
        return ClassSpot(found, None) if isinstance(found, ast.ClassDef) else FunctionSpot(found)
    if not isinstance(found, ast.ClassDef):
        raise NoSuchPlace(f"{owner} is a function and has no {member}")
    for part in found.body:
        if isinstance(part, Function) and part.name == member:
            return FunctionSpot(part)
        if field_name(part) == member:
            return ClassSpot(found, member)
    raise NoSuchPlace(f"the class {owner} has no field or method {member} of its own")


def field_name(part: ast.stmt) -> str | None:
    is_field = isinstance(part, ast.AnnAssign) and "ClassVar" not in ast.unparse(part.annotation)
    return part.target.id if is_field and isinstance(part.target, ast.Name) else None  # type: ignore[attr-defined]


def _named(tree: ast.Module, name: str) -> Function | ast.ClassDef | None:
    """At the top of the file, the last one with this name; else wherever there is one."""
    for nodes in (reversed(tree.body), ast.walk(tree)):
        for node in nodes:
            if isinstance(node, Function | ast.ClassDef) and node.name == name:
                return node
    return None


def _concerns(part: ast.stmt, field: str) -> bool:
    if isinstance(part, Function):
        calls = [decorator for decorator in part.decorator_list if isinstance(decorator, ast.Call)]
        return any(isinstance(a, ast.Constant) and a.value == field for call in calls for a in call.args)
    return field_name(part) == field


def _entry(tree: ast.Module, table: str, key: str) -> TableSpot:
    for statement in tree.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or table not in _targets(statement):
            continue
        literal = _literal(statement.value)
        if literal is None:
            raise NoSuchPlace(f"{table} is no literal of a dictionary, set, list or tuple")
        for at, value in _entries(literal):
            if (str(at.value) if isinstance(at, ast.Constant) else ast.unparse(at)) == key:
                return TableSpot(statement, literal, at, value)
        raise NoSuchPlace(f"the table {table} has no entry {key}")
    raise NoSuchPlace(f"there is no table {table} at the top of the file")


def _targets(statement: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _literal(value: ast.expr | None) -> ast.Dict | ast.Set | ast.List | ast.Tuple | None:
    """Also inside one call, as in `frozenset({...})`."""
    if isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
        return _literal(value.args[0])
    return value if isinstance(value, ast.Dict | ast.Set | ast.List | ast.Tuple) else None


def _entries(literal: ast.Dict | ast.Set | ast.List | ast.Tuple) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    if isinstance(literal, ast.Dict):
        yield from ((key, value) for key, value in zip(literal.keys, literal.values, strict=True) if key is not None)
    else:
        yield from ((element, None) for element in literal.elts)
