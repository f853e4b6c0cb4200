"""The command line: `python -m services --help`. Each command is one module of `services/commands`."""

import argparse
import sys
from collections.abc import Sequence

from services.commands import doctor, export, ledger, migrate, prepare, run, user, worker
from services.errors import InvalidInput, StartError, UserError

COMMANDS = (run, user, worker, migrate, export, ledger, doctor, prepare)
WRONG_INPUT = 2


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="python -m services", description="Greenlight without a screen.")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.add_to(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 finished, 2 wrong input, 3 failed, 4 waiting at a gate."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.act(options)
    except InvalidInput as error:
        for field, sentence in error.problems.items():
            print(f"{field}: {sentence}", file=sys.stderr)
        return WRONG_INPUT
    except (UserError, StartError) as error:
        print(str(error), file=sys.stderr)
        return WRONG_INPUT
    return code


if __name__ == "__main__":
    sys.exit(main())
