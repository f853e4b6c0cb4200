"""Runs at gates without engines: rows as workers leave them, so that a test can try many decisions in a second."""

from collections.abc import Callable
from uuid import UUID, uuid4

from sqlmodel import select

from db.queries.runs import current_revisions, mark_sent, tasks_of
from db.tables import Decision, LedgerEntry, Outbox, Revision, Run, Task
from db.tables.run import RunStatus, TaskStatus
from services.actors import Actor, Discipline, Role
from services.deps import Deps
from services.reviews.changes import request_changes
from services.reviews.decisions import approve_phase, open_gate
from services.reviews.views import GateView, get_gate
from services.workflow.options import Complexity
from services.workflow.tasks import tasks_for
from services.workspaces.trees import store_files
from tests.builders import REQUEST, a_feature, a_member
from tests.runs.building import rows

Content = Callable[[str, int], str]  # (task, revision) -> what came out


def new_content(key: str, number: int) -> str:
    return f"{key} {number}"


def same_content(key: str, number: int) -> str:
    return key


def a_waiting_run(deps: Deps, asker: Actor, complexity: Complexity = Complexity.SIMPLE) -> UUID:
    """A run that the actor asked for, at its first gate."""
    request = REQUEST.model_copy(update={"complexity": complexity})
    feature = a_feature(deps, asker, request)
    with deps.session() as session:
        run = Run(
            id=uuid4(), team_id=asker.team_id, feature_id=feature.id, number=uuid4().int % 10**9, requester_id=asker.user_id,
            requester_name=asker.name, channel="browser", engine="blueprint", request=request.model_dump(mode="json"),
            documents=[], status=RunStatus.RUNNING, phase=1, segment=1, created_at=deps.now(),
        )  # fmt: skip
        session.add(run)
        session.flush()
        for task in tasks_for(request.methodology):
            status = TaskStatus.QUEUED if task.phase == 1 else TaskStatus.PENDING
            session.add(
                Task(
                    run_id=run.id, key=task.key, step=task.step, phase=task.phase, agent=task.agent, status=status, revision=1,
                    attempt=1, remarks=[],
                )
            )  # fmt: skip
        session.add(Outbox(run_id=run.id, segment=1, todo={}, created_at=deps.now()))
        session.commit()
        run_id = run.id
    work(deps, run_id)
    return run_id


def work(deps: Deps, run_id: UUID, content: Content = same_content) -> None:
    """What a worker leaves of the newest segment: a revision of every queued task, and a run at its gate."""
    with deps.session() as session:
        run = session.get_one(Run, run_id)
        if run.status is not RunStatus.RUNNING:
            return
        made = current_revisions(session, run_id)
        for task in tasks_of(session, run_id).values():
            if task.status is TaskStatus.QUEUED:
                number = made[task.key].number + 1 if task.key in made else 1
                session.add(a_revision(deps, run_id, task.key, number, content, store_files(session, {})))
                task.revision, task.status = number, TaskStatus.DONE
                session.add(task)
        run.status = RunStatus.WAITING
        session.add(run)
        mark_sent(session, run_id, None, deps.now())
        session.commit()


def a_revision(deps: Deps, run_id: UUID, key: str, number: int, content: Content, tree: str) -> Revision:
    at = deps.now()
    return Revision(
        id=uuid4(), run_id=run_id, task_key=key, number=number, report="", records={}, record_type="", schema_version=1,
        tree=tree, inputs={}, parameters_hash="", engine="blueprint", engine_version="1", prompt_hash="", author_kind="agent",
        author_name="agent", cause="start", remarks=[], output_hash=content(key, number), started_at=at, created_at=at,
    )  # fmt: skip


def is_the_same_again(deps: Deps, run_id: UUID) -> None:
    """Later steps need not run again, because what they read came out the same: they stand as they were."""
    with deps.session() as session:
        for task in session.exec(select(Task).where(Task.run_id == run_id, Task.status == TaskStatus.PENDING)):
            if task.revision > 1:
                task.status, task.revision = TaskStatus.DONE, 1
                session.add(task)
        session.commit()


def people(deps: Deps, owner: Actor, *names: str, **disciplines: str) -> list[Actor]:
    """Members by name; `eve="security"` gives a discipline."""
    made = []
    for name in names:
        held = frozenset({Discipline(disciplines[name])} if name in disciplines else ())
        made.append(a_member(deps, owner.team_id, username=name, role=Role.MEMBER, disciplines=held))
    return made


def gate(deps: Deps, actor: Actor, run_id: UUID) -> GateView:
    shown = get_gate(deps, actor, run_id=run_id)
    assert shown is not None
    return shown


def approve(deps: Deps, actor: Actor, run_id: UUID) -> None:
    approve_phase(deps, actor, run_id=run_id, shown_hash=gate(deps, actor, run_id).shown_hash)


def say_open(deps: Deps, actor: Actor, run_id: UUID) -> None:
    open_gate(deps, actor, run_id=run_id, shown_hash=gate(deps, actor, run_id).shown_hash)


def ask(deps: Deps, actor: Actor, run_id: UUID, **remarks: str) -> None:
    request_changes(deps, actor, run_id=run_id, shown_hash=gate(deps, actor, run_id).shown_hash, remarks=remarks)


def phase_of(deps: Deps, run_id: UUID) -> tuple[int, str]:
    with deps.reading() as session:
        run = session.get_one(Run, run_id)
        return run.phase, run.status.value


def decisions(deps: Deps, run_id: UUID) -> list[tuple[str, int, str]]:
    """(kind, phase, name), sorted."""
    return sorted((d.kind, d.phase, d.actor_name) for d in rows(deps, Decision, run_id))


def entries(deps: Deps, actor: Actor) -> list[LedgerEntry]:
    with deps.reading() as session:
        found = session.exec(select(LedgerEntry).where(LedgerEntry.team_id == actor.team_id)).all()
    return sorted(found, key=lambda entry: entry.number)
