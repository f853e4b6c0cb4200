"""What agents mended before people were asked stands at the gate, with its reasons and the way to what it changed."""

import pytest

from services.runs import repairs, settling
from tests.fakes import word_check
from tests.fakes.word_check import BROKEN, MENDED, NOTES
from tests.pages import screens
from tests.pages.homes import People
from tests.pages.screens import open_page, seen
from tests.runs.building import a_run, work_off
from tests.runs.test_repairs import repairing, saying


@pytest.fixture(autouse=True)
def only_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (settling, repairs):
        monkeypatch.setattr(module, "CHECKS", word_check.CHECKS)


def shown(people: People, *contents: bytes, **query: str) -> str:
    run_id = a_run(people.deps, people.ada)
    work_off(people.deps, run_id, engine=repairing(architecture=saying(NOTES, *contents)))
    return seen(open_page(people.deps, "ben", "run", run=str(run_id), **query))


def test_the_gate_says_which_revision_mended_what_and_leads_to_the_difference(people: People) -> None:
    text = shown(people, BROKEN, MENDED)
    assert "**Repaired before you were asked**, in 1 round, because checks had failed:" in text
    assert "Technical architecture, revision 2: [what it changed of revision 1](run?" in text
    assert "step=architecture&revision=2&show=revisions&against=1" in text
    assert f"`{NOTES}:1` The file says OUT-OF-ORDER." in screens.plain_text(text).replace("\\", "")


def test_the_gate_says_that_a_repair_changed_nothing(people: People) -> None:
    text = shown(people, BROKEN)
    assert "revision 2: it changed no record and no file, so no other round was played for it." in text


def test_a_gate_without_repairs_says_nothing_of_them(people: People) -> None:
    assert "Repaired" not in shown(people, MENDED)


def test_the_step_says_why_it_was_made_again(people: People) -> None:
    assert "Made again to mend what checks found" in shown(people, BROKEN, MENDED, step="architecture")
