"""One run, two engines: each reads what the other made, in both directions, over a server that speaks the Messages API."""

import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from db.tables import Revision, Task
from services.agents.blueprint.engine import BlueprintEngine
from services.deps import Deps
from services.errors import InvalidInput
from services.features import store
from services.features.request import FeatureRequest, StepEngine
from services.features.validation import to_request
from services.reviews.changes import rerun_step
from services.runs.start import start_run
from services.runs.views import get_run, read_workspace
from services.workflow.options import EngineName, Methodology
from services.workflow.tasks import STEP_KEYS, tasks_for
from tests.agents.chain import files_of
from tests.builders import REQUEST, a_feature, a_team
from tests.claude.playing import Players, bodies_of, connected, lines_for, playing, text_of
from tests.runs.building import a_run, go_on_to_gate, rows, work_off
from tests.servers.messages_api import MessagesApi, says, serving

on_one_database = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
ODD = tuple(key for number, key in enumerate(STEP_KEYS, 1) if number % 2)
OTHER = {EngineName.CLAUDE: EngineName.BLUEPRINT, EngineName.BLUEPRINT: EngineName.CLAUDE}


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with serving(MessagesApi(Players())) as server:
        yield server


def mixed(engine: EngineName, *steps: str, methodology: Methodology = Methodology.TRADITIONAL) -> FeatureRequest:
    """Of the engine, with these steps by the other one."""
    chosen = [StepEngine(step=step, engine=OTHER[engine]) for step in steps]
    changed = {"engine": engine, "step_engines": tuple(chosen), "methodology": methodology}
    return FeatureRequest.model_validate({**REQUEST.model_dump(), **changed})


def made_by(deps: Deps, run_id: UUID) -> dict[str, str]:
    return {r.task_key: r.engine for r in rows(deps, Revision, run_id)}


@on_one_database
@pytest.mark.whole_run
@pytest.mark.timeout(240)
@pytest.mark.parametrize("engine", EngineName)
def test_the_engines_take_turns_through_all_twelve_steps(deps: Deps, api: MessagesApi, engine: EngineName) -> None:
    """Between the two cases each step is done by each engine, over what the other one made before it."""
    actor, claude = a_team(deps), playing(api)
    run_id = a_run(connected(deps), actor, mixed(engine, *ODD))
    work_off(deps, run_id, engine=claude, other=BlueprintEngine())
    go_on_to_gate(deps, actor, run_id, 4, engine=claude, other=BlueprintEngine())
    wanted = {key: (OTHER[engine] if key in ODD else engine).value for key in STEP_KEYS}
    assert made_by(deps, run_id) == wanted
    run = get_run(deps, actor, run_id=run_id)
    assert (run.status.value, set(run.engines)) == ("waiting", {"claude", "blueprint"})
    assert {task.key: task.engine for phase in run.phases for task in phase.tasks} == wanted
    assert read_workspace(deps, actor, run_id=run_id) == files_of(lines_for(REQUEST.model_dump_json()).values())
    assert [key for key in STEP_KEYS if bodies_of(api, key)] == [k for k in STEP_KEYS if wanted[k] == "claude"]


@on_one_database
def test_each_reads_what_only_the_other_says(deps: Deps, api: MessagesApi) -> None:
    records = json.loads(Players().records("architecture"))
    said = next(operation for operation in records["operations"] if operation["event"])
    said["summary"] = "Hand in a claim at the desk"
    api.script = Players(instead={("architecture", "records"): says(json.dumps(records))})
    actor, claude = a_team(deps), playing(api)
    run_id = a_run(connected(deps), actor, mixed(EngineName.CLAUDE, "business", "data"))
    work_off(deps, run_id, engine=claude, other=BlueprintEngine())
    go_on_to_gate(deps, actor, run_id, 2, engine=claude, other=BlueprintEngine())
    made = {r.task_key: r for r in rows(deps, Revision, run_id)}
    assert (made["business"].engine, made["architecture"].engine, made["data"].engine) == (
        "blueprint",
        "claude",
        "blueprint",
    )
    assert made["business"].records["stories"][0]["id"] in text_of(bodies_of(api, "architecture")[0])
    assert "Hand in a claim at the desk" in json.dumps(made["data"].records)


@on_one_database
def test_both_tasks_of_the_test_step_go_together(deps: Deps) -> None:
    run_id = a_run(connected(deps), a_team(deps), mixed(EngineName.BLUEPRINT, "tests", methodology=Methodology.TDD))
    chosen = {task.key for task in rows(deps, Task, run_id) if task.engine == "claude"}
    assert chosen == {"tests-red", "tests"}
    assert "tests-red" in {task.key for task in tasks_for(Methodology.TDD)}


@on_one_database
def test_a_step_of_a_mixed_run_can_be_made_again_by_the_other_engine(deps: Deps, api: MessagesApi) -> None:
    actor, claude = a_team(deps), playing(api)
    offering = replace(connected(deps), engines=("blueprint", "claude"))
    run_id = a_run(offering, actor, mixed(EngineName.CLAUDE, "risk"))
    work_off(deps, run_id, engine=claude, other=BlueprintEngine())
    assert made_by(deps, run_id)["risk"] == "blueprint"
    rerun_step(offering, actor, run_id=run_id, task_key="risk", engine="claude")
    work_off(deps, run_id, engine=claude, other=BlueprintEngine())
    assert made_by(deps, run_id)["risk"] == "claude"


@on_one_database
def test_an_engine_that_nobody_offers_is_refused_for_a_step_too(deps: Deps) -> None:
    actor = a_team(deps)
    request = mixed(EngineName.BLUEPRINT, "backend", "tests")
    with pytest.raises(InvalidInput) as refused:
        start_run(deps, actor, feature_id=a_feature(deps, actor, request).id)
    assert refused.value.problems == {
        "step_engines": "No model is configured here, so claude cannot work; docs/claude.md says how. "
        "Choose another engine for backend, tests."
    }
    draft = store.save_draft(deps, actor, form={})
    with pytest.raises(InvalidInput, match="Choose another engine for backend, tests"):
        store.submit_feature(deps, actor, feature_id=draft, form=request.model_dump(mode="json"))


FORM = {"title": "Expenses", "description": "Employees submit expenses.", "methodology": "bdd", "complexity": "simple"}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([{"step": "backend", "engine": "gpt"}], "For a single step choose one of: blueprint, claude."),
        ([{"step": "coffee", "engine": "claude"}], "An engine for single steps names no step; use one of business,"),
        ([{"step": "risk", "engine": "claude"}, {"step": "risk", "engine": "blueprint"}], "names a step twice"),
        ("claude", "For a single step choose one of"),
    ],
)
def test_what_cannot_be_chosen_is_said_in_words(chosen: object, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        to_request({**FORM, "step_engines": chosen})
    assert said in refused.value.problems["step_engines"]


def test_choices_are_kept_in_the_order_of_the_steps() -> None:
    request = to_request(
        {**FORM, "step_engines": [{"step": "tests", "engine": "claude"}, {"step": "risk", "engine": "claude"}]}
    )
    assert [choice.step for choice in request.step_engines] == ["risk", "tests"]
    assert [request.engine_of(step).value for step in (3, 4, 7)] == ["claude", "blueprint", "claude"]
