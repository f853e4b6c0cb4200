"""How much of the long suites is done, and with which lots: `.ci/run` takes a slice, seeded by the commit."""

import os

_WHOLE_SECONDS = 600.0
# The lots of one commit are always the same; another commit draws others.
SEED = os.environ.get("GREENLIGHT_SOAK_SEED", "0")
SECONDS = float(os.environ.get("GREENLIGHT_SOAK_SECONDS", str(_WHOLE_SECONDS)))


def slice_of(whole: int, *, least: int = 1) -> int:
    """As many of them as the seconds are a share of the usual ones."""
    return max(least, int(whole * min(1.0, SECONDS / _WHOLE_SECONDS)))
