"""Whether a model is asked at all: one row per provider and model that had faults, shared by all processes."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from db.tables.columns import moment


class Breaker(SQLModel, table=True):
    """Closed while `opened_at` is None. `provider`: its address.

    `faults`: in a row, the first of them at `first_at`; `fault`: kind of the newest. From `retry_at` on one request may try;
    `probe` names who has that leave, until `probe_until`. `wait_seconds`: the newest wait, each is longer than the one before.
    """

    __tablename__ = "breaker"
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    faults: int = 0
    fault: str = ""
    first_at: datetime | None = moment(nullable=True)
    opened_at: datetime | None = moment(nullable=True)
    retry_at: datetime | None = moment(nullable=True)
    wait_seconds: float = 0.0
    probe: str | None = None
    probe_until: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)
