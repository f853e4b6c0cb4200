"""`ledger`: checks that no entry of a team's chain was changed, added or taken away."""

import argparse

from services import bootstrap
from services.commands import Commands
from services.ledger import verify
from services.people import users

BROKEN = 3


def add_to(commands: Commands) -> None:
    command = commands.add_parser("ledger", help="verify the chain of decisions")
    command.add_argument("--as", dest="username", required=True, metavar="USER")
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    deps = bootstrap.web_deps()
    report = verify(deps, users.actor_for_command_line(deps, options.username))
    print(report.sentence)
    return 0 if report.is_whole else BROKEN
