"""Puts load on the running service and compares what is measured with budgets.json. Standard library only.

    python performance/load.py --base-url http://127.0.0.1:8000 --scenario load

Only answers below 400 are good. Ends with 0 when every budget holds, 1 when one does not, 2 when nothing could be
measured or the service refused what was sent. Made by the blueprint engine; no model was called.
"""

import argparse
import datetime as dt
import http.client
import itertools
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
WARM_UP_SHARE = 0.1
NEW = itertools.count(int(time.time() * 1000))  # unlike the numbers of every run before
TURNS = itertools.count()
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def percentile(values, share):
    """Nearest rank over sorted values."""
    return values[max(0, min(len(values) - 1, round(share / 100 * len(values)) - 1))]


def new_value(told):
    """A value that no other request has, within the limits of its field."""
    number = next(NEW)
    if told["new"] == "number":
        return told["from"] + number % (told["to"] - told["from"] + 1)
    sign = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        sign = DIGITS[digit] + sign
    if told["new"] == "email":
        return f"{sign}@example.org"
    text = f"https://example.org/{sign}" if told["new"] == "url" else f"{told['like']} {sign}"[-told["most"] :].strip()
    return text.rjust(told["least"], "x")


class Refused(OSError):
    """What has to be there before the load could not be made."""


class Caller(threading.Thread):
    """One connection that sends the mix until the time is over. `taken`: (when it ended, seconds, status)."""

    def __init__(self, address, plan, until, seed):
        super().__init__(daemon=True)
        self.address, self.plan, self.until = address, plan, until
        self.random = random.Random(seed)
        self.taken, self.told = [], {}
        self.shared, self.tokens = {}, {}
        self.made = (1, "")
        self.connection = None

    def send(self, method, path, token="", body=None):
        """(status, what was answered). Raises: OSError, HTTPException."""
        if self.connection is None:
            kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
            self.connection = kind(self.address.hostname, self.address.port, timeout=10)
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def token(self, role, *, is_own=False):
        """From LOAD_TOKEN, else from the service's own local sign-in; a new person's where a rule counts per person."""
        if os.environ.get("LOAD_TOKEN"):
            return os.environ["LOAD_TOKEN"]
        if role not in self.tokens or is_own:
            user = f"load-{next(NEW)}" if is_own else "load"
            status, data = self.send("POST", "/sign-in", body={"user": user, "role": role})
            if status != 200:
                raise Refused("it does not sign in locally; start it with SIGN_IN=local, or set LOAD_TOKEN")
            if is_own:
                return json.loads(data)["token"]
            self.tokens[role] = json.loads(data)["token"]
        return self.tokens[role]

    def body(self, name):
        """A new one for each request; what it refers to is there already, or is made now."""
        turn, now = next(TURNS), dt.datetime.now(dt.timezone.utc)
        return {field: self.value(told, turn, now) for field, told in self.plan["makes"][name]["body"].items()}

    def value(self, told, turn, now):
        if not isinstance(told, dict):
            return told
        if "new" in told:
            return new_value(told)
        if "refers_to" in told:
            return self.make(told["refers_to"])[0] if told.get("is_new") else self.shared[told["refers_to"]]
        later = told.get("step", 0) * turn
        if "days" in told:
            return (now.date() + dt.timedelta(days=told["days"] + later)).isoformat()
        return (now + dt.timedelta(seconds=told["seconds"] + later)).isoformat()

    def make(self, name):
        """(id, token of whoever made it). Raises: Refused."""
        maker = self.plan["makes"][name]
        token = self.token(maker["role"], is_own=maker["own_person"])
        status, data = self.send("POST", maker["path"], token, self.body(name))
        if status != 201:
            raise Refused(f"POST {maker['path']} answered {status}: {data.decode()[:300]}")
        return json.loads(data)["id"], token

    def prepare(self):
        """One of each that others refer to, and one to be read."""
        for name in self.plan["order"]:
            self.made = self.make(name)
            self.shared[name] = self.made[0]

    def run(self):
        mix = self.plan["mix"]
        while time.monotonic() < self.until:
            step = self.random.choices(mix, [s["share"] for s in mix])[0]
            try:
                self.measured(step)
            except (OSError, http.client.HTTPException) as error:
                if self.connection:
                    self.connection.close()
                self.connection = None
                self.note(time.perf_counter(), 0, str(error).encode())
        if self.connection:
            self.connection.close()

    def measured(self, step):
        """Only the request itself counts, not what had to be made or signed in for it."""
        id_, maker = self.made
        token = maker if step.get("as_maker") else self.token(step["role"], is_own=step["own_person"])
        body = self.body(step["makes"]) if "makes" in step else None
        started = time.perf_counter()
        status, data = self.send(step["method"], step["path"].replace("{id}", str(id_)), token, body)
        self.note(started, status, data)
        if status == 201:
            self.made = (json.loads(data)["id"], token)

    def note(self, started, status, data):
        self.taken.append((time.monotonic(), time.perf_counter() - started, status))
        if not 200 <= status < 400:
            self.told.setdefault(status, data.decode(errors="replace")[:300])


def measure(base_url, plan, concurrency, seconds):
    """(figures without the first tenth of the time, or None; status -> the first answer of each that was not good)."""
    first = Caller(urlsplit(base_url), plan, 0, 0)
    first.prepare()
    started = time.monotonic()
    callers = [Caller(urlsplit(base_url), plan, started + seconds, seed) for seed in range(concurrency)]
    for caller in callers:
        caller.made, caller.shared, caller.tokens = first.made, first.shared, dict(first.tokens)
        caller.start()
    for caller in callers:
        caller.join()
    told = {status: text for caller in callers for status, text in caller.told.items()}
    counted = [t for caller in callers for t in caller.taken if t[0] > started + seconds * WARM_UP_SHARE]
    good = sorted(taken for _, taken, status in counted if 200 <= status < 400)
    if not good:
        return None, told
    bad = Counter(str(status) for _, _, status in counted if not 200 <= status < 400)
    return {
        "requests": len(counted),
        "not_good": dict(bad),
        "errors_percent": 100 * (len(counted) - len(good)) / len(counted),
        "per_second": len(good) / (seconds * (1 - WARM_UP_SHARE)),
        **{f"p{p}_ms": 1000 * percentile(good, p) for p in (50, 75, 90, 95, 99)},
    }, told


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
        figures, told = measure(given.base_url, plan, concurrency, seconds)
    except OSError as error:
        print(f"The service at {given.base_url} cannot be measured: {error}", file=sys.stderr)
        sys.exit(2)
    for status, text in told.items():
        print(f"{status or 'no answer'}: {text}", file=sys.stderr)
    if figures is None:
        print("No request succeeded; nothing was measured.", file=sys.stderr)
        sys.exit(2)
    print(json.dumps({"scenario": given.scenario, "concurrency": concurrency, "seconds": seconds, **figures}, indent=2))
    broken = False
    for budget in budgets:
        measured, holds = compare(budget, figures)
        found = "not judged by one run" if measured is None else f"{measured:.2f}, {'holds' if holds else 'BROKEN'}"
        print(f"{budget['metric']} {budget['direction']} {budget['limit']:g} {budget['unit']}: {found}")
        broken = broken or not holds
    if any(400 <= status < 500 for status in told):
        print("The service refused requests: that is a fault of what is sent, and the figures are not its own.", file=sys.stderr)
        sys.exit(2)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
