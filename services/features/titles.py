"""A title as the name of what is built."""

import re

_ASKING = re.compile(
    r"(?:please )?(?:design|build|implement|create|develop|add|make|introduce|set up|write|plan) (?:(?:a|an|the|our|new) )*",
    re.IGNORECASE,
)
_DETAIL = re.compile(r" (?:with|that|which|for|so that|using|in order to|including|to) |[,;:(–—]", re.IGNORECASE)
_LONGEST_NAME = 48


def product_name(title: str) -> str:
    """A title that is a sentence as a name: "Design a queue with retries and alerts" is "Queue"; a short title is the name."""
    plain = " ".join(title.split())
    asked = _ASKING.match(plain)
    if len(plain) <= _LONGEST_NAME and not asked:
        return plain
    rest = plain[asked.end() :] if asked else plain
    found = _DETAIL.split(rest, maxsplit=1)[0].strip() if len(rest) > _LONGEST_NAME or asked else rest
    short = found if len(found) <= _LONGEST_NAME else found[: _LONGEST_NAME + 1].rsplit(" ", 1)[0]
    return short[:1].upper() + short[1:] if len(short) > 2 else plain
