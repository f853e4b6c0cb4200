"""What is broken at this moment, while the tests of a criterion are repeated over each breakage of its rule.

The files of the application were changed by services/evidence/sabotage.py so that they ask here. With nothing broken they
do what they always did.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

PLACE = "GREENLIGHT_MET"
broken = ""
is_met = False  # whether anything that is broken was come past
# Breakage -> the classes that it makes, by name; or the table. Made when first asked for.
VARIANTS: dict[str, Callable[[], Any]] = {}
_made: dict[str, Any] = {}
_PARTS_OF_A_RECORD = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")


def is_broken(breakage: str) -> bool:
    return broken == breakage and _meet()


def stop() -> None:
    """All that a function of a wholly broken application does; a process that a test starts tells it by a file."""
    if place := os.environ.get(PLACE):
        Path(place).touch()
    raise RuntimeError("broken on purpose")


def _meet() -> bool:
    global is_met
    is_met = True
    return True


def variant(breakage: str) -> Any:
    """None where the breakage is of another kind."""
    if breakage in VARIANTS and breakage not in _made:
        _made[breakage] = VARIANTS[breakage]()
    return _made.get(breakage)


def guard(cls: Any, raises: str, variants: Mapping[str, Callable[[], Any]], forgets: Mapping[str, list[str]]) -> None:
    """Making a record asks first whether its class is broken; then it is made like the broken one.

    `forgets`: breakage -> fields that are empty afterwards, for a class that cannot be made in another way.
    """
    VARIANTS.update(variants)
    make, validate = cls.__init__, getattr(cls, "model_validate", None)

    def other(kind: type) -> Any:
        if is_broken(raises):
            raise RuntimeError("broken on purpose")
        cls_now = variant(broken).get(kind.__name__) if broken in variants else None
        return cls_now if cls_now is not None and _meet() else None

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        cls_now = other(type(self))
        if cls_now is None:
            make(self, *args, **kwargs)
            for name in forgets.get(broken, ()):
                setattr(self, name, None)
                _meet()
        else:
            _become(self, cls_now(*args, **kwargs))

    def validated(kind: Any, *args: Any, **kwargs: Any) -> Any:
        cls_now = other(kind)
        if cls_now is None:
            return validate.__func__(kind, *args, **kwargs)  # type: ignore[union-attr]
        return _become(kind.__new__(kind), cls_now.model_validate(*args, **kwargs))

    cls.__init__ = made
    if validate:  # SQLModel makes its records there in another way
        cls.model_validate = classmethod(validated)


def _become(record: Any, other: Any) -> Any:
    for part in _PARTS_OF_A_RECORD:
        if hasattr(other, part):
            object.__setattr__(record, part, getattr(other, part))
    return record


def table(intact: Any, key: Any, raises: str, variants: Mapping[str, Callable[[], Any]]) -> Any:
    """A dictionary, set, list or tuple that reads like the broken one while it is broken."""
    VARIANTS.update(variants)
    kind = next((kind for plain, kind in _TABLES.items() if isinstance(intact, plain)), None)
    made: Any = kind(intact) if kind else dict(intact)
    made.greenlight = (intact, key, raises, frozenset(variants))
    return made


class _Table:
    greenlight: tuple[Any, Any, str, frozenset[str]] = ((), None, "", frozenset())

    def _now(self, asked: Any = None) -> Any:
        intact, key, raises, variants = self.greenlight
        if broken == raises and (asked is None or asked == key) and _meet():
            raise RuntimeError("broken on purpose")
        return variant(broken) if broken in variants and _meet() else intact

    def __contains__(self, item: Any) -> bool:
        return item in self._now(item)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())


class _Dictionary(_Table, dict[Any, Any]):
    def __getitem__(self, key: Any) -> Any:
        return self._now(key)[key]

    def get(self, key: Any, default: Any = None) -> Any:
        return self._now(key).get(key, default)

    def keys(self) -> Any:
        return self._now().keys()

    def values(self) -> Any:
        return self._now().values()

    def items(self) -> Any:
        return self._now().items()


class _Set(_Table, set[Any]):
    pass


class _FrozenSet(_Table, frozenset[Any]):
    pass


class _List(_Table, list[Any]):
    pass


class _Tuple(_Table, tuple[Any, ...]):
    pass


_TABLES: dict[type, Any] = {
    dict: _Dictionary,
    Mapping: _Dictionary,
    set: _Set,
    frozenset: _FrozenSet,
    list: _List,
    tuple: _Tuple,
}


class _EveryOfSet(frozenset[Any]):
    def __contains__(self, item: object) -> bool:
        return True

    def __and__(self, other: Any) -> Any:
        return frozenset(other)

    __rand__ = __and__

    def isdisjoint(self, other: Any) -> bool:
        return not other


class _EveryOfTuple(tuple[Any, ...]):
    def __contains__(self, item: object) -> bool:
        return True


def every(collection: Any) -> Any:
    """Reads like the collection, and anything is in it."""
    return (_EveryOfSet if isinstance(collection, set | frozenset) else _EveryOfTuple)(collection)


def changed(constant: Any) -> Any:
    """Its neighbour; of a collection, that of every member."""
    if isinstance(constant, bool):
        return not constant
    if isinstance(constant, str):
        return f"{constant}_"
    if isinstance(constant, int | float | Decimal):
        return constant + 1
    if isinstance(constant, dt.date):
        return constant + dt.timedelta(days=1)
    if isinstance(constant, dt.timedelta):
        return constant + dt.timedelta(seconds=1)
    if isinstance(constant, set | frozenset | list | tuple):
        return type(constant)(changed(member) for member in constant)
    return object()
