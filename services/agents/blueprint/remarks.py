"""What became of people's remarks at a gate: said honestly, line by line."""

from services.agents.engine import Answer, Brief
from services.features.corrections import lines_of


def answers(brief: Brief) -> tuple[Answer, ...]:
    """A remark that corrects the understanding has been read with it already; a quoted text asks for nothing."""
    told = {correction.line: correction for correction in brief.understanding.corrections}
    return tuple(
        Answer(position, line, told[line].is_applied, told[line].answer)
        if line in told
        else Answer(position, line, is_applied=False, text=_UNREAD)
        for position, remark in enumerate(brief.remarks)
        for line in lines_of(remark.text) or [remark.text]
    )


def answered(brief: Brief) -> list[tuple[str, str]]:
    """(what was said, what became of it), for the report."""
    return [(a.line, f"{'Applied' if a.is_applied else 'Not applied'}. {a.text}") for a in answers(brief)]


_UNREAD = "Nothing in it could be read as an instruction; it is kept with the revision."
