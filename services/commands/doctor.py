"""`doctor`: what this machine offers, found out by trying."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from db.engine import make_engine
from db.migrate import current_revision, newest_revision
from services import bootstrap
from services.commands import Commands
from services.evidence import sandbox
from services.evidence.environments import find_environments
from services.evidence.page_pictures import find_browser
from services.runs.breakers import open_breakers
from services.runs.connections import describe
from services.settings import Settings, read_settings

NOT_WORKING = 3
NOT_KNOWN = "not known without the database"
NO_MODEL = "no model is configured; docs/claude.md says how"


def add_to(commands: Commands) -> None:
    command = commands.add_parser("doctor", help="say what this machine offers: database, sandbox, browser, engines")
    command.add_argument("--try-models", action="store_true", help="make one tiny call to each configured model")
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    settings = read_settings()
    for name, answer in findings(settings).items():
        print(f"{name:24}{answer}")
    return _try_models(settings) if options.try_models else 0


def _try_models(settings: Settings) -> int:
    if settings.provider is None:
        print(f"{'trial':24}{NO_MODEL}")
        return NOT_WORKING
    from services.agents.claude.trial import try_models

    trials = try_models(settings.provider)
    for trial in trials:
        print(f"{'trial':24}{'works' if trial.is_working else 'does not work'}: {trial.sentence}")
    return 0 if all(trial.is_working for trial in trials) else NOT_WORKING


def findings(settings: Settings) -> dict[str, str]:
    """What was found, a sentence per part."""
    probe = sandbox.probe()
    found = find_environments(settings.environments_dir)
    database, away = _database(settings)
    return {
        "python": sys.version.split()[0],
        "data": str(settings.data_dir),
        "database": database,
        "sandbox": _sandbox(probe),
        "environment of services": _environment(found.runtime),
        "environment of tools": _environment(found.tools),
        "browser": find_browser() or "none found; pictures of generated pages need Debian's chromium package",
        "engines": ", ".join(f"{engine.name} {engine.version}" for engine in bootstrap.engines(settings).values()),
        "models": _models(settings),
        "models not asked": away,
    }


def _models(settings: Settings) -> str:
    if settings.provider is None:
        return NO_MODEL
    found = describe(settings.provider)
    return f"{', '.join(dict.fromkeys(found.models.values()))} at {found.address}; --try-models calls them"


def _sandbox(probe: sandbox.SandboxProbe) -> str:
    if probe.problem:
        return f"none: {probe.problem}"
    if probe.lacks:
        return f"{probe.level.value}; checks that ask a running service are not measured. {probe.lacks}"
    return probe.level.value


def _environment(folder: Path | None) -> str:
    return str(folder) if folder else "missing; `make run` or `python -m services prepare` builds it"


def _database(settings: Settings) -> tuple[str, str]:
    """The database itself, and the models that nobody asks now."""
    kind = settings.database_url.split(":", 1)[0].split("+", 1)[0]
    if kind == "sqlite" and not settings.data_dir.exists():
        return "sqlite, not created yet; `python -m services migrate` does", NOT_KNOWN
    engine = make_engine(settings.database_url)
    try:
        found, newest = current_revision(engine), newest_revision()
        if found != newest:
            return f"{kind}, schema at {found}, newest is {newest}; run migrate", NOT_KNOWN
        return f"{kind}, schema up to date", _away(settings, engine)
    finally:
        engine.dispose()


def _away(settings: Settings, engine: Engine) -> str:
    if settings.provider is None:
        return NO_MODEL
    with Session(engine) as session:
        found = open_breakers(session, settings.provider.address, datetime.now(UTC))
    return " ".join(breaker.sentence for breaker in found) or "none"
