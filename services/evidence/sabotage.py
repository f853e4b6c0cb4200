"""Breaks an application on purpose: a test that still passes over it proves nothing.

Where it is known which place keeps a criterion's rule, only that place is broken, in every way that breakages.py finds in
it, each by a switch and only while a test of that criterion runs; see the round in harness/greenlight_round.py.
"""

import ast
import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.evidence.breakages import SWITCH, Breakage, Kind, anything, breakages_of, without_demand
from services.evidence.places import (
    ClassSpot,
    Function,
    FunctionSpot,
    NoSuchPlace,
    Place,
    Spot,
    TableSpot,
    field_name,
    find_spot,
)

__all__ = ["PLAN_FILE", "Place", "Places", "Sabotage", "Step", "prepared", "sabotaged"]

Places = Mapping[str, Place | Sequence[Place]]
PLAN_FILE = "greenlight_plan.json"
_Node = TypeVar("_Node", bound=ast.AST)
_BROKEN = ast.parse(f"{SWITCH}.stop()").body

# A class of records looks once, when it is defined, whether it is made in a way of its own.
_ASKED_WHEN_MADE = """
def __init__(self, *args, **kwargs):
    super().__init__(*args, **kwargs)
"""


def sabotaged(files: Mapping[str, bytes], folder: str = "app/") -> dict[str, bytes]:
    """The files, with every function below the folder stopping at once. What does not parse stays."""
    return {
        path: _break(data) if path.startswith(folder) and path.endswith(".py") else data for path, data in files.items()
    }


def _break(data: bytes) -> bytes:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return data
    for node in ast.walk(tree):
        if isinstance(node, Function):
            node.body = list(_BROKEN)
    return ast.unparse(ast.fix_missing_locations(tree)).encode()


@dataclass(frozen=True)
class Step:
    """One breakage of a place, as it can be switched on. `of`: the conditions that a constant is a part of."""

    id: str
    kind: Kind
    words: str
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sabotage:
    """The files with a switch per breakage, nothing switched on. `absent`: criterion -> why a place of it was not found."""

    files: Mapping[str, bytes]
    steps: Mapping[str, Mapping[Place, tuple[Step, ...]]]
    absent: Mapping[str, str]


def prepared(files: Mapping[str, bytes], rules: Places) -> Sabotage:
    """`rules`: criterion -> where its rule is kept; in several places, when each of them keeps a part."""
    wanted = {id_: (told,) if isinstance(told, Place) else tuple(told) for id_, told in sorted(rules.items())}
    numbers = {place: n for n, place in enumerate(dict.fromkeys(p for places in wanted.values() for p in places))}
    changed, steps, absent = dict(files), dict[Place, tuple[Step, ...]](), dict[Place, str]()
    for path in dict.fromkeys(place.file for place in numbers):
        here = {place: number for place, number in numbers.items() if place.file == path}
        try:
            source = _Source(ast.parse(files[path]))
        except (KeyError, SyntaxError, ValueError):
            absent |= dict.fromkeys(here, f"{path} is no Python file of the workspace")
            continue
        for place, number in here.items():
            try:
                steps[place] = source.add(str(number), find_spot(source.tree, place.name))
            except NoSuchPlace as error:
                absent[place] = f"in {path} {error}"
        changed[path] = source.switched()
    lacking = {id_: absent[p] for id_, places in wanted.items() for p in reversed(places) if p in absent}
    planned = {id_: {p: steps[p] for p in places} for id_, places in wanted.items() if id_ not in lacking}
    changed[PLAN_FILE] = json.dumps([(id_, _rows(places)) for id_, places in planned.items()]).encode()
    return Sabotage(changed, planned, lacking)


def _rows(places: Mapping[Place, tuple[Step, ...]]) -> list[Any]:
    """As the round reads it: per place, the rows (id, kind, words, of)."""
    return [[(s.id, s.kind.value, s.words, s.of) for s in steps] for steps in places.values()]


class _Source:
    """One file while it gets its switches. Copies of classes and tables are made before the code gets its own."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self._exchanges: dict[int, list[tuple[str, ast.expr]]] = {}
        self._openings: list[tuple[Function, list[ast.stmt]]] = []
        self._guards: list[tuple[ast.ClassDef, list[ast.stmt]]] = []
        self._tables: list[tuple[TableSpot, str, dict[str, ast.expr]]] = []

    def add(self, number: str, spot: Spot) -> tuple[Step, ...]:
        """The steps of a place: it raises, it does nothing, and what was found in it."""
        found = breakages_of(spot) if not _is_stored(spot) else ()
        ids = {breakage: f"{number}.{n}" for n, breakage in enumerate(found, start=2)}
        if isinstance(spot, FunctionSpot):
            self._add_function(number, spot, ids)
        elif isinstance(spot, ClassSpot):
            self._add_class(number, spot, ids)
        else:
            variants = {id_: _copied(_whole(spot), b.target, b.broken) for b, id_ in ids.items()}
            self._tables.append((spot, number, {f"{number}.1": _without_entry(spot), **variants}))
        parts = (Step(id_, b.kind, b.words, tuple(i for c, i in ids.items() if c.owns(b))) for b, id_ in ids.items())
        return (Step(f"{number}.0", Kind.RAISES, "raise"), Step(f"{number}.1", Kind.NOTHING, "nothing"), *parts)

    def switched(self) -> bytes:
        for table in self._tables:
            self._exchange_table(*table)
        tree = _Exchanged(self._exchanges).visit(self.tree)
        for function, opening in self._openings:
            function.body[:0] = opening
        for node, guard in self._guards:
            is_made_by_its_base = not any(isinstance(part, Function) and part.name == "__init__" for part in node.body)
            if is_made_by_its_base and node.bases and not node.decorator_list:
                node.body += ast.parse(_ASKED_WHEN_MADE).body
            holder = next(body for body in _bodies(tree) if node in body)
            holder[holder.index(node) + 1 : holder.index(node) + 1] = guard
        return ast.unparse(ast.fix_missing_locations(tree)).encode()

    def _add_function(self, number: str, spot: FunctionSpot, ids: Mapping[Breakage, str]) -> None:
        lines = [
            f'if {_is_on(number + ".0")}: raise RuntimeError("broken on purpose")',
            f"if {_is_on(number + '.1')}: return None",
        ]
        for breakage, id_ in ids.items():
            if isinstance(breakage.target, ast.arg):
                name, default = breakage.target.arg, breakage.broken
                assert isinstance(default, ast.Compare)
                old, new = ast.unparse(default.left), ast.unparse(default.comparators[0])
                lines.append(f"if {_is_on(id_)} and {name} == {old}: {name} = {new}")
            else:
                self._exchanges.setdefault(id(breakage.target), []).append((id_, breakage.broken))  # type: ignore[arg-type]
        opening = ast.parse("def f():\n" + "\n".join(f"    {line}" for line in lines)).body[0]
        self._openings.append((spot.node, opening.body))  # type: ignore[attr-defined]

    def _add_class(self, number: str, spot: ClassSpot, ids: Mapping[Breakage, str]) -> None:
        """A factory of each broken class, with those of the file that are built on it, and a guard at its making."""
        node, heirs = spot.node, _heirs(self.tree, spot.node)
        others = {f"{number}.1": _demanding_nothing(spot)} if not _is_stored(spot) else {}
        others |= {
            id_: _copied(node, b.target, b.broken) for b, id_ in ids.items() if not isinstance(b.target, ast.arg)
        }
        names = ", ".join(f"{c.name!r}: {c.name}" for c in (node, *heirs))
        made = ast.parse("\n".join(f"def {_factory(id_)}(): return {{{names}}}" for id_ in others)).body
        for function, other in zip(made, others.values(), strict=True):
            function.body[:0] = [other, *copy.deepcopy(heirs)]  # type: ignore[attr-defined]
        variants = ", ".join(f"{id_!r}: {_factory(id_)}" for id_ in others)
        forgets = (
            {f"{number}.1": [name for part in spot.parts if (name := field_name(part))]} if _is_stored(spot) else {}
        )
        guard = ast.parse(f"{SWITCH}.guard({node.name}, {number + '.0'!r}, {{{variants}}}, {forgets!r})").body
        self._guards.append((node, [*made, *guard]))

    def _exchange_table(self, spot: TableSpot, number: str, variants: Mapping[str, ast.expr]) -> None:
        lazily = ", ".join(f"{id_!r}: lambda: {ast.unparse(other)}" for id_, other in variants.items())
        wrapped = (
            f"{SWITCH}.table({ast.unparse(_whole(spot))}, {ast.unparse(spot.key)}, {number + '.0'!r}, {{{lazily}}})"
        )
        spot.statement.value = ast.parse(wrapped, mode="eval").body


def _is_on(id_: str) -> str:
    return f"{SWITCH}.is_broken({id_!r})"


def _factory(id_: str) -> str:
    return f"_greenlight_{id_.replace('.', '_')}"


def _is_stored(spot: Spot) -> bool:
    """A class of a table in a database cannot be made twice, and checks nothing when it is made."""
    return isinstance(spot, ClassSpot) and any(keyword.arg == "table" for keyword in spot.node.keywords)


def _whole(spot: TableSpot) -> ast.expr:
    assert spot.statement.value is not None
    return spot.statement.value


def _without_entry(spot: TableSpot) -> ast.expr:
    literal = spot.literal
    if isinstance(literal, ast.Dict):
        left = [(k, v) for k, v in zip(literal.keys, literal.values, strict=True) if k is not spot.key]
        return _copied(_whole(spot), literal, ast.Dict([k for k, _ in left], [v for _, v in left]))
    elements = [element for element in literal.elts if element is not spot.key]
    emptied = ast.parse("set()", mode="eval").body
    return _copied(_whole(spot), literal, type(literal)(elts=elements) if elements else emptied)


def _heirs(tree: ast.Module, node: ast.ClassDef) -> list[ast.ClassDef]:
    """Classes of the file that are built on this one, but for tables of a database."""
    names, found = {node.name}, []
    for other in tree.body:
        if not isinstance(other, ast.ClassDef) or _is_stored(ClassSpot(other, None)):
            continue
        if names & {base.id for base in other.bases if isinstance(base, ast.Name)}:
            names.add(other.name)
            found.append(other)
    return found


def _demanding_nothing(spot: ClassSpot) -> ast.ClassDef:
    """The class, or its one field, without limits, without checks, and with nothing that must be given."""
    body = list[ast.stmt]()
    for part in spot.node.body:
        if not any(part is mine for mine in spot.parts):
            body.append(part)
        elif isinstance(part, ast.AnnAssign) and field_name(part):
            body.append(without_demand(ast.AnnAssign(part.target, anything(), None, 1)))
        elif not _checks(part):
            body.append(part)
    if spot.field is None and not spot.node.bases and not spot.node.decorator_list:
        body += ast.parse("def __init__(self, *args, **kwargs): ...").body
    fields: dict[str, Any] = {**dict(ast.iter_fields(spot.node)), "body": body or [ast.Pass()]}
    return ast.copy_location(ast.ClassDef(**fields), spot.node)


def _checks(part: ast.stmt) -> bool:
    """A validator, how it is made, or the settings of a class of records, which may refuse what is unknown."""
    if isinstance(part, Function):
        return part.name in ("__init__", "__post_init__") or any(
            "validator" in ast.unparse(decorator) for decorator in part.decorator_list
        )
    return isinstance(part, ast.Assign) and "model_config" in map(ast.unparse, part.targets)


def _bodies(tree: ast.AST) -> list[list[ast.stmt]]:
    return [
        getattr(node, name)
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
        if isinstance(getattr(node, name, None), list)
    ]


def _copied(whole: _Node, target: ast.AST, broken: ast.AST) -> _Node:
    """The whole with one node exchanged; nothing of it is changed itself."""
    if whole is target:
        return broken  # type: ignore[return-value]
    fields = {
        name: [_copied(v, target, broken) if isinstance(v, ast.AST) else v for v in value]
        if isinstance(value, list)
        else _copied(value, target, broken)
        if isinstance(value, ast.AST)
        else value
        for name, value in ast.iter_fields(whole)
    }
    return ast.copy_location(type(whole)(**fields), whole)


class _Exchanged(ast.NodeTransformer):
    """Each target becomes `broken if the switch is on else target`, so that several may lie within each other."""

    def __init__(self, exchanges: Mapping[int, list[tuple[str, ast.expr]]]) -> None:
        self._exchanges = exchanges

    def visit(self, node: ast.AST) -> ast.AST:
        exchanges = self._exchanges.get(id(node), [])
        made = self.generic_visit(node)
        for id_, broken in exchanges:
            switch = ast.parse(_is_on(id_), mode="eval").body
            made = ast.IfExp(switch, broken, made)  # type: ignore[arg-type]
        return made
