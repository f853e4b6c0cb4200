"""WHEN IT HAPPENS: runs, their states and segments, the work of a task, cancel, retry, checks, events.

A gate is a row, not a waiting workflow: a segment is what runs between two decisions. `durable.py` is the only door to
the durable engine. Read `segments.py`, then `start.py`, `work.py`, `settling.py`.
"""

from typing import NewType
from uuid import UUID

RunId = NewType("RunId", UUID)
