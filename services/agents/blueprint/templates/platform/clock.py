"""The present moment, in one place, so that a test can stop it."""

import datetime as dt


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
