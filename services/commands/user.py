"""`user`: people without a browser. Passwords are never typed here; a one-time link is printed instead."""

import argparse

from services import bootstrap
from services.actors import Role
from services.commands import Commands
from services.people import users


def add_to(commands: Commands) -> None:
    command = commands.add_parser("user", help="add people and reset passwords")
    acts = command.add_subparsers(dest="user_act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="add a person; the first one makes the team and owns it")
    add.add_argument("name", metavar="NAME", help="user name: 2 to 64 letters, digits or . _ - @")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.MEMBER.value)
    add.add_argument("--team", metavar="TEAM", help="team name; needed only where there are several")
    add.set_defaults(act=add_user)
    reset = acts.add_parser("reset-password", help="print a one-time link that sets a new password")
    reset.add_argument("name", metavar="NAME")
    reset.set_defaults(act=reset_password)


def add_user(options: argparse.Namespace) -> int:
    deps = bootstrap.web_deps()
    secret = users.add_user(deps, username=options.name, role=Role(options.role), team_name=options.team)
    print(_link(deps.settings.port, secret))
    return 0


def reset_password(options: argparse.Namespace) -> int:
    deps = bootstrap.web_deps()
    print(_link(deps.settings.port, users.reset_password(deps, username=options.name)))
    return 0


def _link(port: int, secret: str) -> str:
    return f"http://127.0.0.1:{port}/?reset={secret}"
