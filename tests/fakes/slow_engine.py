"""The blueprint engine, slowed down, with every execution noted in a file. Also a worker process that uses it."""

import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from services import bootstrap
from services.agents.blueprint.engine import BlueprintEngine
from services.agents.engine import Brief, Draft, Work
from services.runs.worker import end_with_parent, run_worker


@dataclass(frozen=True)
class SlowEngine:
    """`log`: a line per begun and per ended execution: what, task key, process, seconds since the epoch."""

    log: Path
    seconds: float
    name: str = "blueprint"
    version: str = "slow"
    can_repair: bool = False

    def produce(self, brief: Brief, work: Work) -> Draft:
        self._note("begun", brief)
        time.sleep(self.seconds)
        draft = BlueprintEngine().produce(brief, work)
        self._note("ended", brief)
        return draft

    def _note(self, what: str, brief: Brief) -> None:
        with self.log.open("a") as file:
            file.write(f"{what} {brief.task.key} {os.getpid()} {time.time()}\n")


def main() -> None:
    log, seconds = Path(sys.argv[1]), float(sys.argv[2])
    end_with_parent()
    run_worker(bootstrap.worker_deps(), {"blueprint": SlowEngine(log, seconds)}, threading.Event())


if __name__ == "__main__":
    main()
