"""What teams ask for at their gates."""

from uuid import UUID

from sqlmodel import Session, select

from db.tables import TeamPolicy


def policies_of(session: Session, team_id: UUID) -> dict[int, TeamPolicy]:
    """Phase -> what the team has set; phases that keep to the default are not in it."""
    return {row.phase: row for row in session.exec(select(TeamPolicy).where(TeamPolicy.team_id == team_id))}
