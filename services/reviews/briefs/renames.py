"""Things that have another name now: their rows, operations and files are compared with those of the old name."""

import re
from collections.abc import Mapping
from typing import Any

from services.reviews.briefs.seen import Seen

# Share of common field names from which on a new thing is the old one under another name.
_ALIKE = 0.6
_ARTICLE = re.compile(r"\b(a)n\b", re.IGNORECASE)


class Names:
    """What entities of the architecture were called when they were seen, and are called now. `pairs`: (old, new)."""

    def __init__(self, before: Seen, after: Seen) -> None:
        was, now = _entities(before), _entities(after)
        left = [name for name in now if name not in was]
        self.pairs: list[tuple[str, str]] = []
        forms: list[tuple[str, str]] = []
        for name in (name for name in was if name not in now):
            best = max(left, key=lambda other: _likeness(was[name], now[other]), default=None)
            if best is not None and _likeness(was[name], now[best]) >= _ALIKE:
                left.remove(best)
                self.pairs.append((name, best))
                forms += zip(_forms(was[name]), _forms(now[best]), strict=True)
        # Longer forms first: the plural holds the singular.
        self._forms = sorted(forms, key=lambda pair: -len(pair[0]))

    def now(self, text: str) -> str:
        """An old text in the new names."""
        for number, (old, _) in enumerate(self._forms):
            text = text.replace(old, f"\0{number}\0")
        for number, (_, new) in enumerate(self._forms):
            text = text.replace(f"\0{number}\0", new)
        return text

    def old(self, text: str) -> str:
        """What an old text is compared by: the new names, whether or not they begin with a vowel."""
        return _ARTICLE.sub(r"\1", self.now(text)) if self._forms else text

    def new(self, text: str) -> str:
        return _ARTICLE.sub(r"\1", text) if self._forms else text

    def are_same(self, before: str | None, after: str | None) -> bool:
        """None is not there, and the same as nothing else."""
        if before is None or after is None:
            return before is after
        return before == after or self.old(before) == self.new(after)


def _entities(seen: Seen) -> dict[str, Mapping[str, Any]]:
    return {str(row["name"]): row for row in seen.rows("architecture", "entities") if row.get("name")}


def _likeness(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    fields, others = ({str(field.get("name")) for field in row.get("fields", ())} for row in (one, other))
    return len(fields & others) / max(len(fields | others), 1)


def _forms(entity: Mapping[str, Any]) -> tuple[str, ...]:
    """As names are written in records, paths, code and sentences."""
    names = [str(entity.get("plural") or f"{entity['name']}s"), str(entity["name"])]
    return tuple(
        form
        for name in names
        for form in (name, name.replace("_", "-"), name.replace("_", " "), name.title().replace("_", ""))
    )
