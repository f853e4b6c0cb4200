"""A team with one of everything that an act can be about, for the table of acts."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from db.tables import (
    ContextDocument,
    Decision,
    Delivery,
    Event,
    Evidence,
    Notification,
    Outbox,
    Question,
    Reviewer,
    Revision,
    Run,
    Task,
    Verdict,
    Waiver,
    Webhook,
)
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor
from services.deps import Deps
from services.features import store
from services.notifications.secrecy import seal
from services.reviews.standing import standing_of
from services.workflow.options import Methodology
from services.workflow.tasks import tasks_for
from services.workspaces.trees import store_files
from tests.builders import REQUEST, a_feature, a_member, a_team
from tests.people.persons import enter
from tests.people.talks import a_thread, own_comment

FORM = REQUEST.model_dump(mode="json")
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
    notification_id: UUID
    webhook_id: UUID
    delivery_id: UUID
    thread_id: UUID
    resolved_thread_id: UUID
    comment_id: UUID
    question_id: UUID
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
    approve_unopened(deps, run_id, a_member(deps, owner.team_id, username=f"approver-{owner.team_id.hex[:6]}"))
    waiver_id = a_waiver(deps, run_id)
    told = a_notification(deps, owner, run_id, member.user_id)
    thread_id, comment_id = a_thread(deps, run_id, 1, SECRET)
    resolved_id, _ = a_thread(deps, run_id, 2, SECRET, is_resolved=True)
    return World(
        owner, sid, feature.id, draft_id, document.id, run_id, member.user_id, waiver_id, *told,
        thread_id, resolved_id, comment_id, a_question(deps, run_id), folder / name,
    )  # fmt: skip


def a_notification(deps: Deps, owner: Actor, run_id: UUID, member_id: UUID) -> tuple[UUID, UUID, UUID]:
    """Of the owner, with a webhook to which it could not be delivered; and the member is a reviewer."""
    at, person = deps.now(), owner.user_id
    assert person
    # Nothing listens on the discard port of this machine, and nothing private may be reached anyway.
    hook = Webhook(
        id=uuid4(), team_id=owner.team_id, name=SECRET, format="json", sealed_url=seal(deps, "https://127.0.0.1:9/x"),
        shown_url="127.0.0.1/...", created_by="Nobody", created_at=at,
    )  # fmt: skip
    told = Notification(
        id=uuid4(), team_id=owner.team_id, person_id=person, run_id=run_id, kind="mention", text=SECRET,
        link="run", once="x", at=at,
    )  # fmt: skip
    late = Delivery(id=uuid4(), notification_id=told.id, webhook_id=hook.id, attempts=8, due_at=at, given_up_at=at)
    with deps.session() as session:
        session.add_all([hook, told, Reviewer(run_id=run_id, phase=0, user_id=member_id, asked_name="Nobody", at=at)])
        session.flush()
        session.add(late)
        session.commit()
    return told.id, hook.id, late.id


def approve_unopened(deps: Deps, run_id: UUID, member: Actor) -> None:
    """An approval that suffices, of a gate that nobody has opened."""
    with deps.session() as session:
        run = session.get_one(Run, run_id)
        session.add(
            Decision(
                id=uuid4(), team_id=run.team_id, run_id=run.id, phase=1, segment=1, kind="approve", actor_kind="person",
                actor_name=member.name, actor_id=member.user_id, channel="browser", shown_hash="",
                about_hash=standing_of(session, deps, run).about_hash, disciplines=[], shown={}, policy={}, remarks={},
                counts=True, at=deps.now(),
            )
        )  # fmt: skip
        session.commit()


def a_question(deps: Deps, run_id: UUID) -> UUID:
    """Of the step that comes next, which waits for the answer."""
    question = Question(
        id=uuid4(), run_id=run_id, task_key="backend", revision=1, call="turn-1-tool-1", number=1, agent="backend-architect",
        text=SECRET, choices=[], at=deps.now(),
    )  # fmt: skip
    with deps.session() as session:
        session.add(question)
        session.commit()
    return question.id


def comment_of(deps: Deps, actor: Actor, world: World) -> UUID:
    """One of the actor's where the actor is of this team, so that only the role decides; else the one that is there."""
    is_ours = actor.team_id == world.owner.team_id and actor.user_id is not None
    return own_comment(deps, world.thread_id, actor) if is_ours else world.comment_id


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
