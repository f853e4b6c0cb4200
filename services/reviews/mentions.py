"""Who is spoken to in a comment: @username of somebody in the team. Any other name stays text."""

import re
from collections.abc import Mapping
from uuid import UUID

# What may stand in a user name; a character of one before the @ makes it an address of mail, not a mention.
_MENTION = re.compile(r"(?<![\w.@-])@([a-z0-9][a-z0-9._@-]{1,63})", re.IGNORECASE)


def mentioned(text: str, members: Mapping[str, UUID]) -> tuple[UUID, ...]:
    """Ids in the order in which they are first named. `members`: user name, in lower case, -> id."""
    found: dict[UUID, None] = {}
    for match in _MENTION.finditer(text):
        name = match[1].lower()
        while name and name not in members and name[-1] in "._@-":  # the full stop of the sentence
            name = name[:-1]
        if name in members:
            found[members[name]] = None
    return tuple(found)
