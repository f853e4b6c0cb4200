"""A start writes everything or nothing, and freezes what was asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import pytest

from db.tables import Event, Feature, Outbox, Run, Task
from services.actors import Role
from services.deps import Deps
from services.errors import InvalidInput, NotAllowed, NotFound
from services.features import store
from services.runs.start import start_run
from services.runs.views import get_run
from services.workflow.options import Methodology
from tests.builders import REQUEST, a_feature, a_team, in_role
from tests.fakes.scripted_engine import ScriptedEngine
from tests.runs.building import a_run, at_once, counts, rows, statuses, the_run, work_off

WRITTEN = (Run, Task, Outbox, Event)


def test_a_start_queues_the_first_phase_in_one_outbox_row(deps: Deps) -> None:
    run_id = a_run(deps, a_team(deps))
    assert [(row.segment, row.todo, row.sent_at) for row in rows(deps, Outbox, run_id)] == [
        (1, {"business": [1, 1], "architecture": [1, 1], "risk": [1, 1]}, None)
    ]


def test_only_the_tasks_of_the_first_phase_are_queued(deps: Deps) -> None:
    found = statuses(deps, a_run(deps, a_team(deps)))
    assert {key for key, status in found.items() if status == "queued"} == {"business", "architecture", "risk"}
    assert {status.value for key, status in found.items()} == {"queued", "pending"}


@pytest.mark.parametrize(
    ("methodology", "tasks"),
    [(Methodology.TRADITIONAL, 12), (Methodology.TDD, 13), (Methodology.BDD, 12), (Methodology.DDD, 12)],
)
def test_a_methodology_has_its_number_of_tasks(deps: Deps, methodology: Methodology, tasks: int) -> None:
    run_id = a_run(deps, a_team(deps), REQUEST.model_copy(update={"methodology": methodology}))
    assert len(rows(deps, Task, run_id)) == tasks
    assert {task.step for task in rows(deps, Task, run_id)} == set(range(1, 13))


def test_a_run_remembers_who_asked_for_it_and_where(deps: Deps) -> None:
    actor = a_team(deps)
    run = the_run(deps, a_run(deps, actor))
    assert (run.requester_id, run.requester_name, run.channel) == (actor.user_id, actor.name, "browser")


@dataclass
class BreakingClock:
    """Breaks when it is asked for the n-th time."""

    inner: Callable[[], datetime]
    breaks_at: int
    asked: int = 0

    def __call__(self) -> datetime:
        self.asked += 1
        if self.asked == self.breaks_at:
            raise RuntimeError("the clock broke")
        return self.inner()


def test_a_start_that_breaks_at_its_last_step_writes_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    feature = a_feature(deps, actor)
    patient = BreakingClock(deps.now, breaks_at=0)
    start_run(replace(deps, now=patient), actor, feature_id=feature.id)
    before = counts(deps, WRITTEN)
    with pytest.raises(RuntimeError):
        start_run(replace(deps, now=BreakingClock(deps.now, patient.asked)), actor, feature_id=feature.id)
    assert counts(deps, WRITTEN) == before


@dataclass
class LookingDispatcher:
    """Looks into the outbox when it is woken."""

    deps: Deps
    seen: int = 0

    def dispatch(self) -> None:
        self.seen = counts(self.deps, (Outbox,))["outbox"]

    def cancel(self, workflow_prefix: str) -> None:
        raise AssertionError(workflow_prefix)


def test_workers_are_woken_when_the_rows_are_there(deps: Deps) -> None:
    dispatcher = LookingDispatcher(deps)
    a_run(replace(deps, dispatcher=dispatcher), a_team(deps))
    assert dispatcher.seen == 1


def test_a_later_change_of_the_feature_does_not_move_the_run(deps: Deps) -> None:
    actor = a_team(deps)
    feature = a_feature(deps, actor)
    run_id = start_run(deps, actor, feature_id=feature.id)
    changed = {**REQUEST.model_dump(mode="json"), "title": "Something else", "test_coverage_min": 1}
    store.submit_feature(deps, actor, feature_id=feature.id, form=changed)
    assert get_run(deps, actor, run_id=run_id).request == REQUEST


def test_a_document_that_was_removed_later_is_still_read(deps: Deps) -> None:
    actor = a_team(deps)
    feature = a_feature(deps, actor)
    document = store.add_document(
        deps, actor, feature_id=feature.id, name="rules.md", kind="business", data=b"Meals are at most 40 EUR."
    )
    run_id = start_run(deps, actor, feature_id=feature.id)
    store.remove_document(deps, actor, feature_id=feature.id, document_id=document)
    engine = ScriptedEngine()
    work_off(deps, run_id, engine=engine)
    assert [d.text for d in engine.briefs[0].documents] == ["Meals are at most 40 EUR."]


def test_an_unknown_engine_is_refused(deps: Deps) -> None:
    actor = a_team(deps)
    feature = a_feature(deps, actor)
    change_request(deps, feature.id, engine="oracle")
    with pytest.raises(InvalidInput):
        start_run(deps, actor, feature_id=feature.id)
    assert counts(deps, WRITTEN) == {"run": 0, "task": 0, "outbox": 0, "event": 0}


def change_request(deps: Deps, feature_id: UUID, **values: object) -> None:
    with deps.session() as session:
        feature = session.get(Feature, feature_id)
        assert feature is not None
        feature.request = {**feature.request, **values}
        session.add(feature)
        session.commit()


def test_an_unfinished_draft_cannot_start(deps: Deps) -> None:
    actor = a_team(deps)
    draft = store.save_draft(deps, actor, form={"title": "Expenses"})
    with pytest.raises(InvalidInput, match="not complete"):
        start_run(deps, actor, feature_id=draft)


def test_a_draft_that_nobody_submitted_cannot_start(deps: Deps) -> None:
    actor = a_team(deps)
    draft = store.save_draft(deps, actor, form=REQUEST.model_dump(mode="json"))
    with pytest.raises(InvalidInput):
        start_run(deps, actor, feature_id=draft)


def test_a_viewer_may_not_start(deps: Deps) -> None:
    actor = a_team(deps)
    feature = a_feature(deps, actor)
    with pytest.raises(NotAllowed, match="member"):
        start_run(deps, in_role(actor, Role.VIEWER), feature_id=feature.id)


def test_the_feature_of_another_team_is_not_found(deps: Deps) -> None:
    feature = a_feature(deps, a_team(deps, "Payments"))
    with pytest.raises(NotFound):
        start_run(deps, a_team(deps, "Search"), feature_id=feature.id)


def test_two_starts_of_one_feature_are_two_runs(deps: Deps) -> None:
    actor = a_team(deps)
    feature = a_feature(deps, actor)
    first, second = (start_run(deps, actor, feature_id=feature.id) for _ in range(2))
    assert [the_run(deps, id_).number for id_ in (first, second)] == [1, 2]


def test_every_team_counts_its_own_runs(deps: Deps) -> None:
    payments, search = a_team(deps, "Payments"), a_team(deps, "Search")
    assert [the_run(deps, a_run(deps, actor)).number for actor in (payments, search, payments)] == [1, 1, 2]


def test_starts_at_the_same_moment_get_different_numbers(deps: Deps) -> None:
    actor = a_team(deps)
    feature = a_feature(deps, actor)
    started = at_once(*[lambda: start_run(deps, actor, feature_id=feature.id)] * 4)
    numbers = [the_run(deps, id_).number for id_ in started if isinstance(id_, UUID)]
    assert sorted(numbers) == [1, 2, 3, 4]
