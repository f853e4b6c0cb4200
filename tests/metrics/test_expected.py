"""How long a run is likely to take."""

from datetime import timedelta

from db.tables import Run
from db.tables.run import RunStatus
from services.actors import Actor
from services.deps import Deps
from services.features import store
from services.metrics.expected import DEFAULT_HIGH_SECONDS, expected_time
from services.runs.start import start_run
from tests.builders import a_feature, a_team


def finished(deps: Deps, actor: Actor, seconds: float) -> None:
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor).id)
    with deps.session() as session:
        run = session.get_one(Run, run_id)
        run.status, run.finished_at = RunStatus.FINISHED, run.created_at + timedelta(seconds=seconds)
        session.add(run)
        session.commit()


def test_without_finished_runs_it_is_a_stated_range(deps: Deps) -> None:
    actor = a_team(deps)
    store.save_draft(deps, actor, form={})
    told = expected_time(deps, actor, engine="blueprint")
    assert told is not None
    assert (told.runs, told.median_seconds, told.high_seconds) == (0, None, DEFAULT_HIGH_SECONDS)


def test_it_follows_from_the_teams_own_runs_of_that_engine(deps: Deps) -> None:
    actor, other = a_team(deps), a_team(deps, "Search")
    for seconds in (60, 120, 90):
        finished(deps, actor, seconds)
    finished(deps, other, 5)
    told = expected_time(deps, actor, engine="blueprint")
    assert told is not None
    assert (told.low_seconds, told.median_seconds, told.high_seconds, told.runs) == (60, 90, 120, 3)
    assert expected_time(deps, actor, engine="claude") is None
