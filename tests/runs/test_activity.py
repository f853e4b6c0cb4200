"""What happened, as sentences."""

import re
from pathlib import Path

import pytest

from db.tables import Event
from services.actors import Actor, Role
from services.deps import Deps
from services.errors import NotFound
from services.people.teams import change_member
from services.runs.activity import PAGE_SIZE, SENTENCES, describe, list_activity
from services.runs.control import delete_run
from services.settings import ROOT
from tests.builders import a_member, a_team
from tests.runs.building import a_run, a_run_at_gate, approve, ask_for

# `criterion.{act}` and `task.{ending}` are put together where they are recorded.
PUT_TOGETHER = {
    *("criterion.attest", "criterion.ask_for_waiver", "criterion.grant_waiver", "criterion.refuse_waiver"),
    *("task.failed", "task.parked"),
}
# What is handed to whatever writes an event, and what is chosen before that.
_KIND = re.compile(
    r'"((?:run|gate|task|step|report|thread|policy|check|criterion|repair|evidence|feature|member|webhook|reviewers|question)\.[a-z_]+)"'
)
_WRITTEN = re.compile(r'(?:record|record_for_team|_tell)\([^"()]*"([a-z_]+\.[a-z_]+)"')


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


def recorded(folder: Path) -> set[str]:
    """Kinds of events that the services write, as their source names them."""
    files = [
        p for p in folder.rglob("*.py") if "record" in p.read_text(encoding="utf-8") and "blueprint" not in p.parts
    ]
    texts = [path.read_text(encoding="utf-8") for path in files]
    return {kind for text in texts for pattern in (_KIND, _WRITTEN) for kind in pattern.findall(text)}


def test_every_kind_of_event_has_its_sentence() -> None:
    found = recorded(ROOT / "services") - {"task.text"}
    assert len(found) > 25
    assert (found | PUT_TOGETHER) - set(SENTENCES) == set()
    assert set(SENTENCES) - found - PUT_TOGETHER == set()


def test_the_sentences_of_a_run_are_newest_first(deps: Deps, ada: Actor) -> None:
    ben = a_member(deps, ada.team_id, username="ben")
    run_id = a_run_at_gate(deps, ada)
    ask_for(deps, ben, run_id, architecture="Smaller.")
    sentences = [row.sentence for row in list_activity(deps, ada, run_id=run_id).rows]
    assert sentences[0] == "Ben asked for changes at gate 1: technical architecture."
    assert sentences[1].startswith("The run stands at gate 1, ")
    assert sentences[-1] == f"{ada.name} started the run."
    assert any(s.startswith("business-analyst finished business analysis, revision 1") for s in sentences)


def test_a_team_reads_what_people_did_and_what_it_was_about(deps: Deps, ada: Actor) -> None:
    ben = a_member(deps, ada.team_id, username="ben")
    run_id = a_run_at_gate(deps, ada)
    approve(deps, ben, run_id)
    assert ben.user_id
    change_member(deps, ada, user_id=ben.user_id, role=Role.VIEWER, disciplines=(), is_active=True)
    rows = list_activity(deps, ada).rows
    assert [(row.sentence, row.run_number) for row in rows] == [
        (f"{ada.name} changed Ben: viewer.", None),
        ("Ben approved gate 1.", 1),
        (rows[2].sentence, 1),
        (f"{ada.name} started the run.", 1),
    ]


def test_of_a_deleted_run_the_team_still_reads_that_it_was_deleted(deps: Deps, ada: Actor) -> None:
    delete_run(deps, ada, run_id=a_run_at_gate(deps, ada))
    assert [row.sentence for row in list_activity(deps, ada).rows] == [f"{ada.name} deleted run 1, Expense approvals."]


def test_it_comes_a_page_at_a_time(deps: Deps, ada: Actor) -> None:
    for _ in range(PAGE_SIZE + 5):
        a_run(deps, ada)
    first, last, beyond = (list_activity(deps, ada, page=page) for page in (1, 2, 99))
    assert (len(first.rows), len(last.rows), first.pages) == (PAGE_SIZE, 5, 2)
    assert first.rows[0].run_number == PAGE_SIZE + 5
    assert beyond == last


def test_a_run_of_another_team_has_no_activity(deps: Deps, ada: Actor) -> None:
    run_id = a_run(deps, ada)
    with pytest.raises(NotFound):
        list_activity(deps, a_team(deps, "Search"), run_id=run_id)


@pytest.mark.parametrize("kind", [*SENTENCES, "something.new_in_this_version"])
def test_an_event_that_lacks_what_its_words_need_is_still_a_sentence(kind: str) -> None:
    event = Event(actor_kind="person", actor_name="Ada", kind=kind, data={})
    assert describe(event, {}).endswith(".")


def test_a_kind_that_has_no_words_yet_is_said_by_its_name() -> None:
    event = Event(actor_kind="person", actor_name="Ada", kind="thread.opened", data={})
    assert describe(event, {}) == "Ada: thread opened."
