"""Runs the checks that are due: two at once, and those that need the machine for themselves one after the other."""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from services.evidence.measurements import Measurement, not_measured
from services.evidence.registry import Check
from services.evidence.subjects import Subject

log = logging.getLogger(__name__)
# More would only make each slower on the two cores that a small machine has.
_AT_ONCE = 2


def run_checks(due: Sequence[Check], subject: Subject) -> Iterator[tuple[Check, Measurement]]:
    """Each with what it measured, as soon as those before it are there."""
    together, alone = ([check for check in due if check.is_alone is is_alone] for is_alone in (False, True))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from zip(together, pool.map(lambda check: run_check(check, subject), together), strict=True)
    for check in alone:
        yield check, run_check(check, subject)


def run_check(check: Check, subject: Subject) -> Measurement:
    """What one check measured, with the wall time of all that it did."""
    began = time.monotonic()
    try:
        return replace(check.run(subject), duration_seconds=round(time.monotonic() - began, 3))
    except Exception as error:
        # The border of a check: what it could not measure is said at the gate, and the run goes on.
        log.exception("the check %s failed", check.name)
        reason = f"The check itself failed ({type(error).__name__}); the log of the worker has the details."
        return not_measured(check.name, check.name, reason)
