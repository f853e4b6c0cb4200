"""`ledger`: checks that no entry of a team's chain was changed, added or taken away.

Entries missing at the end show only against a head that was kept elsewhere: every export has it in `evidence/run.json`.
"""

import argparse

from services import bootstrap
from services.commands import Commands
from services.ledger import verify
from services.people import users

BROKEN = 3


def add_to(commands: Commands) -> None:
    command = commands.add_parser("ledger", help="verify the chain of decisions")
    command.add_argument("--as", dest="username", required=True, metavar="USER")
    command.add_argument("--head", metavar="HEX", help="the head that an export holds; the chain must still contain it")
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    deps = bootstrap.web_deps()
    report = verify(deps, users.actor_for_command_line(deps, options.username), known_head=options.head)
    print(report.sentence)
    return 0 if report.is_whole else BROKEN
