"""`migrate`: brings the database schema up, or down to a revision."""

import argparse
import sys

from db.engine import make_engine
from db.migrate import BASE, HEAD, current_revision, downgrade, upgrade
from services.bootstrap import make_data_folder
from services.commands import Commands
from services.settings import read_settings


def add_to(commands: Commands) -> None:
    command = commands.add_parser("migrate", help="bring the database schema up to date")
    command.add_argument(
        "--down-to", metavar="REVISION", help=f"go down instead; '{BASE}' removes every table and its rows"
    )
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    settings = read_settings()
    make_data_folder(settings)
    engine = make_engine(settings.database_url)
    if options.down_to:
        downgrade(engine, options.down_to)
    else:
        upgrade(engine, HEAD)
    print(f"The schema is at revision {current_revision(engine) or BASE}.", file=sys.stderr)
    engine.dispose()
    return 0
