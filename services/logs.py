"""Logs are for operators: what the process did, never a prompt, an answer, a request or a secret.

The run and the task of a line come from context variables, so that every module can use plain `logging`.
"""

import logging
import sys
from contextvars import ContextVar

run_of_line: ContextVar[str] = ContextVar("run_of_line", default="-")
task_of_line: ContextVar[str] = ContextVar("task_of_line", default="-")


class _Context(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.run = run_of_line.get()
        record.task = task_of_line.get()
        return True


def configure_logs(level: int = logging.INFO) -> None:
    """One line per record on stderr; a second call changes nothing."""
    root = logging.getLogger("services")
    if root.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Context())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s run=%(run)s task=%(task)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(level)
    root.propagate = False
