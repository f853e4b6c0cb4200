"""The documents of a run: frozen at its start, with their bytes for engines that can see, and told of by one that cannot."""

from uuid import UUID

import pytest

from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.features import store
from services.features.request import MediaType
from services.runs.documents import list_documents, open_document, read_original
from services.runs.start import start_run
from services.runs.views import get_revision, live_text
from tests.builders import a_feature, a_team
from tests.conftest import Clock
from tests.fakes.scripted_engine import ScriptedEngine
from tests.runs.building import approve, the_run, work_off
from tests.uploads import a_pdf, a_picture, opened

PICTURE = a_picture(size=(320, 200), color=(10, 120, 110))
UNSEEN = "mock-up.png: a picture; shown to reviewers, not read by this engine"


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


@pytest.fixture
def run_id(deps: Deps, ada: Actor, clock: Clock) -> UUID:
    """A run with a PDF for business analysis, and a picture for the steps that the architecture concerns."""
    feature = a_feature(deps, ada)
    for name, kind, data in (
        ("rules.pdf", "business", a_pdf("Meals are at most 40 EUR.")),
        ("mock-up.png", "architecture", PICTURE),
    ):
        document = store.add_document(deps, ada, feature_id=feature.id, name=name, kind=kind, data=data)
        clock.advance(seconds=1)
    run_id = start_run(deps, ada, feature_id=feature.id)
    store.remove_document(deps, ada, feature_id=feature.id, document_id=document)
    return run_id


def test_the_row_of_a_run_names_a_picture_and_does_not_hold_it(deps: Deps, run_id: UUID) -> None:
    text, picture = the_run(deps, run_id).documents
    assert text == {
        "name": "rules.pdf", "kind": "business", "media_type": "application/pdf", "text": "Meals are at most 40 EUR.",
    }  # fmt: skip
    assert set(picture) == {"name", "kind", "media_type", "tree"}
    assert len(picture["tree"]) == 40


def test_an_engine_gets_text_of_a_pdf_and_bytes_of_a_picture_where_they_concern_the_step(
    deps: Deps, run_id: UUID
) -> None:
    engine = ScriptedEngine()
    work_off(deps, run_id, engine=engine)
    read = {
        brief.task.key: [(d.name, d.media_type, d.text, d.data) for d in brief.documents] for brief in engine.briefs
    }
    assert read == {
        "business": [("rules.pdf", MediaType.PDF, "Meals are at most 40 EUR.", b"")],
        "architecture": [("mock-up.png", MediaType.PNG, "", PICTURE)],
        "risk": [],
    }


def test_the_blueprint_says_of_every_picture_that_it_reads_none(deps: Deps, ada: Actor, run_id: UUID) -> None:
    work_off(deps, run_id)
    approve(deps, ada, run_id)
    work_off(deps, run_id)
    reports = {
        key: get_revision(deps, ada, run_id=run_id, task_key=key).report
        for key in ("business", "architecture", "risk", "backend", "frontend", "data")
    }
    assert {key for key, report in reports.items() if f"- {UNSEEN}\n" in report} == {"architecture", "backend"}
    assert "- rules.pdf\n" in reports["business"]
    said = live_text(deps, ada, run_id=run_id, task_key="architecture")
    assert "Pictures, which this engine does not read: mock-up.png." in said
    assert not any(line.startswith("Context documents read") for line in said)


def test_people_see_what_the_run_began_with(deps: Deps, ada: Actor, run_id: UUID) -> None:
    text, picture = list_documents(deps, ada, run_id=run_id)
    assert (text.name, text.read_by) == ("rules.pdf", ("Business analysis",))
    assert (picture.name, picture.read_by) == ("mock-up.png", ("Technical architecture", "Backend services"))
    assert open_document(deps, ada, run_id=run_id, position=0).text == "Meals are at most 40 EUR."
    shown = open_document(deps, ada, run_id=run_id, position=1)
    assert (shown.text, opened(shown.preview).format, opened(shown.preview).size) == ("", "JPEG", (320, 200))


def test_the_picture_comes_back_byte_for_byte(deps: Deps, ada: Actor, run_id: UUID) -> None:
    assert read_original(deps, ada, run_id=run_id, position=1) == PICTURE
    assert read_original(deps, ada, run_id=run_id, position=0) == b"Meals are at most 40 EUR."


@pytest.mark.parametrize("position", [-1, 2])
def test_a_document_that_the_run_has_not_is_not_found(deps: Deps, ada: Actor, run_id: UUID, position: int) -> None:
    with pytest.raises(NotFound, match="no such document"):
        open_document(deps, ada, run_id=run_id, position=position)
