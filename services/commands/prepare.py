"""`prepare`: everything a first start needs, said aloud. `make run` calls it before the server starts."""

import argparse
import sys

from services import bootstrap
from services.commands import Commands
from services.evidence.environments import prepare_environments
from services.settings import read_settings


def add_to(commands: Commands) -> None:
    command = commands.add_parser("prepare", help="create the data folder, the schema and the evaluation environment")
    command.add_argument("--environment-only", action="store_true", help="only what the tests need; no data folder")
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    settings = read_settings()
    if options.environment_only:
        prepare_environments(settings.environments_dir, _say)
    else:
        bootstrap.prepare(settings, _say)
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
