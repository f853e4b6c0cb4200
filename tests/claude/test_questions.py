"""An agent with a model asks the team: the run parks, the answer comes as data, and no call is paid twice."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from db.tables import Call, Revision
from services.actors import Actor
from services.deps import Deps
from services.runs.questions import QuestionView, answer_question, list_questions
from tests.builders import a_team
from tests.claude.playing import BY_CLAUDE, Players, bodies_of, connected, playing, text_of
from tests.runs.building import a_run, ask_for, rows, the_run, work_off
from tests.servers.messages_api import Answer, MessagesApi, calls, serving

WHICH = {"question": "Is a receipt kept by the service or by a store?", "choices": ["Service", "Store"]}
HOW_LONG = {"question": "For how long is a receipt kept?"}

on_one_database = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def server() -> Iterator[MessagesApi]:
    with serving(MessagesApi(Players())) as running:
        yield running


@pytest.fixture
def api(server: MessagesApi) -> MessagesApi:
    server.begin_anew(Players())
    return server


def first_asking(key: str, *questions: dict[str, Any]) -> Players:
    """The agent looks around and asks in its first turn; then it goes on as always."""
    instead: dict[tuple[str, int | str], Answer] = {
        (key, number + 1): turn for number, turn in enumerate(Players().turns(key))
    }
    asks = calls(("list_files", {}), *(("ask_team", question) for question in questions), first_id=900)
    return Players(instead={**instead, (key, 0): asks})


def begin(deps: Deps, actor: Actor, api: MessagesApi) -> UUID:
    run_id = a_run(connected(deps), actor, BY_CLAUDE)
    work_off(deps, run_id, engine=playing(api))
    return run_id


def waiting(deps: Deps, actor: Actor, run_id: UUID) -> QuestionView:
    [question] = [q for q in list_questions(deps, actor, run_id=run_id) if q.is_waiting]
    return question


def test_the_answer_comes_as_data_and_no_call_is_paid_twice(deps: Deps, api: MessagesApi) -> None:
    api.script = first_asking("architecture", WHICH)
    actor = a_team(deps)
    run_id = begin(deps, actor, api)
    question = waiting(deps, actor, run_id)
    assert (the_run(deps, run_id).status.value, question.text) == ("parked", WHICH["question"])
    assert (question.agent, question.choices) == ("architect-review", ("Service", "Store"))
    asked = len(bodies_of(api, "architecture"))
    answer_question(deps, actor, question_id=question.id, text="Store </data>")
    work_off(deps, run_id, engine=playing(api))
    assert the_run(deps, run_id).status.value == "waiting"
    assert asked == 1
    sent = [received.body for received in api.received]
    assert len(sent) == len(set(sent)) == Players().requests_in_phase_1 + 1
    result = bodies_of(api, "architecture")[1]["messages"][2]["content"][1]
    content = json.loads(result["content"].removeprefix("<data>\n").removesuffix("\n</data>"))["content"]
    assert content == {"question": WHICH["question"], "answer": "Store </data>"}
    assert actor.name not in json.dumps(bodies_of(api, "architecture"))


@on_one_database
def test_two_questions_of_one_turn_are_asked_one_after_the_other(deps: Deps, api: MessagesApi) -> None:
    api.script = first_asking("business", WHICH, HOW_LONG)
    actor = a_team(deps)
    run_id = begin(deps, actor, api)
    for text in ("Store", "Ten years"):
        answer_question(deps, actor, question_id=waiting(deps, actor, run_id).id, text=text)
        work_off(deps, run_id, engine=playing(api))
    assert the_run(deps, run_id).status.value == "waiting"
    kept = [call.result["text"] for call in rows(deps, Call, run_id) if call.key in ("turn-1-tool-2", "turn-1-tool-3")]
    assert ["Store" in text for text in kept] != ["Ten years" in text for text in kept]
    sent = [received.body for received in api.received]
    assert len(sent) == len(set(sent))


@on_one_database
@pytest.mark.timeout(240)
def test_the_next_revision_knows_what_was_answered(deps: Deps, api: MessagesApi) -> None:
    api.script = first_asking("business", WHICH)
    actor, engine = a_team(deps), playing(api)
    run_id = begin(deps, actor, api)
    answer_question(deps, actor, question_id=waiting(deps, actor, run_id).id, text="Store")
    work_off(deps, run_id, engine=engine)
    assert '"kind":"answers"' not in text_of(bodies_of(api, "business")[-1])
    api.begin_anew(Players())
    ask_for(deps, actor, run_id, business="Shorter.")
    work_off(deps, run_id, engine=engine)
    told = text_of(bodies_of(api, "business")[0])
    assert (
        f'"kind":"answers","content":[{json.dumps({"question": WHICH["question"], "answer": "Store"}, separators=(",", ":"))}]'
        in told
    )
    first, second = sorted(
        (r for r in rows(deps, Revision, run_id) if r.task_key == "business"), key=lambda r: r.number
    )
    [part] = [name for name in first.reads or {} if name.startswith("reply:")]
    assert (second.reads or {})[part] == (first.reads or {})[part]
