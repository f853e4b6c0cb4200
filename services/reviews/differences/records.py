"""Records as a table of changes: rows found again by their ids, then field by field."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.reviews.differences.sequences import Change

ROWS_MAX = 500
# What names a row, the first that every row of a list has.
_NAMES = ("id", "name", "key", "operation", "criterion", "field", "path", "route", "check", "rule", "title", "threat", "rung",
          "dependency", "metric", "area", "what", "role", "event", "function")  # fmt: skip


@dataclass(frozen=True)
class RecordChange:
    """`path`: dotted, within the row; empty where the whole row came or went. Values are JSON; None: not there.

    `row` is empty where the table is no list of rows.
    """

    kind: Change
    table: str
    row: str
    path: str
    before: Any
    after: Any


@dataclass(frozen=True)
class RecordDifference:
    """`left_out`: how many changes were found beyond the first `ROWS_MAX`."""

    changes: tuple[RecordChange, ...]
    left_out: int = 0


def compare_records(before: Mapping[str, Any], after: Mapping[str, Any]) -> RecordDifference:
    found: list[RecordChange] = []
    for table in [*before, *(name for name in after if name not in before)]:
        if table != "schema_version":
            found += _table(table, before.get(table), after.get(table))
    return RecordDifference(tuple(found[:ROWS_MAX]), max(0, len(found) - ROWS_MAX))


def _table(table: str, before: Any, after: Any) -> Iterator[RecordChange]:
    if not (_are_rows(before) and _are_rows(after)):
        for kind, path, old, new in _fields("", before, after):
            yield RecordChange(kind, table, "", path, old, new)
        return
    for name, old, new in _paired(before or [], after or []):
        if old is None or new is None:
            yield RecordChange(Change.ADDED if old is None else Change.REMOVED, table, name, "", old, new)
            continue
        for kind, path, was, now in _fields("", old, new):
            yield RecordChange(kind, table, name, path, was, now)


Field = tuple[Change, str, Any, Any]


def _fields(path: str, before: Any, after: Any) -> Iterator[Field]:
    """(kind, dotted path, before, after) of everything below that differs."""
    if before == after and _text(before) == _text(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(key for key in after if key not in before)]:
            yield from _fields(_below(path, name), before.get(name), after.get(name))
    elif _are_rows(before) and _are_rows(after) and (before or after):
        for name, old, new in _paired(before or [], after or []):
            if old is None or new is None:
                yield Change.ADDED if old is None else Change.REMOVED, _below(path, name), old, new
            else:
                yield from _fields(_below(path, name), old, new)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(path, before, after)
    else:
        yield Change.CHANGED, path, before, after


def _items(path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Field]:
    """What came to a list and what left it; the whole list where only its order is another."""
    old, new = [_text(item) for item in before], [_text(item) for item in after]
    gone, come = _without(old, new), _without(new, old)
    yield from ((Change.REMOVED, path, before[n], None) for n in gone)
    yield from ((Change.ADDED, path, None, after[n]) for n in come)
    if not gone and not come:
        yield Change.CHANGED, path, list(before), list(after)


def _without(items: Sequence[str], taken: Sequence[str]) -> list[int]:
    """Positions of what `taken` does not have, or not as often."""
    left: dict[str, int] = {}
    for item in taken:
        left[item] = left.get(item, 0) + 1
    found = []
    for position, item in enumerate(items):
        if left.get(item, 0):
            left[item] -= 1
        else:
            found.append(position)
    return found


def _paired(before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name, before, after): rows of the same name belong together; of several, first those that are equal."""
    key = next((k for k in _NAMES if all(k in row for row in (*before, *after))), None)
    old, new = _by_name(before, key), _by_name(after, key)
    for name in [*old, *(other for other in new if other not in old)]:
        ones, others = old.get(name, []), new.get(name, [])
        texts, again = [_text(row) for row in ones], [_text(row) for row in others]
        left, come = [ones[n] for n in _without(texts, again)], [others[n] for n in _without(again, texts)]
        for n in range(max(len(left), len(come))):
            yield name, left[n] if n < len(left) else None, come[n] if n < len(come) else None


def _by_name(rows: Sequence[Any], key: str | None) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for position, row in enumerate(rows, start=1):
        found.setdefault(str(row[key]) if key else f"row {position}", []).append(row)
    return found


def _are_rows(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
