"""`migrate`: brings the database schema up, or down to a revision, and gives a PostgreSQL role the rights of a worker."""

import argparse
import sys

from sqlalchemy import Engine

from db.engine import make_engine
from db.migrate import BASE, HEAD, current_revision, downgrade, upgrade
from db.roles import grant_worker_rights, has_role
from services.bootstrap import make_data_folder
from services.commands import Commands
from services.errors import StartError
from services.settings import Settings, read_settings


def add_to(commands: Commands) -> None:
    command = commands.add_parser("migrate", help="bring the database schema up to date")
    command.add_argument(
        "--down-to", metavar="REVISION", help=f"go down instead; '{BASE}' removes every table and its rows"
    )
    command.add_argument(
        "--worker-role",
        metavar="NAME",
        help="on PostgreSQL: give this role exactly the rights of a worker, which cannot write decisions, policies or the ledger",
    )
    command.set_defaults(act=act)


def _give_rights(engine: Engine, settings: Settings, role: str) -> None:
    """Raises: StartError where there are no roles, or not this one."""
    from services.runs.durable import let_role_work

    if engine.dialect.name != "postgresql":
        raise StartError("Only PostgreSQL has roles. On SQLite every process that can read the file can write it.")
    if not has_role(engine, role):
        raise StartError(f"There is no role {role}. Make it first: CREATE ROLE \"{role}\" LOGIN PASSWORD '...'")
    let_role_work(settings, role)
    grant_worker_rights(engine, role)
    print(f"The role {role} may do the work of segments, and nothing else.", file=sys.stderr)


def act(options: argparse.Namespace) -> int:
    settings = read_settings()
    make_data_folder(settings)
    engine = make_engine(settings.database_url)
    try:
        if options.down_to:
            downgrade(engine, options.down_to)
        else:
            upgrade(engine, HEAD)
        if options.worker_role:
            _give_rights(engine, settings, options.worker_role)
        print(f"The schema is at revision {current_revision(engine) or BASE}.", file=sys.stderr)
    finally:
        engine.dispose()
    return 0
