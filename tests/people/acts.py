"""Every act that an actor does with an id, as a row: what it is called, which action it takes, and how it is called.

`test_permissions.py` tries the rows in every role, `test_team_isolation.py` as somebody of another team. A service
function that takes an id and has no row here fails `test_every_act_with_an_id_has_a_row`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

from db.tables import ContextDocument, Event, Evidence, Outbox, Revision, Run, Task, Verdict, Waiver
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor, Role
from services.criteria import assignments, bringing, checklist, traceability, vouching
from services.criteria import views as criteria
from services.deps import Deps
from services.exports import archives, contents, repositories
from services.features import store
from services.people import accounts, sign_in, teams
from services.people.permissions import Action
from services.reviews import decisions, remarks
from services.reviews import views as gates
from services.runs import budgets, connections, control, start
from services.runs import documents as run_documents
from services.runs import views as runs
from services.settings import Provider
from services.workflow.options import DocumentKind, Methodology
from services.workflow.tasks import tasks_for
from services.workspaces.trees import store_files
from tests.builders import REQUEST, a_feature, a_member, a_team
from tests.people.persons import enter

FORM = REQUEST.model_dump(mode="json")
# Nothing listens on this port, so a call ends at once.
NOWHERE = Provider(base_url="http://127.0.0.1:9")
SECRET = "the text that only one team may read"


@dataclass(frozen=True)
class World:
    """One team's work, of which another team may learn nothing."""

    owner: Actor
    sid: str
    feature_id: UUID
    draft_id: UUID
    document_id: UUID
    run_id: UUID
    user_id: UUID
    waiver_id: UUID
    folder: Path


def a_world(deps: Deps, name: str, folder: Path, status: RunStatus = RunStatus.WAITING) -> World:
    """A team with an owner and a member, a submitted feature with a document, a draft, and a run at its first gate."""
    owner = a_team(deps, name)
    member = a_member(deps, owner.team_id, username=f"member-{owner.team_id.hex[:6]}")
    feature = a_feature(deps, owner)
    draft_id = store.save_draft(deps, owner, form={**FORM, "title": SECRET})
    document = ContextDocument(
        id=uuid4(), feature_id=feature.id, name="notes.md", kind="business", text=SECRET, created_at=deps.now()
    )
    with deps.session() as session:
        session.add(document)
        session.commit()
    run_id = a_run(deps, owner, feature.id, status)
    sid, _ = enter(deps, f"owner-{owner.team_id.hex[:6]}")
    assert member.user_id
    waiver_id = a_waiver(deps, run_id)
    return World(owner, sid, feature.id, draft_id, document.id, run_id, member.user_id, waiver_id, folder / name)


def a_waiver(deps: Deps, run_id: UUID) -> UUID:
    """Asked for by somebody who has left, so that everybody may grant it."""
    waiver = Waiver(
        id=uuid4(), run_id=run_id, criterion="performance", reason=SECRET, days=7, asked_id=uuid4(), asked_name="Nobody",
        asked_at=deps.now(),
    )  # fmt: skip
    with deps.session() as session:
        session.add(waiver)
        session.commit()
    return waiver.id


def a_run(deps: Deps, owner: Actor, feature_id: UUID, status: RunStatus) -> UUID:
    """Rows as if phase 1 were done; asked for by nobody, so that everybody's approval counts."""
    at = deps.now()
    run = Run(
        id=uuid4(), team_id=owner.team_id, feature_id=feature_id, number=1, requester_name="Nobody", channel="browser",
        engine="blueprint", request=FORM, documents=[{"name": "notes.md", "kind": "business", "text": SECRET}],
        status=status, phase=1, segment=1, created_at=at,
    )  # fmt: skip
    with deps.session() as session:
        session.add(run)
        session.flush()
        tree = store_files(session, {"design/notes.md": SECRET.encode()})
        for task in tasks_for(Methodology.TRADITIONAL):
            state = TaskStatus.DONE if task.phase == 1 else TaskStatus.PENDING
            session.add(
                Task(
                    run_id=run.id, key=task.key, step=task.step, phase=task.phase, agent=task.agent, status=state,
                    revision=1, attempt=1, remarks=[], started_at=at,
                )
            )  # fmt: skip
        session.add(
            Revision(
                id=uuid4(), run_id=run.id, task_key="architecture", number=1, report=SECRET, records={},
                record_type="Architecture", schema_version=1, tree=tree, inputs={}, parameters_hash="", engine="blueprint",
                engine_version="1", prompt_hash="", author_kind="agent", author_name="architect-review", cause="start",
                remarks=[], output_hash="0", started_at=at, created_at=at,
            )
        )  # fmt: skip
        session.add(
            Evidence(
                id=uuid4(), run_id=run.id, phase=1, segment=1, check="tests", tool="pytest", tool_version="8",
                isolation="bubblewrap", enforced={}, tree=tree, outcome="passed", reason=SECRET, figures={}, findings=[], log=SECRET,
                started_at=at, duration_seconds=1,
            )
        )  # fmt: skip
        session.add(
            Verdict(
                id=uuid4(), run_id=run.id, segment=1, phase=1, criterion="test_coverage", outcome="met", reason=SECRET,
                evidence=[], tree=tree, at=at,
            )
        )  # fmt: skip
        session.add(
            Event(
                team_id=owner.team_id, run_id=run.id, at=at, actor_kind="agent", actor_name="architect-review",
                kind="task.text", task_key="architecture", data={"text": SECRET},
            )
        )  # fmt: skip
        session.add(Outbox(run_id=run.id, segment=1, todo={}, created_at=at, sent_at=at))
        session.commit()
    return run.id


Call = Callable[[Deps, Actor, World], object]


@dataclass(frozen=True)
class Act:
    """`function` is what the row is about; `call` calls it for a world. `action` None: being in the team is enough."""

    function: Callable[..., object]
    action: Action | None
    call: Call
    status: RunStatus = RunStatus.WAITING

    @property
    def name(self) -> str:
        return f"{self.function.__module__.removeprefix('services.')}.{self.function.__name__}"


def shown_hash(deps: Deps, world: World) -> str:
    gate = gates.get_gate(deps, world.owner, run_id=world.run_id)
    return gate.shown_hash if gate else ""


def basis(deps: Deps, world: World, criterion: str) -> str:
    views = criteria.list_criteria(deps, world.owner, run_id=world.run_id)
    return next(view.basis for view in views if view.id == criterion)


_A = Action
ACTS = (
    Act(store.save_draft, _A.EDIT_FEATURE, lambda d, a, w: store.save_draft(d, a, form=FORM, feature_id=w.draft_id)),
    Act(store.submit_feature, _A.EDIT_FEATURE, lambda d, a, w: store.submit_feature(d, a, form=FORM, feature_id=w.draft_id)),
    Act(store.get_feature, _A.VIEW, lambda d, a, w: store.get_feature(d, a, feature_id=w.feature_id)),
    Act(store.duplicate_feature, _A.EDIT_FEATURE, lambda d, a, w: store.duplicate_feature(d, a, feature_id=w.feature_id)),
    Act(
        store.add_document, _A.EDIT_FEATURE,
        lambda d, a, w: store.add_document(d, a, feature_id=w.feature_id, name="a.md", kind=DocumentKind.DATA, data=b"x"),
    ),
    Act(
        store.remove_document, _A.EDIT_FEATURE,
        lambda d, a, w: store.remove_document(d, a, feature_id=w.feature_id, document_id=w.document_id),
    ),
    Act(store.read_previews, _A.VIEW, lambda d, a, w: store.read_previews(d, a, feature_id=w.feature_id)),
    Act(store.read_texts, _A.VIEW, lambda d, a, w: store.read_texts(d, a, feature_id=w.feature_id)),
    Act(store.set_archived, _A.ARCHIVE, lambda d, a, w: store.set_archived(d, a, feature_id=w.feature_id, archived=True)),
    Act(store.deletion_of_feature, _A.DELETE, lambda d, a, w: store.deletion_of_feature(d, a, feature_id=w.feature_id)),
    Act(store.delete_feature, _A.DELETE, lambda d, a, w: store.delete_feature(d, a, feature_id=w.feature_id)),
    Act(start.start_run, _A.START_RUN, lambda d, a, w: start.start_run(d, a, feature_id=w.feature_id)),
    Act(control.cancel_run, _A.CANCEL_RUN, lambda d, a, w: control.cancel_run(d, a, run_id=w.run_id)),
    Act(control.retry_run, _A.CANCEL_RUN, lambda d, a, w: control.retry_run(d, a, run_id=w.run_id), RunStatus.FAILED),
    Act(budgets.set_cost_limit, _A.START_RUN, lambda d, a, w: budgets.set_cost_limit(d, a, run_id=w.run_id, limit_usd=5.0)),
    Act(control.set_archived, _A.ARCHIVE, lambda d, a, w: control.set_archived(d, a, run_id=w.run_id, archived=True)),
    Act(control.deletion_of_run, _A.DELETE, lambda d, a, w: control.deletion_of_run(d, a, run_id=w.run_id)),
    Act(control.delete_run, _A.DELETE, lambda d, a, w: control.delete_run(d, a, run_id=w.run_id)),
    Act(runs.get_run, _A.VIEW, lambda d, a, w: runs.get_run(d, a, run_id=w.run_id)),
    Act(runs.run_version, _A.VIEW, lambda d, a, w: runs.run_version(d, a, run_id=w.run_id)),
    Act(runs.live_text, _A.VIEW, lambda d, a, w: runs.live_text(d, a, run_id=w.run_id, task_key="architecture")),
    Act(runs.get_revision, _A.VIEW, lambda d, a, w: runs.get_revision(d, a, run_id=w.run_id, task_key="architecture")),
    Act(runs.list_revisions, _A.VIEW, lambda d, a, w: runs.list_revisions(d, a, run_id=w.run_id, task_key="architecture")),
    Act(
        runs.read_revision_file, _A.VIEW,
        lambda d, a, w: runs.read_revision_file(d, a, run_id=w.run_id, task_key="architecture", path="design/notes.md"),
    ),
    Act(
        runs.read_revision_files, _A.VIEW,
        lambda d, a, w: runs.read_revision_files(d, a, run_id=w.run_id, task_key="architecture"),
    ),
    Act(runs.read_workspace, _A.VIEW, lambda d, a, w: runs.read_workspace(d, a, run_id=w.run_id)),
    Act(runs.list_events, _A.VIEW, lambda d, a, w: runs.list_events(d, a, run_id=w.run_id)),
    Act(runs.list_evidence, _A.VIEW, lambda d, a, w: runs.list_evidence(d, a, run_id=w.run_id)),
    Act(runs.page_picture, _A.VIEW, lambda d, a, w: runs.page_picture(d, a, run_id=w.run_id)),
    Act(run_documents.list_documents, _A.VIEW, lambda d, a, w: run_documents.list_documents(d, a, run_id=w.run_id)),
    Act(
        run_documents.open_document, _A.VIEW,
        lambda d, a, w: run_documents.open_document(d, a, run_id=w.run_id, position=0),
    ),
    Act(
        run_documents.read_original, _A.VIEW,
        lambda d, a, w: run_documents.read_original(d, a, run_id=w.run_id, position=0),
    ),
    Act(criteria.list_criteria, _A.VIEW, lambda d, a, w: criteria.list_criteria(d, a, run_id=w.run_id)),
    Act(criteria.list_acceptance, _A.VIEW, lambda d, a, w: criteria.list_acceptance(d, a, run_id=w.run_id)),
    Act(traceability.trace_run, _A.VIEW, lambda d, a, w: traceability.trace_run(d, a, run_id=w.run_id)),
    Act(checklist.checklist_csv, _A.EXPORT, lambda d, a, w: checklist.checklist_csv(d, a, run_id=w.run_id)),
    Act(
        vouching.attest, _A.DECIDE,
        lambda d, a, w: vouching.attest(
            d, a, run_id=w.run_id, criterion="documentation", holds=True, comment="I read them.",
            shown_basis=basis(d, w, "documentation"),
        ),
    ),
    Act(
        vouching.ask_for_waiver, _A.DECIDE,
        lambda d, a, w: vouching.ask_for_waiver(d, a, run_id=w.run_id, criterion="monitoring", reason="Later.", days=3),
    ),
    Act(
        vouching.decide_waiver, _A.DECIDE,
        lambda d, a, w: vouching.decide_waiver(d, a, run_id=w.run_id, waiver_id=w.waiver_id, grants=True),
    ),
    Act(
        assignments.assign, _A.DECIDE,
        lambda d, a, w: assignments.assign(d, a, run_id=w.run_id, criterion="monitoring", owner_id=None, due_on=None),
    ),
    Act(
        assignments.comment, _A.DECIDE,
        lambda d, a, w: assignments.comment(d, a, run_id=w.run_id, criterion="monitoring", text="Later."),
    ),
    Act(
        bringing.bring_evidence, _A.DECIDE,
        lambda d, a, w: bringing.bring_evidence(d, a, run_id=w.run_id, name="a.json", data=b'{"bomFormat": "CycloneDX"}'),
    ),
    Act(gates.get_gate, _A.VIEW, lambda d, a, w: gates.get_gate(d, a, run_id=w.run_id)),
    Act(
        decisions.approve_phase, _A.DECIDE,
        lambda d, a, w: decisions.approve_phase(d, a, run_id=w.run_id, shown_hash=shown_hash(d, w)),
    ),
    Act(
        decisions.request_changes, _A.DECIDE,
        lambda d, a, w: decisions.request_changes(
            d, a, run_id=w.run_id, shown_hash=shown_hash(d, w), remarks={"architecture": "Smaller."}
        ),
    ),
    Act(
        remarks.preview_remarks, _A.DECIDE,
        lambda d, a, w: remarks.preview_remarks(d, a, run_id=w.run_id, remarks={"architecture": "Smaller."}),
    ),
    Act(archives.zip_run, _A.EXPORT, lambda d, a, w: archives.zip_run(d, a, run_id=w.run_id)),
    Act(archives.zip_workspace, _A.EXPORT, lambda d, a, w: archives.zip_workspace(d, a, run_id=w.run_id)),
    Act(contents.commits_of, _A.EXPORT, lambda d, a, w: contents.commits_of(d, a, w.run_id)),
    Act(repositories.export_run, _A.EXPORT, lambda d, a, w: repositories.export_run(d, a, run_id=w.run_id, folder=w.folder)),
    Act(
        teams.change_member, _A.MANAGE_TEAM,
        lambda d, a, w: teams.change_member(
            d, a, user_id=w.user_id, role=Role.OWNER, disciplines=(), is_active=False
        ),
    ),
    Act(teams.new_password_link, _A.MANAGE_TEAM, lambda d, a, w: teams.new_password_link(d, a, user_id=w.user_id)),
    Act(
        sign_in.switch_team, None,
        lambda d, a, w: sign_in.switch_team(d, a, sid=w.sid, team_id=w.owner.team_id),
    ),
)  # fmt: skip

# Acts on the actor's own team, without an id.
TEAM_ACTS = (
    Act(store.list_features, _A.VIEW, lambda d, a, _w: store.list_features(d, a)),
    Act(store.save_defaults, _A.EDIT_FEATURE, lambda d, a, _w: store.save_defaults(d, a, form=FORM)),
    Act(runs.list_runs, _A.VIEW, lambda d, a, _w: runs.list_runs(d, a)),
    Act(connections.find_connection, _A.VIEW, lambda d, a, _w: connections.find_connection(d, a)),
    Act(
        connections.try_connection,
        _A.START_RUN,
        lambda d, a, _w: connections.try_connection(replace(d, settings=replace(d.settings, provider=NOWHERE)), a),
    ),
    Act(teams.list_members, _A.VIEW, lambda d, a, _w: teams.list_members(d, a)),
    Act(accounts.invite, _A.MANAGE_TEAM, lambda d, a, _w: accounts.invite(d, a, role=Role.VIEWER)),
)
