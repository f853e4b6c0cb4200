"""What became of people's remarks at a gate: said honestly, line by line."""

from services.agents.engine import Brief
from services.features.corrections import lines_of
from services.features.understanding import Correction


def answered(brief: Brief) -> list[tuple[str, str]]:
    """(what was said, what became of it). A remark that corrects the understanding has been read with it already."""
    lines = [line for remark in brief.remarks for line in lines_of(remark) or [remark]]
    return [(line, _answer(brief.answers.get(line))) for line in lines]


def _answer(told: Correction | None) -> str:
    return f"{'Applied' if told.is_applied else 'Not applied'}. {told.answer}" if told else _UNREAD


_UNREAD = "Not applied. Nothing in it could be read as an instruction; it is kept with the revision."
