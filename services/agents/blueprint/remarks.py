"""What became of people's remarks at a gate: said honestly, remark by remark."""

from services.agents.engine import Brief

NOT_APPLIED = (
    "Kept with the revision, not applied: this engine builds from the request only. "
    "Change the request and start a new run, or edit the exported files."
)


def answered(brief: Brief) -> list[tuple[str, str]]:
    return [(remark, NOT_APPLIED) for remark in brief.remarks]
