"""What a task may read, gathered from the database."""

from sqlmodel import Session

from db.queries.house_rules import house_rules_text
from db.queries.runs import current_revisions
from db.tables import Revision, Run, Task
from services.agents.engine import Brief, HouseRules, Result
from services.evidence.findings import finding_of
from services.features.asked import asked_of
from services.runs.answers import remarks_of
from services.runs.documents import with_data
from services.runs.questions import replies_to
from services.workflow.tasks import in_order, seen_by, tasks_for
from services.workspaces.trees import read_trees


def brief_of(session: Session, run: Run, row: Task) -> Brief:
    asked = asked_of(session, run)
    steps = tasks_for(asked.request.methodology)
    step = next(s for s in steps if s.key == row.key)
    current = current_revisions(session, run.id)
    before = current.get(row.key)
    seen = seen_by(steps, row.key)
    trees = [revision.tree for revision in in_order({key: r for key, r in current.items() if key in seen})]
    understanding = asked.understanding
    return Brief(
        task=step,
        request=asked.request,
        # What became of remarks is an answer to whoever made them; to other steps only what it changed matters.
        understanding=understanding.model_copy(update={"corrections": ()}),
        documents=tuple(with_data(session, d) for d in asked.documents if d.kind in step.documents),
        inputs={key: _result(current[key]) for key in step.reads if key in current},
        files=read_trees(session, trees),
        remarks=remarks_of(row),
        previous=_result(before) if before else None,
        previous_files=read_trees(session, [before.tree]) if before else {},
        answers={told.line: told for told in understanding.corrections},
        house_rules=HouseRules(text=house_rules_text(session, run.team_id, row.agent, row.house_rules)),
        replies=replies_to(session, run.id, row.key, range(row.revision)),
        findings=tuple(map(finding_of, row.findings)),
    )


def _result(revision: Revision) -> Result:
    return Result(revision.report, revision.records)
