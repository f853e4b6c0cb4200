"""What requests to models cost, and what a team may spend."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from db.tables.columns import document, moment, reference, root_id


class Spending(SQLModel, table=True):
    """A request to a model, written before it is sent. Until it is settled it counts as `held_usd`, its worst case.

    `cost_usd` of a settled row is None where the price of the model is not known. A deleted run leaves its rows without
    `run_id`: the money is spent, and counts against the team's month.
    """

    __tablename__ = "spending"
    __table_args__ = (Index("ix_spending_team_id_created_at", "team_id", "created_at"),)
    id: UUID = root_id()
    team_id: UUID = Field(foreign_key="team.id", ondelete="CASCADE")
    run_id: UUID | None = Field(default=None, foreign_key="run.id", nullable=True, index=True, ondelete="SET NULL")
    task_key: str
    revision: int
    key: str
    model: str
    held_usd: float | None = None
    cost_usd: float | None = None
    usage: dict[str, Any] | None = document(nullable=True)
    created_at: datetime = moment()
    settled_at: datetime | None = moment(nullable=True)

    @property
    def counts_as_usd(self) -> float | None:
        return self.held_usd if self.settled_at is None else self.cost_usd


class TeamLimit(SQLModel, table=True):
    """`month_usd`: for all runs of a team in a calendar month; `run_usd`: what a run begins with. None: no limit."""

    __tablename__ = "team_limit"
    team_id: UUID = reference("team.id", primary_key=True)
    month_usd: float | None = None
    run_usd: float | None = None
    set_by: str
    set_at: datetime = moment()
