"""The base of every deliverable and of the records inside it."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """One row of a deliverable: frozen, nothing unknown, every field described."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Deliverable(Record):
    """What one task hands over. `summary` leads: the decision or the figure, one or two sentences."""

    schema_version: int = 1
    summary: str
