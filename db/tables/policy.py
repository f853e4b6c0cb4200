"""What a team asks for at its gates, where it does not keep to the defaults."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import document, moment, reference


class TeamPolicy(SQLModel, table=True):
    """One row per phase for which the team has set a policy. `criteria`: ids of those that must hold."""

    __tablename__ = "team_policy"
    team_id: UUID = reference("team.id", primary_key=True)
    phase: int = Field(primary_key=True)
    approvals: int
    disciplines: list[str] = document()
    criteria: list[str] = document()
    set_by: str
    set_at: datetime = moment()
