"""Who tells people: every process whose database role may, beside whatever else it does."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from db.roles import may_insert
from services.deps import Deps
from services.notifications.deliveries import run_deliveries
from services.reminders.rounds import run_rounds

log = logging.getLogger(__name__)
GRACE_SECONDS = 5.0


@contextmanager
def telling(deps: Deps) -> Iterator[None]:
    """Reminders and deliveries for the length of a block, in threads of their own: neither waits for the other, nor for a run.

    A worker under a role that reads no account leaves them to the web process.
    """
    if not may_insert(deps.engine, "notification"):
        log.info("the database role of this process may not tell people anything; the web process does")
        yield
        return
    stop = threading.Event()
    threads = [
        threading.Thread(target=loop, args=(deps, stop), name=loop.__name__, daemon=True)
        for loop in (run_rounds, run_deliveries)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(GRACE_SECONDS)
