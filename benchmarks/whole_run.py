"""`make bench`: how long a whole run takes by command line, on an empty home."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from services.settings import ROOT

REPEATS = 3
TEXT = "Room booking. Employees book a room with a date and a number of guests. Managers confirm or cancel a booking."


def seconds() -> float:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "GREENLIGHT_DATA": home}
        base = [sys.executable, "-m", "services"]
        subprocess.run([*base, "user", "add", "ada"], cwd=ROOT, env=environment, check=True, capture_output=True)
        words = ["run", "--as", "ada", "--feature", TEXT, "--methodology", "traditional", "--complexity", "simple"]
        started = time.perf_counter()
        subprocess.run([*base, *words, "--approve-gates"], cwd=ROOT, env=environment, check=True, capture_output=True)
        return time.perf_counter() - started


def main() -> None:
    times = [seconds() for _ in range(REPEATS)]
    print(
        f"A whole run with four gates: median {statistics.median(times):.1f} s of {REPEATS} ({min(times):.1f} to {max(times):.1f})."
    )


if __name__ == "__main__":
    main()
