"""`doctor`: what this machine offers, found out by trying."""

import argparse
import sys
from pathlib import Path

from db.engine import make_engine
from db.migrate import current_revision, newest_revision
from services import bootstrap
from services.commands import Commands
from services.evidence import sandbox
from services.evidence.environments import find_environments
from services.evidence.page_pictures import find_browser
from services.settings import Settings, read_settings


def add_to(commands: Commands) -> None:
    command = commands.add_parser("doctor", help="say what this machine offers: database, sandbox, browser, engines")
    command.set_defaults(act=act)


def act(_options: argparse.Namespace) -> int:
    settings = read_settings()
    for name, answer in findings(settings).items():
        print(f"{name:24}{answer}")
    return 0


def findings(settings: Settings) -> dict[str, str]:
    """What was found, a sentence per part."""
    probe = sandbox.probe()
    found = find_environments(settings.environments_dir)
    return {
        "python": sys.version.split()[0],
        "data": str(settings.data_dir),
        "database": _database(settings),
        "sandbox": _sandbox(probe),
        "environment of services": _environment(found.runtime),
        "environment of tools": _environment(found.tools),
        "browser": find_browser() or "none found; pictures of generated pages need Debian's chromium package",
        "engines": ", ".join(f"{engine.name} {engine.version}" for engine in bootstrap.engines(settings).values()),
    }


def _sandbox(probe: sandbox.SandboxProbe) -> str:
    if probe.problem:
        return f"none: {probe.problem}"
    if probe.lacks:
        return f"{probe.level.value}; checks that ask a running service are not measured. {probe.lacks}"
    return probe.level.value


def _environment(folder: Path | None) -> str:
    return str(folder) if folder else "missing; `make run` or `python -m services prepare` builds it"


def _database(settings: Settings) -> str:
    kind = settings.database_url.split(":", 1)[0].split("+", 1)[0]
    if kind == "sqlite" and not settings.data_dir.exists():
        return "sqlite, not created yet; `python -m services migrate` does"
    engine = make_engine(settings.database_url)
    try:
        found = current_revision(engine)
    finally:
        engine.dispose()
    newest = newest_revision()
    return f"{kind}, " + (
        "schema up to date" if found == newest else f"schema at {found}, newest is {newest}; run migrate"
    )
