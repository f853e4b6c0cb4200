"""`export`: a run as a zip file."""

import argparse
import sys
from pathlib import Path
from uuid import UUID

from services import bootstrap
from services.commands import Commands
from services.errors import InvalidInput
from services.exports import zip_run
from services.people import users


def add_to(commands: Commands) -> None:
    command = commands.add_parser("export", help="write a run to a zip file")
    command.add_argument("run", metavar="RUN", help="the run's id, as shown in its address")
    command.add_argument("--out", type=Path, required=True, metavar="F.zip")
    command.add_argument("--as", dest="username", required=True, metavar="USER")
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    try:
        run_id = UUID(options.run)
    except ValueError as error:
        raise InvalidInput({"run": "This is not a run id; copy it from the run's address."}) from error
    deps = bootstrap.web_deps()
    actor = users.actor_for_command_line(deps, options.username)
    options.out.write_bytes(zip_run(deps, actor, run_id=run_id))
    print(f"Wrote {options.out}.", file=sys.stderr)
    return 0
