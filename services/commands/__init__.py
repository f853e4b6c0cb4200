"""The command line, one module per command: `add_to` declares it, `act` does it through the same services as the pages.

What a program reads goes to stdout, everything else to stderr.
"""

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  (has no public name)
