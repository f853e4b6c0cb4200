"""WHAT WAS DECIDED: a chain of entries per team, each keyed to the one before it.

Written only for an actor, by reviews, criteria and rollouts; never by agents or from worker processes, which do not
hold the key. `chain.py` appends and verifies.
"""

from services.ledger.chain import Entry, LedgerReport, append, head, read, verify

__all__ = ["Entry", "LedgerReport", "append", "head", "read", "verify"]
