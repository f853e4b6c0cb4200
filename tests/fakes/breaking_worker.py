"""A worker whose last step always fails, as if the database were away for longer than every retry."""

import threading
from typing import NoReturn

from services import bootstrap
from services.runs import settling
from services.runs.worker import end_with_parent, run_worker


def _away(*_: object) -> NoReturn:
    raise ConnectionError("the database is away")


def main() -> None:
    settling.settle = _away  # type: ignore[assignment]
    end_with_parent()
    deps = bootstrap.worker_deps()
    run_worker(deps, bootstrap.engines(deps.settings), threading.Event())


if __name__ == "__main__":
    main()
