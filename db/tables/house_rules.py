"""What a team tells an agent besides its prompt."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import moment, reference


class HouseRules(SQLModel, table=True):
    """The n-th text for one agent; never changed. The newest holds, an empty one takes the rules back."""

    __tablename__ = "house_rules"
    team_id: UUID = reference("team.id", primary_key=True)
    agent: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    text: str
    author_id: UUID | None = None
    author_name: str
    created_at: datetime = moment()
