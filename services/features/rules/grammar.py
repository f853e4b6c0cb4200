"""Phrases as people write them, compiled to regular expressions.

In a phrase, `<name>` takes words, `<name:kind>` takes what `_KINDS` says, and `{macro}` stands for what `_MACROS` says;
the rest is read as a regular expression over one lower-case line.
"""

import re
from functools import cache

_KINDS = {
    "words": r"[a-z0-9][\w'/&-]*(?: (?:(?:of|for|in) (?:an?|the) )?(?!(?:an?|the|is|are|it)\b)[\w'/&-]+){0,5}?",
    "verb": r"(?!(?:an?|the|is|are|it|be|manager|user)\b)[a-z-]+(?: (?:off|in|out|up|down|back|over)\b)?",
    "list": r"[a-z0-9][\w'/& -]*?(?:, ?[\w'/& -]+?)*",
    "number": r"(?:-?\d+(?:[,.]\d+)*(?: ?k\b)?|zero|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|fifty|a hundred)",
    "span": r"(?:\d+|an?|one|two|three|four|five|six|seven|ten|twelve|twenty-four) ?-?(?:seconds?|secs?|s|minutes?|mins?|hours?|h|(?:calendar |working |business )?days?|weeks?|months?|years?)",
    "unit": r"second|minute|hour|day|week|month|year",
    "value": r"[\"']?[\w][\w .@%/+-]*?[\"']?",
    "rest": r".+",
}
_MACROS = {
    "a": r"(?:(?:an?|the|each|every|any|all|no|their|its|his|her|one|new|this|another) )*",
    "be": r"(?:is|are|be|must be|must lie|has to lie|lies|lie|must fall|falls|has to be|have to be|should be|shall be|needs to be|need to be|will be|gets|get)",
    "must": r"(?:must|should|shall|has to|have to|needs to|need to|will)",
    "can": r"(?:can|may|must be able to|should be able to|shall be able to|will be able to|are able to|is able to|are allowed to|is allowed to|could|have permission to|has permission to)",
    "cannot": r"(?:cannot|can't|cant|can not|can never|can no longer|must not|mustn't|must never|may not|may never|may no longer|should not|shouldn't|should never|shall not|"
    r"(?:is|are) not allowed to|(?:is|are) no longer allowed to|(?:is|are) unable to|will not|won't|must not be able to|should not be able to)",
    "refused": r"(?:(?:is|are|gets|get|must be|should be|will be|shall be) )?(?:rejected|refused|denied|blocked|not accepted|not allowed|forbidden|not possible|prevented|invalid|disallowed)",
    "most": r"(?:at most|up to|no more than|not more than|a maximum of|maximum of|maximum|max\.?(?: of)?|limited to|no longer than|not longer than|not exceed|<=|≤|fewer than or equal to)",
    "least": r"(?:at least|no less than|not less than|no fewer than|a minimum of|minimum of|minimum|min\.?(?: of)?|>=|≥)",
    "money": r"(?: ?(?:eur|euros?|usd|dollars?|gbp|pounds?|chf|€|\$|£|percent|%))?",
    "chars": r"(?: ?(?:characters?|chars?|letters?|digits?|symbols?))",
    "when": r"(?:when|once|after|as soon as|whenever|if|each time|every time|on)",
    "person": r"(?:person|user|people|account|member|customer|client|caller|api key|key|ip|ip address)",
}
# What may follow a whole sentence without changing what it demands.
_TAIL = (
    r"(?:,? (?:with|and|showing|returning|giving) (?:an? |the )?(?:\w+ )?(?:clear|helpful|readable|proper|validation|error|4\d\d)[\w '-]*"
    r"|,? (?:so that|so|because|since|as otherwise|otherwise|for audit)\b.*|,? (?:at any time|at all times|too|as well|please|again|in the system|in the app|in the list))?"
)
_PLACE = re.compile(r"(?<!\?P)<(\w+)(?::(\w+))?>")


@cache
def phrase(text: str) -> re.Pattern[str]:
    """A phrase as a pattern for `fullmatch`."""
    for name, meaning in _MACROS.items():
        text = text.replace("{" + name + "} ", meaning + ("" if name == "a" else " ")).replace(
            "{" + name + "}", meaning
        )
    filled = _PLACE.sub(lambda m: f"(?P<{m[1]}>{_KINDS[m[2] or 'words']})", text)
    return re.compile(filled + _TAIL)


_NUMBERS = {"zero": 0, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
            "twelve": 12, "twenty": 20, "twenty-four": 24, "fifty": 50, "a hundred": 100}  # fmt: skip
_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "day": 86400,
    "week": 604800,
    "month": 2592000,
    "year": 31536000,
}


def number(text: str) -> float | None:
    """ "1,000" is a thousand, "1.5" one and a half, "10k" ten thousand; None when it is no number."""
    if text in _NUMBERS:
        return float(_NUMBERS[text])
    told = re.fullmatch(r"(-?\d{1,3}(?:,\d{3})+|-?\d+)(?:[.,](\d{1,4}))? ?(k)?", text.strip())
    if told is None:
        return None
    value = float(told[1].replace(",", "") + (f".{told[2]}" if told[2] else ""))
    return value * 1000 if told[3] else value


LONGEST_SPAN = 100 * 31536000  # a century; what is longer is no time limit


def seconds(text: str) -> int | None:
    """ "24 hours" -> 86400; a month is 30 days, a year 365."""
    told = re.fullmatch(
        r"(\d+|[a-z-]+?) ?-?(?:calendar |working |business )?(s|secs?|seconds?|mins?|minutes?|h|hours?|days?|weeks?|months?|years?)",
        text.strip(),
    )
    if told is None:
        return None
    count = number(told[1])
    unit = told[2] if told[2] in _SECONDS else told[2].rstrip("s")
    span = count * _SECONDS[unit] if count is not None else LONGEST_SPAN + 1
    return int(span) if span <= LONGEST_SPAN else None
