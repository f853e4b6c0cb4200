"""`make bench`: seconds and peak memory of whole runs by command line, from a title alone to an epic of many rules.

Each with its four gates and all of its checks, in an empty home, one after the other, with the options of `tests/corpus`.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.memory import watched
from services.settings import ROOT
from services.workflow.options import Complexity
from tests.corpus import CorpusRequest, corpus
from tests.corpus.options import Row, option_rows
from tests.corpus.runs import command_line

CHOSEN = ("01", "02", "13", "28", "14", "31", "04", "15", "23", "36")


def chosen() -> list[tuple[CorpusRequest, Row]]:
    """The simple ones first."""
    found = [
        (request, row)
        for request, row in zip(corpus(), option_rows(len(corpus())), strict=True)
        if request.id[:2] in CHOSEN
    ]
    return sorted(found, key=lambda case: (list(Complexity).index(case[1]["complexity"]), case[0].id))


def measure(request: CorpusRequest, row: Row) -> tuple[float, float, int]:
    """Seconds, peak MiB, and how many processes there were then.

    Raises: RuntimeError when the run does not end well; a figure of such a run says nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "GREENLIGHT_DATA": f"{folder}/home"}
        base = [sys.executable, "-m", "services"]
        subprocess.run([*base, "user", "add", "ada"], cwd=ROOT, env=environment, check=True, capture_output=True)
        words = [*base, *command_line(request, row, Path(folder) / "request"), f"--export={folder}/export"]
        started = time.perf_counter()
        process = subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        with watched(process.pid) as peak:
            _, said = process.communicate()
        seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{request.id}: {said[-500:]}")
    return seconds, peak.mebibytes, peak.processes


def main() -> None:
    print("| request | methodology, complexity, strategy | seconds | peak memory, PSS of all processes |")
    print("|---|---|---:|---:|")
    for request, row in chosen():
        seconds, mebibytes, processes = measure(request, row)
        about = f"{row['methodology']}, {row['complexity']}, {row['deployment_strategy']}"
        print(f"| {request.id} | {about} | {seconds:.0f} | {mebibytes:.0f} MiB in {processes} |", flush=True)


if __name__ == "__main__":
    main()
