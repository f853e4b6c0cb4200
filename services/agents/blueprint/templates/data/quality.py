"""Can the figures be trusted? Each rule of the plan, measured over the loaded events.

    python -m analytics.quality --database analytics.db

Ends with code 1 when a rule is broken. Made by the blueprint engine; no model was called.
"""

import argparse
import json
import sqlite3
import sys
from datetime import UTC, datetime

from analytics.pipeline import UNDATED, connect
from analytics.plan import QUALITY, RECORDS

# A rule that nothing can be said about yet is not broken: there were no events.
Measured = float | None


def completeness(connection: sqlite3.Connection, event: str) -> Measured:
    """Share of an event's lines that fit the plan."""
    good = _number(connection, "SELECT count(*) FROM raw_event WHERE name = ?", event)
    bad = _number(connection, "SELECT count(*) FROM dead_letter WHERE name = ?", event)
    return good / (good + bad) if good + bad else None


def uniqueness(connection: sqlite3.Connection, _event: str) -> Measured:
    """Share of the lines of the last log that were not sent before."""
    figures = dict(connection.execute("SELECT name, value FROM figure"))
    return 1 - figures["duplicates"] / figures["lines"] if figures.get("lines") else None


def freshness(connection: sqlite3.Connection, _event: str) -> Measured:
    """Hours since the newest event of all, counted down from zero so that more is better."""
    newest = connection.execute("SELECT max(at) FROM raw_event WHERE day != ?", (UNDATED,)).fetchone()[0]
    if not newest:
        return None
    at = datetime.fromisoformat(newest)
    return -(datetime.now(UTC) - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds() / 3600


def range_(connection: sqlite3.Connection, event: str) -> Measured:
    """Share of events whose numbers are not negative."""
    rows = [json.loads(p) for (p,) in connection.execute("SELECT properties FROM raw_event WHERE name = ?", (event,))]
    good = [row for row in rows if all(v >= 0 for v in row.values() if isinstance(v, int | float))]
    return len(good) / len(rows) if rows else None


def referential(connection: sqlite3.Connection, event: str) -> Measured:
    """Share of events whose record was created by an event that we have."""
    record, created = RECORDS[event]
    ids = [row[0] for row in connection.execute(_RECORDS, (record, event))]
    known = {row[0] for row in connection.execute(_RECORDS, (record, created))}
    return sum(id_ in known for id_ in ids) / len(ids) if ids else None


_RECORDS = "SELECT json_extract(properties, '$.' || ?) FROM raw_event WHERE name = ?"
KINDS = {
    "completeness": completeness,
    "uniqueness": uniqueness,
    "freshness": freshness,
    "range": range_,
    "referential": referential,
}


def check(connection: sqlite3.Connection) -> list[tuple[str, str, str, Measured, float, bool]]:
    """(id, kind, event, measured, threshold, holds) of every rule."""
    found = []
    for id_, kind, event, threshold in QUALITY:
        measured = KINDS[kind](connection, event)
        found.append((id_, kind, event, measured, threshold, measured is None or measured >= threshold))
    return found


def _number(connection: sqlite3.Connection, query: str, event: str) -> int:
    return int(connection.execute(query, (event,)).fetchone()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the quality rules of the tracking plan.")
    parser.add_argument("--database", default="analytics.db")
    results = check(connect(parser.parse_args().database))
    for id_, kind, event, measured, threshold, holds in results:
        value = "no data" if measured is None else f"{measured:.4f}"
        print(f"{id_} {kind} {event}: {value} (at least {threshold}) {'holds' if holds else 'BROKEN'}")
    sys.exit(0 if all(result[-1] for result in results) else 1)


if __name__ == "__main__":
    main()
