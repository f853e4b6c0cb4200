"""The one composition root: builds the real things for a process; nothing is created at import.

Web and command-line processes may sign the ledger; worker processes, where agents work, may not.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from db.engine import make_engine
from db.migrate import upgrade
from services.agents.engine import Engine
from services.deps import Deps
from services.logs import configure_logs
from services.settings import ROOT, Settings, read_settings


def engines(settings: Settings) -> Mapping[str, Engine]:
    """The engines that this installation offers, by name: one with a model only where somebody answers for it."""
    from services.agents.blueprint.engine import BlueprintEngine

    found: list[Engine] = [BlueprintEngine()]
    if settings.provider:
        from services.agents.claude.engine import make_engine as make_claude

        found.append(make_claude(settings.provider))
    return {engine.name: engine for engine in found}


def prepare(settings: Settings, say: Callable[[str], None]) -> None:
    """Everything a first start needs: data folder, schema, evaluation environment."""
    from services.evidence.environments import prepare_environments

    make_data_folder(settings)
    say(f"Data lives in {settings.data_dir}.")
    engine = make_engine(settings.database_url)
    upgrade(engine)
    engine.dispose()
    say("The database schema is up to date.")
    prepare_environments(settings.environments_dir, say)


def make_data_folder(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    # A folder that others may read would show them the database and the secrets.
    settings.data_dir.chmod(0o700)


def _build(settings: Settings) -> Deps:
    from services.runs.durable import DurableDispatcher

    configure_logs()
    make_data_folder(settings)
    engine = make_engine(settings.database_url)
    upgrade(engine)
    deps = Deps(
        settings=settings,
        engine=engine,
        dispatcher=_Undispatched(),
        now=lambda: datetime.now(UTC),
        new_id=uuid4,
        ledger_key=None,
        engines=tuple(engines(settings)),
    )
    return replace(deps, dispatcher=DurableDispatcher(deps))


def web_deps(settings: Settings | None = None) -> Deps:
    """For the web process and the command line: may sign decisions."""
    settings = settings or read_settings()
    deps = _build(settings)
    return replace(deps, ledger_key=settings.secret("ledger_key"))


def worker_deps(settings: Settings | None = None) -> Deps:
    """For worker processes: without the ledger key, so that no agent's code can sign."""
    os.environ.pop("GREENLIGHT_LEDGER_KEY", None)
    return _build(settings or read_settings())


@dataclass(frozen=True)
class WorkerChild:
    """A worker that ends with the process that started it: its standard input is a pipe that we hold."""

    process: subprocess.Popen[bytes]

    def stop(self, grace_seconds: float = 10) -> None:
        """Ask it to stop; what it could not finish is taken up by the next worker."""
        self.process.terminate()
        try:
            self.process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_worker_child(settings: Settings) -> WorkerChild:
    """A worker process beside this one, for an installation without workers of its own."""
    environment = {**os.environ, "GREENLIGHT_DATA": str(settings.data_dir)}
    environment.pop("GREENLIGHT_LEDGER_KEY", None)
    command = [sys.executable, "-m", "services", "worker", "--with-parent"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=sys.stderr)  # noqa: S603
    return WorkerChild(process)


@contextmanager
def worker_beside(settings: Settings) -> Iterator[None]:
    """A worker child for the length of a block, unless workers are run elsewhere."""
    child = start_worker_child(settings) if settings.embedded_worker else None
    try:
        yield
    finally:
        if child:
            child.stop()


class _Undispatched:
    """Stands in for the dispatcher while it is being built from the same deps."""

    def dispatch(self) -> None:
        raise RuntimeError("the dispatcher is not built yet")

    def cancel(self, workflow_prefix: str) -> None:
        raise RuntimeError("the dispatcher is not built yet")
