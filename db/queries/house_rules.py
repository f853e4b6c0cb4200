"""House rules of teams, by agent."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, func, select

from db.tables import HouseRules


def house_rules_of(session: Session, team_id: UUID, agent: str) -> Sequence[HouseRules]:
    """Newest first."""
    query = select(HouseRules).where(HouseRules.team_id == team_id, HouseRules.agent == agent)
    return session.exec(query.order_by(col(HouseRules.number).desc())).all()


def newest_number(session: Session, team_id: UUID, agent: str) -> int:
    """0 where there are none yet."""
    query = select(func.max(HouseRules.number)).where(HouseRules.team_id == team_id, HouseRules.agent == agent)
    return session.exec(query).one() or 0


def house_rules_text(session: Session, team_id: UUID, agent: str, number: int) -> str:
    row = session.get(HouseRules, (team_id, agent, number)) if number else None
    return row.text if row else ""
