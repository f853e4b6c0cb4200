"""Runs in the sandbox, alone: how fast the running service answers each operation, one request after the other; writes `found.json`.

Three rounds over the same records; the first request of an operation is warm-up and not counted. `rate`: how many a second two
clients get answered, which shares the machine with the service.
"""

import http.client
import json
import math
import sys
import threading
import time
from pathlib import Path
from typing import Any

from before_and_after import ROWS, Answer, Asked, Side, creation, multiply, requests
from page_journey import read_plan
from service_calls import ADDRESS, running

REPEATS, REQUESTS = 3, 40
# The more operations there are, and the longer one takes, the less often it is asked; never less than this.
ALL_SECONDS, ROUND_SECONDS, FEWEST = 2.0, 0.5, 3
RATE_SECONDS, CLIENTS = 0.5, 2


def main() -> None:
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "app.main:app",
        "--port",
        "8000",
        "--log-level",
        "error",
        "--no-access-log",
    ]
    settings = {"SIGN_IN": "local", "FEATURE_FORCE": "on", "PYTHONPATH": str(Path.cwd())}
    with running(command, f"{ADDRESS}/health", variables=settings) as answers:
        if not answers:
            sys.exit("the service does not answer")
        found = measured()
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


def measured() -> dict[str, Any]:
    side = Side("before", Path())
    made: dict[str, list[int]] = {}
    owners: dict[str, Any] = {}
    creations: list[Asked] = []
    for record in (read_plan(Path()) or {"records": []})["records"]:
        try:
            asked = creation(side.service, record, made)
            answer = side.ask(asked)
            made.setdefault(record["entity"], []).append(int(json.loads(answer.body)["id"]))
        except (OSError, ValueError, LookupError, TypeError):
            continue
        owners.setdefault(record["entity"], record)
        creations.append(asked)
    multiply(Path("service.db"), list(made))
    reads = [one for one in requests(Path(), made, owners) if one.method == "GET"]
    changes = [one for one in requests(Path(), made, owners) if one.name.startswith("update ")]
    operations = {one.name: one for one in (*reads, *changes)}
    seconds = min(ROUND_SECONDS, ALL_SECONDS / REPEATS / max(1, len(operations)))
    return {
        "operations": {name: rounds(side, one, seconds) for name, one in operations.items()},
        "rate": rate([one for one in reads if one.name.startswith(("list ", "get "))]),
        "rows": ROWS,
    }


def rounds(side: Side, asked: Asked, seconds: float) -> dict[str, Any]:
    warm = answered(side, asked)
    repeats, faults = [], int(is_fault(warm))
    for _ in range(REPEATS):
        times: list[float] = []
        began = time.monotonic()
        for _ in range(REQUESTS):
            if len(times) >= FEWEST and time.monotonic() - began > seconds:
                break
            answer = answered(side, asked)
            faults += is_fault(answer)
            times += [answer.milliseconds] if answer is not None else []
        repeats.append(times)
    return {"status": warm.status if warm else 0, "faults": faults, "milliseconds": repeats}


def is_fault(answer: Answer | None) -> bool:
    return answer is None or answer.status >= 500


def answered(side: Side, asked: Asked) -> Answer | None:
    """None where the service broke the connection off instead of answering."""
    try:
        return side.ask(asked)
    except (OSError, http.client.HTTPException):
        side.hang_up()
        return None


def rate(reads: list[Asked]) -> dict[str, Any]:
    """Answers a second of the reads, by two clients at once."""
    if not reads:
        return {"per_second": 0.0, "faults": 0}
    until = time.monotonic() + RATE_SECONDS
    counts: list[tuple[int, int]] = []

    def client() -> None:
        side, done, faults = Side("before", Path()), 0, 0
        while time.monotonic() < until:
            answer = answered(side, reads[done % len(reads)])
            faults += is_fault(answer)
            done += 1
        counts.append((done, faults))

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    began = time.monotonic()
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    seconds = max(time.monotonic() - began, 0.001)
    done = sum(count for count, _ in counts)
    return {"per_second": math.floor(10 * done / seconds) / 10, "faults": sum(faults for _, faults in counts)}


if __name__ == "__main__":
    main()
