"""What became of people's remarks at a gate: said honestly, line by line."""

from services.agents.engine import Brief
from services.features.corrections import lines_of


def answered(brief: Brief) -> list[tuple[str, str]]:
    """(what was said, what became of it). A remark that corrects the understanding has been read with it already."""
    told = {correction.line: correction for correction in brief.understanding.corrections}
    return [
        (
            line,
            f"{'Applied' if told[line].is_applied else 'Not applied'}. {told[line].answer}"
            if line in told
            else _UNREAD,
        )
        for remark in brief.remarks
        for line in lines_of(remark) or [remark]
    ]


_UNREAD = "Not applied. Nothing in it could be read as an instruction; it is kept with the revision."
