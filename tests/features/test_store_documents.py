"""The documents of a feature: added, listed, removed, copied, counted."""

from uuid import UUID, uuid4

import pytest

from db.queries.features import documents_of
from db.tables import Run
from services.actors import Actor
from services.deps import Deps
from services.errors import InvalidInput, NotFound, TooLarge
from services.features import store
from services.features.request import DOCUMENTS_MAX, MediaType
from services.runs.start import start_run
from tests.builders import a_feature, a_team
from tests.conftest import Clock
from tests.uploads import a_pdf, a_picture, opened


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


def add(deps: Deps, actor: Actor, feature_id: UUID, name: str = "notes.md", text: str = "x") -> UUID:
    return store.add_document(deps, actor, feature_id=feature_id, name=name, kind="business", data=text.encode())


def names(deps: Deps, actor: Actor, feature_id: UUID) -> list[str]:
    view = store.get_feature(deps, actor, feature_id=feature_id)
    return [document.name for document in view.documents]


def test_a_document_is_listed_with_its_size_in_bytes(deps: Deps, ada: Actor) -> None:
    feature = a_feature(deps, ada)
    document_id = add(deps, ada, feature.id, text="ملاحظات 😀")
    (document,) = store.get_feature(deps, ada, feature_id=feature.id).documents
    assert (document.id, document.name, document.kind) == (document_id, "notes.md", "business")
    assert document.size == len("ملاحظات 😀".encode())


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [("rules.pdf", a_pdf("Text."), MediaType.PDF), ("mock-up.png", a_picture(), MediaType.PNG)],
    ids=["PDF", "PNG"],
)
def test_a_pdf_and_a_picture_are_listed_with_the_size_of_their_file(
    deps: Deps, ada: Actor, name: str, data: bytes, media_type: MediaType
) -> None:
    feature = a_feature(deps, ada)
    store.add_document(deps, ada, feature_id=feature.id, name=name, kind="interface", data=data)
    (document,) = store.get_feature(deps, ada, feature_id=feature.id).documents
    assert (document.name, document.media_type, document.size) == (name, media_type, len(data))


def test_pictures_alone_have_previews_and_a_duplicate_has_its_own(deps: Deps, ada: Actor) -> None:
    feature = a_feature(deps, ada)
    add(deps, ada, feature.id)
    data = a_picture("JPEG", (80, 60))
    picture = store.add_document(deps, ada, feature_id=feature.id, name="a.jpg", kind="interface", data=data)
    previews = store.read_previews(deps, ada, feature_id=feature.id)
    assert {id_: opened(preview).size for id_, preview in previews.items()} == {picture: (80, 60)}
    copy = store.duplicate_feature(deps, ada, feature_id=feature.id)
    store.delete_feature(deps, ada, feature_id=feature.id)
    assert list(store.read_previews(deps, ada, feature_id=copy).values()) == [previews[picture]]
    with deps.reading() as session:
        kept = {d.name: d.data for d in documents_of(session, copy)}
    assert kept == {"notes.md": None, "a.jpg": data}


def test_documents_are_listed_in_the_order_in_which_they_came(deps: Deps, ada: Actor, clock: Clock) -> None:
    feature = a_feature(deps, ada)
    for name in ("b.md", "a.md", "c.md"):
        add(deps, ada, feature.id, name)
        clock.advance(seconds=1)
    assert names(deps, ada, feature.id) == ["b.md", "a.md", "c.md"]


@pytest.mark.parametrize(
    ("name", "kind", "data", "error"),
    [
        ("a.md", "business", b"\xff", InvalidInput),
        ("a.exe", "business", b"x", InvalidInput),
        ("a.md", "secret", b"x", InvalidInput),
        ("", "business", b"x", InvalidInput),
        ("a.md", "business", b"", InvalidInput),
        ("a.md", "business", b"x" * 1_000_001, TooLarge),
        ("a.pdf", "business", a_pdf(""), InvalidInput),
        ("a.png", "interface", a_picture()[:50], InvalidInput),
        ("a.png", "interface", a_picture() + bytes(5_000_000), TooLarge),
    ],
    ids=["bytes", "ending", "kind", "name", "empty", "size", "scan", "half a picture", "size of a picture"],
)
def test_a_refused_document_is_not_kept(
    deps: Deps, ada: Actor, name: str, kind: str, data: bytes, error: type[Exception]
) -> None:
    feature = a_feature(deps, ada)
    with pytest.raises(error):
        store.add_document(deps, ada, feature_id=feature.id, name=name, kind=kind, data=data)
    assert names(deps, ada, feature.id) == []


def test_twenty_documents_fit_and_one_more_is_refused(deps: Deps, ada: Actor) -> None:
    feature = a_feature(deps, ada)
    assert DOCUMENTS_MAX == 20
    for number in range(DOCUMENTS_MAX):
        add(deps, ada, feature.id, f"{number}.md")
    with pytest.raises(InvalidInput, match="may have 20 documents; remove one first") as refused:
        add(deps, ada, feature.id)
    assert set(refused.value.problems) == {"documents"}
    assert len(names(deps, ada, feature.id)) == DOCUMENTS_MAX


def test_after_removing_one_there_is_room_again(deps: Deps, ada: Actor) -> None:
    feature = a_feature(deps, ada)
    for number in range(DOCUMENTS_MAX):
        add(deps, ada, feature.id, f"{number}.md")
    first = store.get_feature(deps, ada, feature_id=feature.id).documents[0]
    store.remove_document(deps, ada, feature_id=feature.id, document_id=first.id)
    add(deps, ada, feature.id, "new.md")
    assert first.name not in names(deps, ada, feature.id)
    assert "new.md" in names(deps, ada, feature.id)


def test_a_document_of_another_feature_is_not_removed(deps: Deps, ada: Actor) -> None:
    first, second = a_feature(deps, ada), a_feature(deps, ada)
    add(deps, ada, first.id)
    (document,) = store.get_feature(deps, ada, feature_id=first.id).documents
    for document_id in (document.id, uuid4()):
        with pytest.raises(NotFound, match="document does not exist"):
            store.remove_document(deps, ada, feature_id=second.id, document_id=document_id)
    assert names(deps, ada, first.id) == ["notes.md"]


def test_a_feature_that_nobody_has_takes_no_document(deps: Deps, ada: Actor) -> None:
    with pytest.raises(NotFound):
        add(deps, ada, uuid4())


def test_a_duplicate_has_documents_of_its_own(deps: Deps, ada: Actor) -> None:
    source = a_feature(deps, ada)
    add(deps, ada, source.id, "a.md")
    copy = store.duplicate_feature(deps, ada, feature_id=source.id)
    (copied,) = store.get_feature(deps, ada, feature_id=copy).documents
    store.remove_document(deps, ada, feature_id=copy, document_id=copied.id)
    assert names(deps, ada, source.id) == ["a.md"]
    assert names(deps, ada, copy) == []


def test_a_run_keeps_the_documents_that_it_began_with(deps: Deps, ada: Actor) -> None:
    feature = a_feature(deps, ada)
    document_id = add(deps, ada, feature.id, text="as it was")
    run_id = start_run(deps, ada, feature_id=feature.id)
    store.remove_document(deps, ada, feature_id=feature.id, document_id=document_id)
    with deps.reading() as session:
        assert session.get_one(Run, run_id).documents == [{"name": "notes.md", "kind": "business", "text": "as it was"}]
