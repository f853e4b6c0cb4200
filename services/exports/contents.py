"""What an export holds, as paths and bytes. Reports and records first; whatever was measured lies in `evidence/`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.queries.questions import questions_of
from db.queries.runs import evidence_of, find_run, revisions_of, tasks_of, verdicts_of
from db.tables import Revision, Run
from services import ledger
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.people.permissions import Action, require
from services.workspaces.trees import read_files

Files = dict[str, bytes]


@dataclass(frozen=True)
class Commit:
    """`files`: everything that the repository holds after this commit."""

    author: str
    message: str
    at: datetime
    files: Files


def commits_of(deps: Deps, actor: Actor, run_id: UUID) -> tuple[Commit, ...]:
    """One commit per revision in the order in which they were made, and a last one with the evidence.

    Raises: NotFound, NotAllowed.
    """
    require(actor, Action.EXPORT)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        steps = {task.key: task.step for task in tasks_of(session, run_id).values()}
        revisions = revisions_of(session, run_id)
        commits, newest = [], {}
        for revision in revisions:
            newest[revision.task_key] = (revision, read_files(session, revision.tree))
            message = f"Step {steps[revision.task_key]}: {revision.task_key}, revision {revision.number}\n\nCause: {revision.cause}\nEngine: {revision.engine} {revision.engine_version}\nOutput: {revision.output_hash}\n"
            commits.append(Commit(revision.author_name, message, revision.created_at, _contents(newest, steps)))
        if commits:
            files = {**commits[-1].files, **_evidence(session, run, revisions)}
            commits.append(
                Commit("Greenlight", "Evidence, verdicts and the head of the ledger\n", commits[-1].at, files)
            )
    return tuple(commits)


def _contents(newest: dict[str, tuple[Revision, Files]], steps: dict[str, int]) -> Files:
    made: Files = {}
    for key, (revision, files) in newest.items():
        name = (
            f"{steps[key]:02}-{revision.author_name}"
            if key != "tests-red"
            else f"{steps[key]:02}-{revision.author_name}-red"
        )
        made[f"reports/{name}.md"] = revision.report.encode()
        made[f"records/{steps[key]:02}-{key}.json"] = _canonical(revision.records)
        made |= {f"tree/{path}": data for path, data in files.items()}
    return made


def _evidence(session: Session, run: Run, revisions: Sequence[Revision]) -> Files:
    made: Files = {}
    for number, row in enumerate(evidence_of(session, run.id), start=1):
        about = row.model_dump(mode="json", exclude={"log", "run_id"})
        made[f"evidence/{number:02}-{row.check}.json"] = _canonical(about)
        made[f"evidence/{number:02}-{row.check}.log"] = row.log.encode()
        if tree := row.figures.get("files"):
            made |= {f"evidence/{number:02}-{path}": data for path, data in read_files(session, tree).items()}
    made["evidence/verdicts.json"] = _canonical(
        [v.model_dump(mode="json", exclude={"run_id"}) for v in verdicts_of(session, run.id)]
    )
    made["evidence/run.json"] = _canonical(
        {
            "run": str(run.id),
            "number": run.number,
            "status": run.status.value,
            "request": run.request,
            "questions": [
                {
                    **question.model_dump(mode="json", exclude={"run_id"}),
                    "answer": answer.model_dump(mode="json", exclude={"question_id"}) if answer else None,
                }
                for question, answer in questions_of(session, run.id)
            ],
            "revisions": [r.model_dump(mode="json", exclude={"report", "records", "run_id"}) for r in revisions],
            "ledger_head": ledger.head(session, run.team_id),
        }
    )
    return made


def _canonical(data: object) -> bytes:
    return (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
