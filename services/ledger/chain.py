"""The chain: `mac = HMAC-SHA256(key, canonical JSON of the entry and of the mac before it)`."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from db.queries.ledger import entries_of, last_entry, lock_chain
from db.tables import LedgerEntry
from services.actors import Actor
from services.deps import Deps
from services.errors import GreenlightError

GENESIS = "0" * 64


@dataclass(frozen=True)
class LedgerReport:
    """`broken_at`: number of the first entry that does not fit; None when the chain is whole.

    `lacks_head`: no entry has the head that was asked for, so entries were taken away from the end.
    """

    entries: int
    head: str
    broken_at: int | None
    lacks_head: bool = False

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None and not self.lacks_head

    @property
    def sentence(self) -> str:
        if self.lacks_head and self.broken_at is None:
            return (
                "The ledger has no entry with this head: entries were taken away from its end, or it is another team's."
            )
        if self.broken_at is None:
            return f"The ledger is whole: {self.entries} entries, head {self.head[:16]}."
        return f"The ledger is broken at entry {self.broken_at}: it, or one before it, was changed or taken away."


def append(
    session: Session, *, key: bytes | None, actor: Actor, act: str, payload: Mapping[str, Any], at: datetime
) -> LedgerEntry:
    """Adds an entry inside the caller's transaction, so that an act and its record stand or fall together.

    Raises: GreenlightError in a process that holds no key.
    """
    if key is None:
        raise GreenlightError("This process may not sign decisions.")
    lock_chain(session, actor.team_id)
    before = last_entry(session, actor.team_id)
    entry = LedgerEntry(
        team_id=actor.team_id,
        number=before.number + 1 if before else 1,
        at=at,
        actor=f"{actor.kind.value}:{actor.user_id or '-'}:{actor.name} ({actor.channel})",
        act=act,
        payload=dict(payload),
        previous=before.mac if before else GENESIS,
        mac="",
    )
    entry.mac = _mac(key, entry)
    session.add(entry)
    return entry


def head(session: Session, team_id: Any) -> str:
    """The mac of the newest entry; it goes into every export."""
    entry = last_entry(session, team_id)
    return entry.mac if entry else GENESIS


def verify(deps: Deps, actor: Actor, *, known_head: str | None = None) -> LedgerReport:
    """Recomputes the whole chain of the actor's team. `known_head`: kept from an earlier look, or from an export."""
    if deps.ledger_key is None:
        raise GreenlightError("This process holds no key to verify with.")
    with deps.reading() as session:
        entries = entries_of(session, actor.team_id)
    lacks_head = known_head is not None and known_head not in {GENESIS, *(entry.mac for entry in entries)}
    previous = GENESIS
    for number, entry in enumerate(entries, start=1):
        fits = entry.number == number and entry.previous == previous
        if not fits or not hmac.compare_digest(entry.mac, _mac(deps.ledger_key, entry)):
            return LedgerReport(len(entries), previous, broken_at=number, lacks_head=lacks_head)
        previous = entry.mac
    return LedgerReport(len(entries), previous, broken_at=None, lacks_head=lacks_head)


def _mac(key: bytes, entry: LedgerEntry) -> str:
    content = {
        "team": str(entry.team_id),
        "number": entry.number,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "act": entry.act,
        "payload": entry.payload,
        "previous": entry.previous,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
