"""All twelve tasks through the real executor and a real database, against a server that speaks the Messages API."""

from uuid import UUID

import pytest

from db.tables import Call, Revision, Spending, Task
from services.agents.claude import conversation
from services.agents.claude.calls import Caller
from services.agents.claude.engine import prompt_hash
from services.agents.definitions import load_definitions
from services.deps import Deps
from services.reviews.changes import request_changes
from services.reviews.views import get_gate
from services.runs import budgets, work
from services.runs.control import cancel_run, retry_run
from services.runs.views import get_run, live_text, read_workspace
from services.workflow.options import Methodology
from services.workflow.tasks import TASKS, tasks_for
from tests.agents.chain import files_of
from tests.builders import a_team
from tests.claude.playing import BY_CLAUDE, Killed, Players, bodies_of, connected, dies_at, lines_for, playing
from tests.runs.building import a_run, a_run_at_gate, go_on_to_gate, rows, the_run, work_off
from tests.servers import troubles as t
from tests.servers.messages_api import Answer, MessagesApi, calls, says

# What depends on the database is tried on both kinds; what the engine does, on one.
on_one_database = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def task_row(deps: Deps, run_id: UUID, key: str) -> Task:
    return next(task for task in rows(deps, Task, run_id) if task.key == key)


def begin(deps: Deps, api: MessagesApi, *, limit_usd: float | None = None) -> UUID:
    """Phase 1 of a run of the claude engine, worked off once."""
    request = BY_CLAUDE.model_copy(update={"cost_limit_usd": limit_usd})
    run_id = a_run(connected(deps), a_team(deps), request)
    work_off(deps, run_id, engine=playing(api))
    return run_id


@pytest.mark.whole_run
@pytest.mark.timeout(240)
def test_twelve_agents_make_the_workspace_and_each_answer_is_paid_once(deps: Deps, api: MessagesApi) -> None:
    actor, engine = a_team(deps), playing(api)
    run_id = a_run_at_gate(connected(deps), actor, 4, request=BY_CLAUDE, engine=engine)
    made = {r.task_key: r for r in rows(deps, Revision, run_id)}
    lines = lines_for(Players().request.model_dump_json())
    assert set(made) == {task.key for task in TASKS}
    assert read_workspace(deps, actor, run_id=run_id) == files_of(lines.values())
    assert {key: revision.records for key, revision in made.items()} == {
        key: draft.records.model_dump(mode="json") for key, draft in lines.items()
    }
    assert len(api.received) == Players().requests_in_all
    answers = [call for call in rows(deps, Call, run_id) if "tool" not in call.key]
    assert len(answers) == len(api.received)
    assert all(call.cost_usd and call.usage for call in answers)


@on_one_database
def test_a_revision_names_the_engine_the_cost_and_what_instructed_it(deps: Deps, api: MessagesApi) -> None:
    run_id = begin(deps, api)
    made = next(r for r in rows(deps, Revision, run_id) if r.task_key == "architecture")
    spent = [s.cost_usd or 0 for s in rows(deps, Spending, run_id) if s.task_key == "architecture"]
    assert (made.engine, made.engine_version) == ("claude", "1")
    assert made.cost_usd == pytest.approx(sum(spent))
    assert made.prompt_hash == prompt_hash(load_definitions()["architect-review"])


@on_one_database
def test_the_cost_of_a_run_is_what_the_provider_billed(deps: Deps, api: MessagesApi) -> None:
    actor = a_team(deps)
    run_id = a_run(connected(deps), actor, BY_CLAUDE)
    engine = playing(api)
    work_off(deps, run_id, engine=engine)
    billed = sum(engine.caller.cost_usd(model, usage) or 0 for model, usage in api.billed)
    assert get_run(deps, actor, run_id=run_id).cost_usd == pytest.approx(billed)


@on_one_database
def test_people_see_the_report_as_it_is_written(deps: Deps, api: MessagesApi) -> None:
    actor = a_team(deps)
    run_id = a_run(connected(deps), actor, BY_CLAUDE)
    work_off(deps, run_id, engine=playing(api))
    said = live_text(deps, actor, run_id=run_id, task_key="architecture")
    assert live_text(deps, actor, run_id=run_id, task_key="architecture", newest=3) == said[-3:]
    seen = "\n".join(said)
    assert "I look around first." in seen
    assert "Wrote design/openapi.json" in seen
    wanted = [line for line in Players().report("architecture").splitlines() if line.strip()]
    assert [line for line in wanted if line.strip() not in seen] == []


def test_a_crash_in_the_middle_of_the_tools_repeats_only_the_call_in_flight(deps: Deps, api: MessagesApi) -> None:
    run_id = a_run(connected(deps), a_team(deps), BY_CLAUDE)
    engine = playing(api)
    work.execute(deps, {"claude": engine}, run_id, "business", 1, 1)
    before = len(api.received)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Caller, "call", dies_at("turn-3"))
        with pytest.raises(Killed):
            work.execute(deps, {"claude": engine}, run_id, "architecture", 1, 1)
    assert len(api.received) - before == 2
    assert work.execute(deps, {"claude": playing(api)}, run_id, "architecture", 1, 1) is work.Ending.DONE
    assert len(api.received) - before == len(Players().turns("architecture")) + 1
    sent = [received.body for received in api.received]
    assert len(sent) == len(set(sent))


def test_a_run_parks_at_its_limit_with_all_work_kept_and_goes_on_when_it_is_raised(
    deps: Deps, api: MessagesApi
) -> None:
    actor, engine = a_team(deps), playing(api)
    run_id = a_run(connected(deps), actor, BY_CLAUDE.model_copy(update={"cost_limit_usd": 0.36}))
    work_off(deps, run_id, engine=engine)
    run = the_run(deps, run_id)
    assert run.status.value == "parked"
    assert "limit of 0.36 USD could be passed" in (run.reason or "")
    answered, spent = len(api.received), get_run(deps, actor, run_id=run_id).cost_usd
    assert spent is not None
    assert spent <= 0.36
    budgets.set_cost_limit(deps, actor, run_id=run_id, limit_usd=20.0)
    retry_run(deps, actor, run_id=run_id)
    work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status.value == "waiting"
    phase_1 = sum(len(Players().turns(task.key)) + 1 for task in TASKS if task.phase == 1)
    assert (answered > 0, len(api.received)) == (True, phase_1)


@on_one_database
@pytest.mark.parametrize(
    ("trouble", "status", "words"),
    [
        (t.status(401, "authentication_error"), "parked", "does not accept the key"),
        (t.status(529, "overloaded_error"), "parked", "is overloaded"),
        (t.status(400, "invalid_request_error"), "failed", "refused the request as wrong"),
    ],
    ids=["wrong key", "overloaded", "bad request"],
)
def test_what_stays_wrong_leaves_a_run_that_says_so_and_can_be_retried(
    deps: Deps, api: MessagesApi, trouble: t.Trouble, status: str, words: str
) -> None:
    actor, engine = a_team(deps), playing(api)
    run_id = a_run(connected(deps), actor, BY_CLAUDE)
    api.troubles = [None, None, *[trouble] * 4]
    work_off(deps, run_id, engine=engine)
    run = the_run(deps, run_id)
    assert (run.status.value, words in (run.reason or "")) == (status, True)
    api.troubles = []
    retry_run(deps, actor, run_id=run_id)
    work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status.value == "waiting"
    bodies = [received.body for received in api.received]
    answered_twice = {body for body in bodies if bodies.count(body) > 1}
    assert len(answered_twice) == 1


@on_one_database
def test_a_refusal_fails_the_step_with_its_category_and_a_retry_asks_again(deps: Deps, api: MessagesApi) -> None:
    actor, engine = a_team(deps), playing(api)
    run_id = a_run(connected(deps), actor, BY_CLAUDE)
    refusal = Answer([], stop_reason="refusal", stop_details={"type": "refusal", "category": "cyber"})
    api.script = Players(instead={("business", 0): refusal})
    work_off(deps, run_id, engine=engine)
    assert "declined to do this task. It says: cyber." in (the_run(deps, run_id).reason or "")
    api.script = Players()
    retry_run(deps, actor, run_id=run_id)
    work_off(deps, run_id, engine=engine)
    assert the_run(deps, run_id).status.value == "waiting"


@on_one_database
def test_an_answer_that_was_cut_is_asked_for_with_more_room(deps: Deps, api: MessagesApi) -> None:
    cut = Answer(
        [{"type": "tool_use", "id": "t", "name": "write_file", "input": {"path": "design/x"}}], stop_reason="max_tokens"
    )
    api.script = Players(instead={("architecture", 1): cut})
    run_id = begin(deps, api)
    assert "did not fit into the largest one" in (the_run(deps, run_id).reason or "")
    asked = [data["max_tokens"] for data in bodies_of(api, "architecture")]
    assert asked == [16_000, 16_000, 32_000]
    assert [s.task_key for s in rows(deps, Spending, run_id)].count("architecture") == 3


@on_one_database
def test_records_that_cannot_be_read_are_mended_once(deps: Deps, api: MessagesApi) -> None:
    api.script = Players(instead={("risk", "records"): says('Here you are: {"verdict": 3}')})
    run_id = begin(deps, api)
    assert the_run(deps, run_id).status.value == "waiting"
    keys = [call.key for call in rows(deps, Call, run_id) if call.task_key == "risk"]
    assert {"records-1", "records-2"} <= set(keys)
    repair = next(r.data for r in api.received if len(r.data["messages"]) == 3 and "output_config" in r.data)
    assert "threats: Field required" in repair["messages"][2]["content"][0]["text"]


@on_one_database
def test_an_agent_without_a_report_is_reminded(deps: Deps, api: MessagesApi) -> None:
    turns = Players().turns("business")
    api.script = Players(instead={("business", 1): says("Done."), ("business", 2): turns[1]})
    run_id = begin(deps, api)
    assert the_run(deps, run_id).status.value == "waiting"
    assert "Your report is missing" in bodies_of(api, "business")[2]["messages"][-1]["content"][0]["text"]


@on_one_database
def test_an_agent_that_wants_too_much_is_told_and_goes_on(deps: Deps, api: MessagesApi) -> None:
    wants = calls(
        ("write_file", {"path": "app/main.py", "content": "x"}),
        ("write_file", {"path": "../escape", "content": "x"}),
        ("delete_file", {"path": "design/none"}),
        ("launch_rocket", {}),
        ("read_file", {"path": "reads/business.md"}),
        ("read_file", {}),
    )
    api.script = Players(instead={("architecture", 0): wants})
    run_id = begin(deps, api)
    assert the_run(deps, run_id).status.value == "waiting"
    results = bodies_of(api, "architecture")[1]["messages"][2]["content"]
    assert [bool(result.get("is_error")) for result in results] == [True, True, True, True, False, True]
    assert "Report of task business." in results[4]["content"]


@on_one_database
def test_an_agent_that_never_ends_is_asked_for_its_report_without_tools(
    deps: Deps, api: MessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "TURNS_MAX", 4)
    looks = calls(("list_files", {}))
    api.script = Players(instead={("business", turn): looks for turn in range(5)})
    run_id = begin(deps, api)
    assert "wrote no report" in (the_run(deps, run_id).reason or "")
    sent = bodies_of(api, "business")
    assert [data.get("tool_choice") for data in sent] == [None, None, None, {"type": "none"}]
    assert sent[3]["messages"][-1]["content"][-1]["text"] == conversation.LAST_TURN


@on_one_database
def test_too_many_calls_in_one_turn_are_told_and_not_done(deps: Deps, api: MessagesApi) -> None:
    many = calls(*(("write_file", {"path": f"design/{n}.md", "content": "x"}) for n in range(25)))
    turns = Players().turns("architecture")
    api.script = Players(
        instead={("architecture", 0): many, ("architecture", 1): turns[1], ("architecture", 2): turns[2]}
    )
    run_id = begin(deps, api)
    results = bodies_of(api, "architecture")[1]["messages"][2]["content"]
    assert [bool(result.get("is_error")) for result in results] == [False] * 20 + [True] * 5
    assert the_run(deps, run_id).status.value == "waiting"


def test_characters_that_no_screen_shows_are_marked_in_every_database(deps: Deps, api: MessagesApi) -> None:
    odd = "Report of task business.\n\n\x00 \x1b[31m \x85 tab\there"
    api.script = Players(instead={("business", 1): says(odd + " and more of it.")})
    actor = a_team(deps)
    run_id = a_run(connected(deps), actor, BY_CLAUDE)
    work_off(deps, run_id, engine=playing(api))
    made = next(r for r in rows(deps, Revision, run_id) if r.task_key == "business")
    assert made.report == "Report of task business.\n\n\ufffd \ufffd[31m \ufffd tab\there and more of it."
    assert "\x00" not in "".join(live_text(deps, actor, run_id=run_id, task_key="business"))


@on_one_database
def test_a_cancelled_run_asks_nothing_more(deps: Deps, api: MessagesApi) -> None:
    actor = a_team(deps)
    run_id = a_run(connected(deps), actor, BY_CLAUDE)
    engine = playing(api)
    players = Players()

    def cancels(request: dict[str, object]) -> Answer:
        answer = players(request)
        cancel_run(deps, actor, run_id=run_id)
        return answer

    api.script = cancels
    assert work.execute(deps, {"claude": engine}, run_id, "business", 1, 1) is work.Ending.CANCELLED
    assert len(api.received) == 1


@on_one_database
@pytest.mark.timeout(240)
def test_changes_begin_from_what_was_written_before(deps: Deps, api: MessagesApi) -> None:
    actor, engine = a_team(deps), playing(api)
    run_id = a_run_at_gate(connected(deps), actor, 1, request=BY_CLAUDE, engine=engine)
    gate = get_gate(deps, actor, run_id=run_id)
    assert gate
    asked = "Say how <b>refunds</b> are kept."
    request_changes(deps, actor, run_id=run_id, shown_hash=gate.shown_hash, remarks={"architecture": asked})
    keep = says(Players().report("architecture"))
    api.script = Players(instead={("architecture", 0): keep})
    api.received.clear()
    work_off(deps, run_id, engine=engine)
    first = bodies_of(api, "architecture")[0]["messages"][0]["content"]
    assert "Say how \\u003cb\\u003erefunds\\u003c/b\\u003e are kept." in first[-2]["text"]
    assert '"kind":"previous"' in "".join(block["text"] for block in first)
    made = [r for r in rows(deps, Revision, run_id) if r.task_key == "architecture"]
    assert len(made) == 2
    assert made[0].tree == made[1].tree


@on_one_database
@pytest.mark.timeout(240)
def test_under_tdd_the_failing_tests_come_first(deps: Deps, api: MessagesApi) -> None:
    tdd = BY_CLAUDE.model_copy(update={"methodology": Methodology.TDD})
    api.script = Players(tdd.model_copy(update={"engine": Players().request.engine}))
    actor, engine = a_team(deps), playing(api)
    run_id = a_run_at_gate(connected(deps), actor, 1, request=tdd, engine=engine)
    go_on_to_gate(deps, actor, run_id, 2, engine=engine)
    assert {r.task_key for r in rows(deps, Revision, run_id)} >= {"tests-red", "backend"}
    assert "tests-red" in [task.key for task in tasks_for(Methodology.TDD)]
