"""`worker`: runs segments and tasks until it is told to stop, or until the process that started it ends."""

import argparse
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from services import bootstrap
from services.commands import Commands
from services.deps import Deps

GRACE_SECONDS = 5.0


def add_to(commands: Commands) -> None:
    command = commands.add_parser("worker", help="run the agents' work; the web process starts one by itself")
    command.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    from services.notifications.deliveries import run_deliveries
    from services.reminders.rounds import run_rounds
    from services.runs.worker import end_with_parent, run_worker

    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    if options.with_parent:
        end_with_parent()
    deps = bootstrap.worker_deps()
    with beside(deps, stop, run_rounds, run_deliveries):
        run_worker(deps, bootstrap.engines(deps.settings), stop)
    return 0


@contextmanager
def beside(deps: Deps, stop: threading.Event, *loops: Callable[[Deps, threading.Event], None]) -> Iterator[None]:
    """Each loop in a thread of its own for the length of a block, so that neither runs nor loops wait for each other."""
    threads = [threading.Thread(target=loop, args=(deps, stop), name=loop.__name__, daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(GRACE_SECONDS)
