"""What agents mended before people were asked: which revision, because of which findings, and what it changed."""

import streamlit as st

from pages.components import findings
from pages.components.address import address_of
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.reviews.briefs.seen import Show, Source
from services.runs.repairs import RepairView, list_repairs
from services.runs.views import RunView


def draw_repairs(deps: Deps, actor: Actor, run: RunView) -> None:
    made = list_repairs(deps, actor, run_id=run.id)
    if not made:
        return
    rounds = max(repair.round for repair in made)
    many = "1 round" if rounds == 1 else f"{rounds} rounds"
    st.markdown(f"**Repaired before you were asked**, in {many}, because checks had failed:")
    for repair in made:
        st.markdown(f"- {_said(run, repair)}")
        findings.draw_findings(repair.findings, key=f"run_repaired_{run.id}_{repair.task_key}_{repair.revision}")


def _said(run: RunView, repair: RepairView) -> str:
    task = run.task(repair.task_key)
    title = plain(task.title if task else repair.task_key)
    if not repair.is_changed:
        return f"{title}, revision {repair.revision}: it changed no record and no file, so no other round was played for it."
    before = repair.revision - 1
    place = Source(repair.task_key, Show.REVISIONS, repair.revision, against=before)
    return f"{title}, revision {repair.revision}: [what it changed of revision {before}]({address_of(run, place)})"
