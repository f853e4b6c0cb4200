"""A worker process: launches the durable engine and cares for it until it is told to stop."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping

from services.agents.engine import Engine
from services.deps import Deps
from services.runs import durable

log = logging.getLogger(__name__)

KEEP_SECONDS = 1.0
GRACE_SECONDS = 5.0


def run_worker(deps: Deps, engines: Mapping[str, Engine], stop: threading.Event) -> None:
    """Returns after `stop` is set; finished work is kept, the rest is taken up by the next worker."""
    executor = durable.launch(deps, engines)
    log.info("worker %s is ready", executor)
    try:
        while True:
            try:
                durable.keep(deps, executor)
            except Exception:
                # The border of the worker loop: a database that is away for a moment must not end the worker.
                log.exception("the worker's care failed; it is tried again")
            if stop.wait(KEEP_SECONDS):
                return
    finally:
        durable.shut_down(deps, executor)
        log.info("worker %s has stopped", executor)


def end_with_parent() -> None:
    """Ends this process when the one that started it ends, however it ends.

    The parent holds the other end of standard input; the kernel closes it even after kill -9, on Linux and macOS.
    """
    threading.Thread(target=_watch_parent, daemon=True, name="parent-watch").start()


def _watch_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):  # the buffered reader would hold a lock while the interpreter ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    os._exit(1)
