"""What is broken at this moment, while the test of a criterion is repeated over a broken rule."""

BROKEN: set[str] = set()


def is_broken(criteria: list[str]) -> bool:
    return not BROKEN.isdisjoint(criteria)
