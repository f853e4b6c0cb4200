"""`worker`: runs segments and tasks until it is told to stop, or until the process that started it ends."""

import argparse
import signal
import threading
from types import FrameType

from services import bootstrap
from services.commands import Commands


def add_to(commands: Commands) -> None:
    command = commands.add_parser("worker", help="run the agents' work; the web process starts one by itself")
    command.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    from services.reminders.loops import telling
    from services.runs.worker import end_with_parent, run_worker

    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    if options.with_parent:
        end_with_parent()
    deps = bootstrap.worker_deps()
    with telling(deps):
        run_worker(deps, bootstrap.engines(deps.settings), stop)
    return 0
