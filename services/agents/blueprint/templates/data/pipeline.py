"""From the event log to daily figures: validate, set aside what does not fit, remove duplicates, add up per day.

    python -m analytics.pipeline --log events.jsonl --database analytics.db
    python -m analytics.pipeline --database analytics.db --erase 42 --property record_id

Running it again over the same log changes nothing. Late events land on their own day. A backfill is the same command
over an older log. --log may be a folder of logs. Made by the blueprint engine; no model was called.
"""

import argparse
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from analytics.plan import EVENTS

SCHEMA = """
CREATE TABLE IF NOT EXISTS raw_event (id TEXT PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL, day TEXT NOT NULL, properties TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dead_letter (id TEXT PRIMARY KEY, name TEXT NOT NULL, line TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS daily (day TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, events INTEGER NOT NULL, PRIMARY KEY (day, name, role));
CREATE TABLE IF NOT EXISTS figure (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
UNDATED = "undated"
_TYPES = {"integer": (int,), "money": (int,), "number": (int, float), "boolean": (bool,)}


def connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    return connection


def load(connection: sqlite3.Connection, lines: Iterable[str]) -> None:
    """One transaction: all of a log, or nothing of it."""
    seen: set[str] = set()
    counted = {"lines": 0, "duplicates": 0, "rejected": 0}
    with connection:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            counted["lines"] += 1
            id_, name, at, properties, reason = read_line(number, line)
            counted["duplicates"] += id_ in seen
            seen.add(id_)
            if reason:
                counted["rejected"] += 1
                connection.execute("INSERT OR IGNORE INTO dead_letter VALUES (?, ?, ?, ?)", (id_, name, line.strip(), reason))
            else:
                told = json.dumps(properties, sort_keys=True)
                connection.execute("INSERT OR IGNORE INTO raw_event VALUES (?, ?, ?, ?, ?)", (id_, name, at, at[:10] or UNDATED, told))
        connection.executemany("INSERT OR REPLACE INTO figure VALUES (?, ?)", counted.items())
        aggregate(connection)


def read_line(number: int, line: str) -> tuple[str, str, str, dict[str, object], str]:
    """(id, event, time, properties, why it does not fit). A line without an id is known by its place and its text."""
    fallback = hashlib.sha256(f"{number}:{line.strip()}".encode()).hexdigest()
    try:
        data = json.loads(line)
        name, properties = data["event"], data["properties"]
        at, id_ = str(data.get("at", "")), str(data.get("id") or fallback)
    except (ValueError, KeyError, TypeError, AttributeError):
        return fallback, "", "", {}, "is no event: it needs event and properties"
    if not isinstance(properties, dict) or not isinstance(name, str):
        return fallback, "", "", {}, "event must be a text and properties an object"
    return id_, name, at, properties, problem_of(name, properties)


def problem_of(name: str, properties: dict[str, object]) -> str:
    """Empty when the event fits the plan."""
    plan = EVENTS.get(name)
    if plan is None:
        return f"{name} is not in the plan"
    unknown = sorted(set(properties) - set(plan))
    if unknown:
        return f"unknown property {unknown[0]}"
    for key, (kind, required, choices) in plan.items():
        value = properties.get(key)
        if value is None:
            if required:
                return f"{key} is missing"
        elif choices is not None and value not in choices:
            return f"{key} is none of the allowed values"
        elif not isinstance(value, _TYPES.get(kind, (str,))) or (isinstance(value, bool) and kind != "boolean"):
            return f"{key} is no {kind}"
    return ""


def aggregate(connection: sqlite3.Connection) -> None:
    """Daily figures are always a function of the raw events, so they can be made again at any time."""
    connection.execute("DELETE FROM daily")
    connection.execute(
        "INSERT INTO daily SELECT day, name, coalesce(json_extract(properties, '$.role'), ''), count(*) FROM raw_event GROUP BY 1, 2, 3"
    )


def erase(connection: sqlite3.Connection, property_name: str, value: int) -> int:
    """Removes all events of one record everywhere, dead letters too; gives how many raw events went."""
    wanted = json.dumps({property_name: value}, sort_keys=True)[1:-1]
    with connection:
        gone = connection.execute("DELETE FROM raw_event WHERE json_extract(properties, '$.' || ?) = ?", (property_name, value)).rowcount
        connection.execute("DELETE FROM dead_letter WHERE instr(line, ?) > 0", (wanted,))
        aggregate(connection)
    return gone


def lines_of(log: Path) -> Iterator[str]:
    """Of a log, or of all logs of a folder: each pod writes its own."""
    for path in sorted(log.glob("events*.jsonl")) if log.is_dir() else [log]:
        with path.open(encoding="utf-8") as lines:
            yield from lines


def main() -> None:
    parser = argparse.ArgumentParser(description="Loads the event log into daily figures.")
    parser.add_argument("--log", default="events.jsonl")
    parser.add_argument("--database", default="analytics.db")
    parser.add_argument("--erase", type=int, help="the id of a record whose events are removed")
    parser.add_argument("--property", default="", help="the property that holds that id, for example order_id")
    given = parser.parse_args()
    connection = connect(given.database)
    if given.erase is not None:
        print(f"{erase(connection, given.property, given.erase)} events removed.")
        return
    load(connection, lines_of(Path(given.log)))
    print(dict(connection.execute("SELECT name, value FROM figure")))


if __name__ == "__main__":
    main()
