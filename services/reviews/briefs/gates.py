"""The brief of a gate for one person: since that person's own last approval, or since the start of the run."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from uuid import UUID

from sqlmodel import Session

from db.queries.criteria import waivers_of
from db.queries.runs import current_revisions, decisions_of, evidence_of, find_run, revisions_of, tasks_of, verdicts_of
from db.tables import Decision, Evidence, Revision, Run, Verdict
from db.tables.run import RunStatus
from services.actors import Actor
from services.criteria.traceability import trace_run
from services.criteria.views import list_acceptance, list_criteria
from services.deps import Deps
from services.errors import NotFound
from services.features.asked import asked_of
from services.features.corrections import lines_of
from services.people.permissions import Action, require
from services.reviews.briefs.fitting import Brief
from services.reviews.briefs.sections import Approved, Situation, Unheeded, write
from services.reviews.briefs.seen import Made, Seen, SeenCheck, SeenFile
from services.runs.repairs import repairs_before_gate
from services.workflow.criteria import CRITERIA, Outcome
from services.workflow.tasks import in_order
from services.workspaces.trees import list_blobs, read_blobs, sizes_of

FILE_BYTES_MAX, READ_BYTES_MAX = 1_000_000, 30_000_000
_DUE = {criterion.id: criterion.phase for criterion in CRITERIA}


def get_brief(deps: Deps, actor: Actor, *, run_id: UUID) -> Brief | None:
    """None when the run stands at no gate. Raises: NotFound, also for another team's run."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        if run.status is not RunStatus.WAITING:
            return None
        approval = _last_approval(decisions_of(session, run_id), actor)
        before, after = _states(session, run, approval)
        unheeded = tuple(_unheeded(session, run, approval))
        repairs = tuple((v.task_key, v.revision, len(v.findings)) for v in repairs_before_gate(session, run))
        waivers = tuple(
            (w.criterion, w.asked_name, w.reason) for w in waivers_of(session, run_id) if w.is_granted is None
        )
    acceptance = list_acceptance(deps, actor, run_id=run_id)
    return write(
        Situation(
            phase=run.phase,
            approved=Approved(approval.phase, approval.at) if approval else None,
            before=before,
            after=after,
            traces=trace_run(deps, actor, run_id=run_id).lines,
            unheeded=unheeded,
            undecided=tuple(one.id for one in acceptance if one.is_for_people and not one.word),
            to_vouch=_to_vouch(deps, actor, run),
            waivers=waivers,
            repairs=repairs,
        )
    )


def newest_approval(deps: Deps, actor: Actor, *, run_id: UUID) -> UUID | None:
    """The decision since which the actor's brief tells: whoever has the same one, or none, is told the same.

    Raises: NotFound, also for another team's run.
    """
    require(actor, Action.VIEW)
    with deps.reading() as session:
        if find_run(session, actor.team_id, run_id) is None:
            raise NotFound("This run does not exist in your team.")
        approval = _last_approval(decisions_of(session, run_id), actor)
        return approval.id if approval else None


def _last_approval(decisions: Sequence[Decision], actor: Actor) -> Decision | None:
    mine = [d for d in decisions if d.kind == "approve" and d.actor_id == actor.user_id and actor.user_id]
    return mine[-1] if mine else None


def _to_vouch(deps: Deps, actor: Actor, run: Run) -> tuple[tuple[str, str], ...]:
    """Criteria that are measured, and wait for the word of a person."""
    return tuple(
        (view.id, view.attested)
        for view in list_criteria(deps, actor, run_id=run.id)
        if view.attested
        and not view.word
        and view.outcome in (Outcome.NOT_MEASURED, Outcome.NOT_MET)
        and _DUE[view.id] <= run.phase
    )


def _states(session: Session, run: Run, approval: Decision | None) -> tuple[Seen, Seen]:
    """Of the steps up to this gate: later ones, made before the run went back, are decided at their own."""
    reached = {key for key, task in tasks_of(session, run.id).items() if task.phase <= run.phase}
    now = {key: revision for key, revision in current_revisions(session, run.id).items() if key in reached}
    shown: Mapping[str, Mapping[str, object]] = approval.shown if approval else {}
    was = {
        r.task_key: r
        for r in revisions_of(session, run.id)
        if r.task_key in reached and shown.get(r.task_key, {}).get("revision") == r.number
    }
    old, new = _contents(session, was), _contents(session, now)
    changed = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    evidence, verdicts = evidence_of(session, run.id), verdicts_of(session, run.id)
    at = approval.at if approval else None
    return (
        Seen(
            made=_made(was),
            files=_files(session, {p: c for p, c in old.items() if p in changed}, was),
            checks=_checks([e for e in evidence if at and e.started_at <= at]),
            verdicts=_verdicts([v for v in verdicts if at and v.at <= at]),
        ),
        Seen(
            made=_made(now),
            files=_files(session, {p: c for p, c in new.items() if p in changed}, now),
            checks=_checks(evidence),
            verdicts=_verdicts(verdicts),
        ),
    )


def _made(revisions: Mapping[str, Revision]) -> dict[str, Made]:
    return {r.task_key: Made(r.number, r.output_hash, r.records) for r in in_order(revisions)}


def _contents(session: Session, revisions: Mapping[str, Revision]) -> dict[str, tuple[str, str]]:
    """Path -> (task, id of the content); a later task stands over an earlier one."""
    return {path: (r.task_key, blob) for r in in_order(revisions) for path, blob in list_blobs(session, r.tree).items()}


def _files(
    session: Session, contents: Mapping[str, tuple[str, str]], revisions: Mapping[str, Revision]
) -> dict[str, SeenFile]:
    """What is too large, alone or together with what was read before it, is said to be and not read."""
    sizes = sizes_of(session, [blob for _, blob in contents.values()])
    found: dict[str, SeenFile] = {}
    wanted: dict[str, str] = {}
    total = 0
    for path, (task, blob) in sorted(contents.items()):
        size = sizes[blob]
        is_too_large = size > FILE_BYTES_MAX or total + size > READ_BYTES_MAX
        found[path] = SeenFile(task, revisions[task].number, None, is_too_large=is_too_large)
        if not is_too_large:
            wanted[path], total = blob, total + size
    data = read_blobs(session, wanted.values())
    for path, blob in wanted.items():
        old = found[path]
        found[path] = SeenFile(old.task, old.revision, _text(data[blob]))
    return found


def _text(data: bytes) -> str | None:
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None


def _checks(rows: Sequence[Evidence]) -> dict[str, SeenCheck]:
    """The newest of each; a check that did not run again has not changed."""
    return {row.check: SeenCheck(row.outcome, row.reason, row.figures, tuple(row.findings)) for row in rows}


def _verdicts(rows: Sequence[Verdict]) -> dict[str, tuple[str, str]]:
    return {row.criterion: (row.outcome, row.reason) for row in rows}


def _unheeded(session: Session, run: Run, approval: Decision | None) -> list[Unheeded]:
    """Remarks since the approval: those after which the step came out the same."""
    asked = [d for d in decisions_of(session, run.id) if d.kind == "request_changes" and _is_later(d, approval)]
    if not asked:
        return []
    refused = {c.line: c.answer for c in asked_of(session, run).understanding.corrections if not c.is_applied}
    made: dict[str, list[Revision]] = {}
    for revision in revisions_of(session, run.id):
        made.setdefault(revision.task_key, []).append(revision)
    found = []
    for task, text in (pair for decision in asked for pair in decision.remarks.items()):
        if any(_came_out_the_same(*pair, text) for pair in pairwise(made.get(task, []))):
            answers = [refused[line] for line in lines_of(text) if line in refused]
            found.append(Unheeded(task, text, answers[0] if answers else "Its records and files came out as before."))
    return found


def _came_out_the_same(before: Revision, after: Revision, remark: str) -> bool:
    """A report tells of its remarks, so its words alone are no sign that one was followed."""
    return after.remarks == [remark] and (before.records, before.tree) == (after.records, after.tree)


def _is_later(decision: Decision, approval: Decision | None) -> bool:
    return approval is None or decision.at > approval.at
