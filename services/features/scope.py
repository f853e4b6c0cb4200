"""Which sentences say that something is not asked for, or not now."""

import re

_LATER = r"(?:later(?: on)?|next (?:year|quarter|month|season|release|version|phase|time)|another (?:day|time|year|release|project)|a (?:later|second|next|future|following) (?:phase|step|release|version|stage)|the (?:next|second) (?:phase|step|release|version)|phase (?:two|2|three|3)|version (?:two|2)|some (?:other )?(?:day|time)|the future)"
# "later it can be archived" and "it can be changed later" tell of a record's life; these tell of the makers' plans.
_PLANNED = r"(?:look(?:s|ed|ing)? (?:at|into)|tackl\w+|consider\w*|think(?:ing)? about|talk(?:ing)? about|discuss\w*|come back to|deal(?:ing)? with|dealt with|decid\w+|get(?:ting)? to|worry about|take care of|see about|revisit\w*)"
_EXCLUDED = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:out of scope|not in scope|non-goals?|(?:is|are) excluded|for now,? (?:we do not|no)|(?:is|are|will) not (?:be )?(?:a )?part of|not (?:a )?part of)\b",
        r"^(?:there is |there's |we see )?no need for\b",
        rf"\b(?:is|are|comes?|follows?|stays?|remains?|waits?|can wait|kept|left|planned|postponed|deferred|moved)\b[^,;]{{0,20}} (?:for|to|until|in|till) {_LATER}$",
        rf"\b(?:comes?|follows?|is|are|will follow|will come)(?: only)? {_LATER}$",
        rf"\b{_PLANNED} (?:\w+ ){{0,4}}(?:in |for |at )?{_LATER}\b",
        rf"\b(?:will|shall|'ll) (?:only )?be (?:added|built|done|made|tackled|addressed|delivered|considered) (?:\w+ ){{0,2}}(?:in |for |at )?{_LATER}\b",
        r"(?:,|:| -| –)(?: but)? not (?:now|yet|for now|at this point|in this (?:release|version|phase|step|iteration|issue|ticket))$",
        r"\b(?:is|are) (?:something|a topic|a matter|a story|work) for (?:later|another)\b",
    )
)  # fmt: skip


def is_excluded(plain: str) -> bool:
    """`plain`: a sentence in lower case, without its final stop."""
    return any(pattern.search(plain) for pattern in _EXCLUDED)
