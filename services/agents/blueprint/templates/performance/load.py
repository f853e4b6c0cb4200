"""Puts load on the running service and compares what is measured with budgets.json. Standard library only.

    python performance/load.py --base-url http://127.0.0.1:8000 --scenario load

Ends with 0 when every budget holds, 1 when one does not, 2 when nothing could be measured. Made by the blueprint
engine; no model was called.
"""

import argparse
import http.client
import json
import os
import random
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
WARM_UP_SHARE = 0.1


def percentile(values, share):
    """Nearest rank over sorted values."""
    return values[max(0, min(len(values) - 1, round(share / 100 * len(values)) - 1))]


class Caller(threading.Thread):
    """One connection that sends the mix until the time is over. `taken`: (when it ended, seconds, was it good)."""

    def __init__(self, address, mix, until, seed):
        super().__init__(daemon=True)
        self.address, self.mix, self.until = address, mix, until
        self.random = random.Random(seed)
        self.taken = []
        self.made = 1

    def connect(self):
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        return kind(self.address.hostname, self.address.port, timeout=10)

    def run(self):
        connection = self.connect()
        while time.monotonic() < self.until:
            step = self.random.choices(self.mix, [s["share"] for s in self.mix])[0]
            started = time.perf_counter()
            try:
                is_good = self.send(connection, step)
            except (OSError, http.client.HTTPException):
                connection.close()
                is_good = False
            self.taken.append((time.monotonic(), time.perf_counter() - started, is_good))
        connection.close()

    def send(self, connection, step):
        headers = {"Authorization": f"Bearer {step['token']}", "Content-Type": "application/json"}
        body = json.dumps(step["body"]) if "body" in step else None
        connection.request(step["method"], step["path"].replace("{id}", str(self.made)), body, headers)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status == 201:
            self.made = json.loads(data)["id"]
        return answer.status < 500 and answer.status != 404


def measure(base_url, mix, concurrency, seconds):
    """Figures without the first tenth of the time."""
    started = time.monotonic()
    # One record first, so that reading one by its id finds something.
    first = Caller(urlsplit(base_url), [s for s in mix if "body" in s] or mix, started, 0)
    callers = [Caller(urlsplit(base_url), mix, started + seconds, seed) for seed in range(concurrency)]
    connection = first.connect()
    first.send(connection, first.mix[0])
    connection.close()
    for caller in callers:
        caller.made = first.made
        caller.start()
    for caller in callers:
        caller.join()
    counted = [t for caller in callers for t in caller.taken if t[0] > started + seconds * WARM_UP_SHARE]
    good = sorted(taken for _, taken, is_good in counted if is_good)
    if not good:
        return None
    return {
        "requests": len(counted),
        "errors_percent": 100 * (len(counted) - len(good)) / len(counted),
        "per_second": len(good) / (seconds * (1 - WARM_UP_SHARE)),
        **{f"p{p}_ms": 1000 * percentile(good, p) for p in (50, 75, 90, 95, 99)},
    }


def compare(budget, figures):
    """(measured, holds). Availability is judged by its monitor over weeks, not by one run."""
    kind, limit = budget["metric"], budget["limit"]
    if kind == "latency":
        measured = figures[f"p{budget['percentile']}_ms"]
        return measured, measured <= limit
    if kind == "throughput":
        return figures["per_second"], figures["per_second"] >= limit
    if kind == "rate":
        return figures["errors_percent"], figures["errors_percent"] <= limit
    return None, True


def with_tokens(base_url, mix):
    """Each step with a token of its role: from LOAD_TOKEN, else from the service's own local sign-in."""
    given, tokens = os.environ.get("LOAD_TOKEN", ""), {}
    for role in {step["role"] for step in mix}:
        tokens[role] = given or sign_in(base_url, role)
    return [{**step, "token": tokens[step["role"]]} for step in mix]


def sign_in(base_url, role):
    """Raises: OSError when the service neither answers nor signs in locally."""
    address = urlsplit(base_url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname, address.port, timeout=10)
    body = json.dumps({"user": "load", "role": role})
    connection.request("POST", "/sign-in", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    if answer.status != 200:
        raise OSError("it does not sign in locally; start it with SIGN_IN=local, or set LOAD_TOKEN")
    return json.loads(data)["token"]


def main():
    parser = argparse.ArgumentParser(description="Puts load on the running service.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--scenario", default="load")
    parser.add_argument("--concurrency", type=int)
    parser.add_argument("--seconds", type=float)
    given = parser.parse_args()
    plan = json.loads((HERE / "scenarios.json").read_text(encoding="utf-8"))
    budgets = json.loads((HERE / "budgets.json").read_text(encoding="utf-8"))
    scenario = next(s for s in plan["scenarios"] if s["name"] == given.scenario)
    concurrency = given.concurrency or scenario["concurrency"]
    seconds = given.seconds or scenario["duration_seconds"]
    try:
        figures = measure(given.base_url, with_tokens(given.base_url, plan["mix"]), concurrency, seconds)
    except OSError as error:
        print(f"The service at {given.base_url} does not answer: {error}", file=sys.stderr)
        sys.exit(2)
    if figures is None:
        print("No request succeeded; nothing was measured.", file=sys.stderr)
        sys.exit(2)
    print(json.dumps({"scenario": given.scenario, "concurrency": concurrency, "seconds": seconds, **figures}, indent=2))
    broken = False
    for budget in budgets:
        measured, holds = compare(budget, figures)
        told = "not judged by one run" if measured is None else f"{measured:.2f}, {'holds' if holds else 'BROKEN'}"
        print(f"{budget['metric']} {budget['direction']} {budget['limit']:g} {budget['unit']}: {told}")
        broken = broken or not holds
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
