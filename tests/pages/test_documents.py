"""Context documents on the screen: uploaded and listed in the form, shown with the run that reads them."""

from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from services.features import store
from services.runs.start import start_run
from tests.builders import a_feature
from tests.pages.homes import MARKUP, People
from tests.pages.screens import buttons, open_page, plain_text, press, said, seen
from tests.uploads import a_pdf, a_picture, an_encrypted_pdf

LABEL = "Markdown or plain text, at most 1 MB; PDF, PNG or JPEG, at most 5 MB"


def form(people: People, feature_id: UUID) -> AppTest:
    return open_page(people.deps, "ben", "configure", feature=str(feature_id))


def upload(at: AppTest, name: str, data: bytes, kind: str = "business") -> AppTest:
    at = at.selectbox(key=f"configure_{at.query_params['feature']}_kind").set_value(kind).run()
    (uploader,) = [u for u in at.file_uploader if u.label == LABEL]
    return press(uploader.set_value((name, data, "application/octet-stream")).run(), "Add document")


def pictures(at: AppTest) -> int:
    return len(at.get("image"))


@pytest.mark.parametrize(
    ("name", "data", "listed", "shown"),
    [
        ("notes.md", b"# Notes", "notes.md (business, text, 7 bytes)", 0),
        ("rules.pdf", a_pdf("Text."), f"rules.pdf (business, PDF, {len(a_pdf('Text.')):,} bytes)", 0),
        ("mock-up.png", a_picture(), f"mock-up.png (business, picture, {len(a_picture())} bytes)", 1),
        ("photo.jpg", a_picture("JPEG"), f"photo.jpg (business, picture, {len(a_picture('JPEG'))} bytes)", 1),
    ],
    ids=["text", "PDF", "PNG", "JPEG"],
)
def test_an_uploaded_document_is_listed_and_still_there_after_a_reload(
    people: People, name: str, data: bytes, listed: str, shown: int
) -> None:
    feature = a_feature(people.deps, people.ben)
    for at in (upload(form(people, feature.id), name, data), form(people, feature.id)):
        assert listed in [text.value for text in at.text]
        assert pictures(at) == shown


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("scan.pdf", a_pdf(""), "scan.pdf has no text, only pictures of pages; run text recognition (OCR) over it"),
        ("a.pdf", an_encrypted_pdf("secret"), "a.pdf is encrypted; save it without a password"),
        ("a.png", a_picture()[:50], "a.png is broken"),
        ("a.png", a_picture(size=(8001, 5000), mode="1"), "a picture may have 40. Make it smaller."),
        (f"{MARKUP[:11]}.pdf", b"%PDF-1.7", "is broken"),
    ],
    ids=["scan", "encrypted", "half", "pixels", "markup"],
)
def test_what_is_refused_is_said_at_the_field_and_not_listed(
    people: People, name: str, data: bytes, sentence: str
) -> None:
    feature = a_feature(people.deps, people.ben)
    at = upload(form(people, feature.id), name, data)
    assert sentence in plain_text(said(at))
    assert store.get_feature(people.deps, people.ben, feature_id=feature.id).documents == ()


def test_a_removed_picture_is_gone(people: People) -> None:
    feature = a_feature(people.deps, people.ben)
    at = press(upload(form(people, feature.id), "mock-up.png", a_picture()), "Remove")
    assert pictures(at) == 0
    assert "Remove" not in buttons(at)


def test_the_run_shows_its_documents_one_at_a_time(people: People) -> None:
    feature = a_feature(people.deps, people.ben)
    for name, kind, data in (
        ("mock-up.png", "interface", a_picture()),
        ("rules.pdf", "business", a_pdf("Meals are at most 40 EUR.")),
    ):
        store.add_document(people.deps, people.ben, feature_id=feature.id, name=name, kind=kind, data=data)
    run_id = start_run(people.deps, people.ben, feature_id=feature.id)
    at = open_page(people.deps, "vera", "run", run=str(run_id))
    assert pictures(at) == 0
    at.session_state[f"run_documents_{run_id}"] = True
    at = at.run()
    assert pictures(at) == 1
    assert "Concerns frontend. The blueprint engine reads no pictures." in plain_text(seen(at))
    (choice,) = [box for box in at.selectbox if box.key == f"run_document_{run_id}"]
    at = choice.select_index(1).run()
    assert pictures(at) == 0
    assert "Meals are at most 40 EUR." in seen(at)
    assert "Read by business analysis." in plain_text(seen(at))


def test_a_run_without_documents_shows_none(at_gate: People) -> None:
    at = open_page(at_gate.deps, "ben", "run", run=str(at_gate.run))
    assert "Context documents" not in [expander.label for expander in at.expander]
