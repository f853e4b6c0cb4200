"""Runs in the sandbox: starts the services of `before/` and `after/`, puts the same requests to both, writes `found.json`.

Both hold the same few thousand records. A request that both refuse alike is left out; it says nothing of what work costs.
"""

import gzip
import http.client
import itertools
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from page_journey import moment, read_plan
from service_calls import Service, answers, started

PORTS = {"before": 8000, "after": 8001}
ROWS = 3_000
ROUNDS = 3
# What no two services have in common: when it was.
_MOMENTS = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")
_UNLIKE = re.compile(rb'"(next|token|secret)": ?"[^"]*"')


@dataclass(frozen=True)
class Asked:
    """One request. `role` and `user` are empty for what everybody may have."""

    name: str
    method: str
    path: str
    body: Any = None
    role: str = ""
    user: str = ""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    statements: int
    instructions: int
    size: int
    milliseconds: float

    @property
    def content(self) -> bytes:
        """What can be compared with the answer of the other side; in JSON the order of names says nothing."""
        try:
            text = json.dumps(json.loads(self.body), sort_keys=True).encode()
        except ValueError:
            text = self.body
        return _UNLIKE.sub(b"", _MOMENTS.sub(b"then", text))


class Side:
    """One of the two services, running in its folder; or the only one, in a folder that is named."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else Path(name)
        self.service = Service(self.folder, f"http://127.0.0.1:{PORTS[name]}")
        self._connection = http.client.HTTPConnection("127.0.0.1", PORTS[name], timeout=20)

    def hang_up(self) -> None:
        """The next request takes a new connection."""
        self._connection.close()

    def ask(self, asked: Asked) -> Answer:
        token = self.service.token(asked.user, asked.role) if asked.role else ""
        headers = {"Accept-Encoding": "gzip", "Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        body = None if asked.body is None else json.dumps(asked.body)
        started = time.perf_counter()
        self._connection.request(asked.method, asked.path, body, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        taken = 1000 * (time.perf_counter() - started)
        plain = gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data
        statements, instructions = (
            int(answer.headers.get(f"X-{name}", "0")) for name in ("Statements", "Instructions")
        )
        return Answer(answer.status, plain, statements, instructions, len(data), taken)


def main() -> None:
    Path("found.json").unlink(missing_ok=True)
    harness = Path(__file__).parent
    processes: dict[str, subprocess.Popen[bytes]] = {}
    with ExitStack() as stack:
        for name, port in PORTS.items():
            # As `uvicorn app.main:app` does in that folder.
            command = [sys.executable, str(harness / "counted_service.py"), str(port)]
            variables = {"PYTHONPATH": os.pathsep.join([str(harness), str(Path(name).resolve())])}
            processes[name] = stack.enter_context(started(command, folder=Path(name), variables=variables))
        for name, process in processes.items():
            if not answers(process, f"http://127.0.0.1:{PORTS[name]}/health"):
                sys.exit(f"the service {name} the change does not answer")
        rows = compared(Side("before"), Side("after"))
    if not rows:
        sys.exit("no request was answered by both services")
    Path("found.json").write_text(json.dumps(rows), encoding="utf-8")


def compared(before: Side, after: Side) -> list[dict[str, Any]]:
    rows = []
    plan = read_plan(before.folder) or {"records": []}
    made: dict[str, list[int]] = {}
    owners: dict[str, Mapping[str, Any]] = {}
    for record in plan["records"]:
        try:
            asked = creation(before.service, record, made)
        except (KeyError, IndexError):  # what it refers to was refused
            continue
        pair = before.ask(asked), after.ask(asked)
        rows.append(row(asked.name, [pair]))
        if pair[0].status == 201:
            made.setdefault(record["entity"], []).append(int(json.loads(pair[0].body)["id"]))
            owners.setdefault(record["entity"], record)
    for side in (before, after):
        multiply(side.folder / "service.db", list(made))
    for asked in requests(before.folder, made, owners):
        rounds = ROUNDS if asked.method == "GET" else 1
        rows.append(row(asked.name, [(before.ask(asked), after.ask(asked)) for _ in range(rounds)]))
    rows.append(page_row(before, after))
    return [found for found in first_of_each(rows) if found["before"]["status"] < 400 or not found["is_same"]]


def creation(service: Service, record: Mapping[str, Any], made: Mapping[str, list[int]]) -> Asked:
    body = service.body(record, made, moment)
    path = service.creations[record["entity"]]
    return Asked(f"create {words(record['entity'])}", "POST", path, body, record["role"], record["user"])


def requests(folder: Path, made: Mapping[str, list[int]], owners: Mapping[str, Mapping[str, Any]]) -> Iterator[Asked]:
    """What the design offers for each kind of record: reads first, what ends a record last."""
    design = json.loads((folder / "design/architecture.json").read_text(encoding="utf-8"))
    fields = {entity["name"]: entity for entity in design["entities"]}
    order = ("list", "get", "update")
    for entity, ids in made.items():
        operations = [op for op in design["operations"] if op["resource"] == entity and op["verb"] != "create"]
        operations.sort(
            key=lambda op: (op["method"] == "DELETE", order.index(op["verb"]) if op["verb"] in order else 3)
        )
        user = owners[entity]["user"]
        for op in operations:
            role = owners[entity]["role"] if owners[entity]["role"] in op["roles"] else op["roles"][0]
            path = op["path"].replace("{id}", str(ids[0]))
            known = {k: v for k, v in owners[entity]["values"].items() if not isinstance(v, dict)}
            sent = known if op["verb"] == "update" else {}
            body = sent if op["method"] in ("POST", "PATCH", "PUT") else None
            name = f"{op['verb']} {words(entity)}"
            yield Asked(name, op["method"], path, body, role, user)
            if op["verb"] == "list":
                yield from narrowed(name, path, fields[entity], role, user)


def narrowed(name: str, path: str, entity: Mapping[str, Any], role: str, user: str) -> Iterator[Asked]:
    if entity["states"]:
        yield Asked(f"{name} by state", "GET", f"{path}?state={entity['states'][0]}", None, role, user)
    for field in entity["fields"]:
        if field["type"] == "reference":
            yield Asked(f"{name} by {words(field['name'])}", "GET", f"{path}?{field['name']}=1", None, role, user)


def words(name: str) -> str:
    return name.replace("_", " ")


def page_row(before: Side, after: Side) -> dict[str, Any]:
    """The page with all of its files, as a browser without any of them takes it."""
    root = before.folder / "web"
    names = [str(path.relative_to(root)) for path in sorted(root.rglob("*")) if path.is_file()]
    asked = [Asked(name, "GET", f"/{name}") for name in names if not name.startswith("tests/")]
    pairs = [(before.ask(one), after.ask(one)) for one in asked]
    told = row("the page", [(summed([one for one, _ in pairs]), summed([other for _, other in pairs]))])
    return told | {"is_same": all(one.content == other.content for one, other in pairs)}


def summed(answers: list[Answer]) -> Answer:
    return Answer(
        max(answer.status for answer in answers),
        b"",
        sum(answer.statements for answer in answers),
        sum(answer.instructions for answer in answers),
        sum(answer.size for answer in answers),
        sum(answer.milliseconds for answer in answers),
    )


def row(name: str, pairs: list[tuple[Answer, Answer]]) -> dict[str, Any]:
    """What the first answers of both sides cost, and the median time of all."""
    before, after = pairs[0]
    is_same = (before.status, before.content) == (after.status, after.content)
    sides = dict(zip(PORTS, zip(*pairs, strict=True), strict=True))
    return {"name": name, "is_same": is_same, **{side: costs(answers) for side, answers in sides.items()}}


def costs(answers: Sequence[Answer]) -> dict[str, float]:
    first = answers[0]
    return {
        "status": first.status,
        "statements": first.statements,
        "instructions": first.instructions,
        "bytes": first.size,
        "milliseconds": round(statistics.median(answer.milliseconds for answer in answers), 2),
    }


def first_of_each(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per name: the first that differs, else the first that succeeded."""
    best: dict[str, dict[str, Any]] = {}
    for one in rows:
        known = best.get(one["name"])
        if known is None or (known["is_same"] and (not one["is_same"] or known["before"]["status"] >= 400)):
            best[one["name"]] = one
    return list(best.values())


def multiply(database: Path, tables: list[str]) -> None:
    """Many more records like those that are there, of a hundred people, so that reading all of them shows."""
    with sqlite3.connect(database, timeout=20) as connection:
        connection.row_factory = sqlite3.Row
        for table in tables:
            known = [dict(found) for found in connection.execute(f'SELECT * FROM "{table}"')]  # noqa: S608
            different = unique_columns(connection, table)
            for number in range(ROWS if known else 0):
                copy = dict(known[number % len(known)])
                del copy["id"]
                copy["created_by"] = f"somebody {number % 100}"
                copy |= {name: unlike(copy[name], number) for name in different}
                names, marks = ", ".join(f'"{name}"' for name in copy), ", ".join("?" * len(copy))
                connection.execute(f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({marks})', list(copy.values()))  # noqa: S608
    connection.close()


def unique_columns(connection: sqlite3.Connection, table: str) -> set[str]:
    indexes = [found["name"] for found in connection.execute(f'PRAGMA index_list("{table}")') if found["unique"]]
    found = itertools.chain.from_iterable(connection.execute(f'PRAGMA index_info("{name}")') for name in indexes)
    return {column["name"] for column in found}


def unlike(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return f"{value} {number}"
    return value + number + 1 if isinstance(value, int) else value


if __name__ == "__main__":
    main()
