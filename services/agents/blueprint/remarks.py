"""What became of people's remarks at a gate: said honestly, line by line."""

from services.agents.engine import Answer, Brief
from services.features.corrections import lines_of
from services.features.understanding import Correction


def answers(brief: Brief) -> tuple[Answer, ...]:
    """A remark that corrects the understanding has been read with it already; a quoted text asks for nothing."""
    return tuple(
        _answer(position, line, brief.answers.get(line))
        for position, remark in enumerate(brief.remarks)
        for line in lines_of(remark.text) or [remark.text]
    )


def _answer(position: int, line: str, told: Correction | None) -> Answer:
    if told is None:
        return Answer(position, line, is_applied=False, text=_UNREAD)
    return Answer(position, line, told.is_applied, told.answer)


def answered(brief: Brief) -> list[tuple[str, str]]:
    """(what was said, what became of it), for the report."""
    return [(a.line, f"{'Applied' if a.is_applied else 'Not applied'}. {a.text}") for a in answers(brief)]


_UNREAD = "Nothing in it could be read as an instruction; it is kept with the revision."
