"""The present moment, in one place, so that a test can stop it."""

import datetime as dt


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def stored(moment: dt.datetime | None = None) -> dt.datetime:
    """As the database keeps it: UTC, without saying so. Without a moment: the present one."""
    return (moment or now()).replace(tzinfo=None)
