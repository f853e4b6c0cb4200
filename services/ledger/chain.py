"""The chain: `mac = HMAC-SHA256(key, canonical JSON of the entry and of the mac before it)`."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.queries.ledger import entries_promised, last_entry, lock_chain, promise_entries, stored_entries
from db.tables import LedgerEntry
from services.actors import Actor
from services.deps import Deps
from services.errors import GreenlightError

GENESIS = "0" * 64


@dataclass(frozen=True)
class LedgerReport:
    """`broken_at`: number of the first entry that does not fit; None when the chain is whole.

    `lacks_head`: entries were taken away from the end: no entry has the head that was asked for, or there are fewer than
    the team's row promises.
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
                f"The ledger ends at entry {self.entries}, too early or with another head: entries were taken away from its "
                "end, or the head is another team's."
            )
        if self.broken_at is None:
            return f"The ledger is whole: {self.entries} entries, head {self.head[:16]}."
        return f"The ledger is broken at entry {self.broken_at}: it, or one before it, was changed or taken away."


@dataclass(frozen=True)
class Entry:
    """An entry as it was read back and found to be the one that was signed."""

    team_id: UUID
    number: int
    at: datetime
    actor: str
    sign_in: str | None
    act: str
    shown_hash: str | None
    payload: dict[str, Any]
    previous: str
    mac: str


def append(
    session: Session,
    *,
    key: bytes | None,
    actor: Actor,
    act: str,
    payload: Mapping[str, Any],
    at: datetime,
    shown_hash: str = "",
) -> LedgerEntry:
    """Adds an entry inside the caller's transaction, so that an act and its record stand or fall together.

    `shown_hash`: of exactly what the actor saw, empty where the act is about nothing that was shown.

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
        sign_in=actor.sign_in,
        act=act,
        shown_hash=shown_hash,
        payload=dict(payload),
        previous=before.mac if before else GENESIS,
        mac="",
    )
    entry.mac = _mac(key, entry)
    session.add(entry)
    promise_entries(session, actor.team_id, entry.number)
    return entry


def head(session: Session, team_id: Any) -> str:
    """The mac of the newest entry; it goes into every export."""
    entry = last_entry(session, team_id)
    return entry.mac if entry else GENESIS


def verify(deps: Deps, actor: Actor, *, known_head: str | None = None) -> LedgerReport:
    """Recomputes the whole chain of the actor's team. `known_head`: kept from an earlier look, or from an export."""
    return read(deps, actor, known_head=known_head)[1]


def read(deps: Deps, actor: Actor, *, known_head: str | None = None) -> tuple[tuple[Entry, ...], LedgerReport]:
    """The entries of the actor's team as far as they are whole, oldest first, and the report on all."""
    if deps.ledger_key is None:
        raise GreenlightError("This process holds no key to verify with.")
    with deps.reading() as session:
        rows = stored_entries(session, actor.team_id)
        promised = entries_promised(session, actor.team_id)
    whole = _whole(deps.ledger_key, rows)
    macs = {GENESIS, *(_text(row["mac"]) for row in rows)}
    lacks_head = len(rows) < promised or (known_head is not None and known_head not in macs)
    broken_at = len(whole) + 1 if len(whole) < len(rows) else None
    last = whole[-1].mac if whole else GENESIS
    return whole, LedgerReport(len(rows), last, broken_at=broken_at, lacks_head=lacks_head)


def _whole(key: bytes, rows: Sequence[Mapping[str, bytes | None]]) -> tuple[Entry, ...]:
    """The entries up to the first that does not fit."""
    found: list[Entry] = []
    for number, row in enumerate(rows, start=1):
        entry = _entry(row)
        if entry is None or entry.number != number or entry.previous != (found[-1].mac if found else GENESIS):
            break
        if not hmac.compare_digest(entry.mac.encode(), _mac(key, entry).encode()):
            break
        found.append(entry)
    return tuple(found)


def _entry(row: Mapping[str, bytes | None]) -> Entry | None:
    """None where a column holds what this product never writes, be it another spelling of the same value."""
    try:
        text = {name: None if value is None else value.decode() for name, value in row.items()}
        at, payload = str(text["at"]), str(text["payload"])
        entry = Entry(
            team_id=UUID(text["team_id"]),
            number=int(str(text["number"])),
            at=_moment(at),
            actor=str(text["actor"]),
            sign_in=text["sign_in"],
            act=str(text["act"]),
            shown_hash=text["shown_hash"],
            payload=json.loads(payload),
            previous=str(text["previous"]),
            mac=str(text["mac"]),
        )
    except ValueError:
        return None
    return entry if json.dumps(entry.payload) == payload and str(entry.number) == text["number"] else None


def _moment(text: str) -> datetime:
    """PostgreSQL keeps moments as numbers and gives them with a zone; SQLite keeps this one spelling. Raises: ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    if text != f"{at:%Y-%m-%d %H:%M:%S.%f}":
        raise ValueError(text)
    return at.replace(tzinfo=UTC)


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode(errors="replace")


def _mac(key: bytes, entry: LedgerEntry | Entry) -> str:
    content = {
        "team": str(entry.team_id),
        "number": entry.number,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "act": entry.act,
        "payload": entry.payload,
        "previous": entry.previous,
    }
    # Entries of before the two were kept were signed without them.
    content |= {name: v for name, v in (("sign_in", entry.sign_in), ("shown_hash", entry.shown_hash)) if v is not None}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
