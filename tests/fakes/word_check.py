"""A check that reads files for a word, so that what a test writes decides what fails. Also a worker that only has this check."""

import os
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from services import bootstrap
from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work
from services.evidence.findings import found_in
from services.evidence.measurements import Measurement, judged, only_read
from services.evidence.registry import Check
from services.evidence.subjects import Subject, everything
from services.runs import repairs, settling
from services.runs.worker import end_with_parent, run_worker

WORD = b"OUT-OF-ORDER"
NOTES = "design/notes.md"
BROKEN, MENDED = b"OUT-OF-ORDER\n", b"mended\n"


def measure_words(subject: Subject) -> Measurement:
    found = [
        found_in(path, "out-of-order", "The file says OUT-OF-ORDER.", "Say something else.", line=1)
        for path, data in sorted(subject.files.items())
        if WORD in data
    ]
    outcome, reason = judged(found, "No file says OUT-OF-ORDER.")
    return only_read("words", 1, outcome=outcome, reason=reason, figures={}, findings=found)


CHECKS = (Check("words", (1, 2, 3, 4), measure_words, everything),)


@dataclass(frozen=True)
class MendingEngine:
    """The blueprint, whose design says OUT-OF-ORDER until it is told. `log`: a line when an execution begins and when it ends."""

    log: Path
    seconds: float
    name: str = "blueprint"
    version: str = "mending"
    can_repair: bool = True

    def produce(self, brief: Brief, work: Work) -> Draft:
        self._note("begun", brief)
        if brief.findings:
            time.sleep(self.seconds)
        draft = BlueprintEngine().produce(brief, work)
        self._note("ended", brief)
        if brief.task.key != "architecture":
            return draft
        return replace(draft, files={**draft.files, NOTES: MENDED if brief.findings else BROKEN})

    def _note(self, what: str, brief: Brief) -> None:
        with self.log.open("a") as file:
            file.write(f"{what} {brief.task.key} {len(brief.findings)} {os.getpid()}\n")


def main() -> None:
    settling.CHECKS = repairs.CHECKS = CHECKS  # type: ignore[attr-defined,assignment]
    log, seconds = Path(sys.argv[1]), float(sys.argv[2])
    end_with_parent()
    run_worker(bootstrap.worker_deps(), {"blueprint": MendingEngine(log, seconds)}, threading.Event())


if __name__ == "__main__":
    main()
