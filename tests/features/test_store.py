"""Features of a team: drafts, submission, duplicates, defaults, archive, deletion."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from db.tables import ContextDocument, Feature, Run
from db.tables.run import RunStatus
from services.actors import Actor, Role
from services.deps import Deps
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from services.features import store
from services.runs.start import start_run
from services.runs.views import get_run
from tests.builders import REQUEST, a_feature, a_member, a_team
from tests.conftest import Clock
from tests.uploads import a_picture

FORM: dict[str, Any] = REQUEST.model_dump(mode="json")
ODD_TEXTS = [
    "😀 👩‍👩‍👧 🏳️‍🌈",
    "ملاحظات \u202eright to left\u202c",
    "<script>alert(1)</script> & {{7*7}} {% raw %}",
    "'; DROP TABLE feature; -- \\ \" \\u0041",
    "  blanks\tand\r\nlines  ",
]


@pytest.fixture
def ada(deps: Deps) -> Actor:
    return a_team(deps)


def submitted(deps: Deps, actor: Actor, **values: Any) -> store.FeatureView:
    feature_id = store.submit_feature(deps, actor, feature_id=uuid4(), form={**FORM, **values})
    return store.get_feature(deps, actor, feature_id=feature_id)


def form_of(deps: Deps, actor: Actor, feature_id: Any) -> Mapping[str, Any]:
    return store.get_feature(deps, actor, feature_id=feature_id).form


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"title": ""},
        {"title": "Only a title"},
        {"title": "x" * 5000, "description": "x" * 200_000},
        {"test_coverage_min": "abc", "rollout_percentage": -1, "performance_budget": "fast"},
        {"methodology": "waterfall", "complexity": None},
        *({"title": "Odd", "description": text} for text in ODD_TEXTS),
    ],
    ids=lambda form: ascii(form)[:24],
)
def test_a_draft_keeps_the_form_as_typed_valid_or_not(deps: Deps, ada: Actor, form: dict[str, Any]) -> None:
    feature_id = store.save_draft(deps, ada, form=form)
    kept = store.get_feature(deps, ada, feature_id=feature_id)
    assert kept.form == form
    assert kept.submitted_at is None


@pytest.mark.parametrize(("typed", "kept"), [("a\x00b", "a\u2400b"), ("a\ud800b", "a\\ud800b")], ids=["NUL", "half"])
def test_what_no_database_can_hold_is_kept_in_a_form_that_shows(deps: Deps, ada: Actor, typed: str, kept: str) -> None:
    feature_id = store.save_draft(deps, ada, form={"title": typed, "description": typed})
    assert form_of(deps, ada, feature_id) == {"title": kept, "description": kept}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [(None, "Untitled feature"), ("", "Untitled feature"), ("  ", "Untitled feature"), (" A ", "A"), ("x" * 300, "x" * 200)],
)  # fmt: skip
def test_a_list_shows_a_title_even_for_a_draft_without_one(deps: Deps, ada: Actor, typed: Any, shown: str) -> None:
    store.save_draft(deps, ada, form={"title": typed})
    assert [f.title for f in store.list_features(deps, ada)] == [shown]


def test_fields_that_the_form_does_not_have_are_not_kept(deps: Deps, ada: Actor) -> None:
    feature_id = store.save_draft(deps, ada, form={"title": "A", "colour": "green"})
    assert form_of(deps, ada, feature_id) == {"title": "A"}


def test_a_draft_takes_the_id_that_was_chosen_for_it(deps: Deps, ada: Actor) -> None:
    chosen = uuid4()
    assert store.save_draft(deps, ada, form={"title": "A"}, feature_id=chosen) == chosen
    assert store.save_draft(deps, ada, form={"title": "B"}, feature_id=chosen) == chosen
    assert [(f.id, f.title) for f in store.list_features(deps, ada)] == [(chosen, "B")]


def test_without_an_id_every_draft_is_new(deps: Deps, ada: Actor) -> None:
    assert store.save_draft(deps, ada, form=FORM) != store.save_draft(deps, ada, form=FORM)


def test_an_id_of_another_team_names_no_draft(deps: Deps, ada: Actor) -> None:
    theirs = a_feature(deps, a_team(deps, "Search"))
    with pytest.raises(NotFound):
        store.save_draft(deps, ada, form={"title": "Ours"}, feature_id=theirs.id)
    assert store.list_features(deps, ada) == ()


def test_a_draft_says_when_it_changed_last(deps: Deps, ada: Actor, clock: Clock) -> None:
    feature_id = store.save_draft(deps, ada, form=FORM)
    begun = clock.at
    clock.advance(hours=1)
    store.save_draft(deps, ada, form=FORM, feature_id=feature_id)
    kept = store.get_feature(deps, ada, feature_id=feature_id)
    assert (kept.created_at, kept.changed_at) == (begun, clock.at)


def test_what_changed_last_comes_first(deps: Deps, ada: Actor, clock: Clock) -> None:
    first = store.save_draft(deps, ada, form={"title": "First"})
    clock.advance(minutes=1)
    store.save_draft(deps, ada, form={"title": "Second"})
    assert [f.title for f in store.list_features(deps, ada)] == ["Second", "First"]
    clock.advance(minutes=1)
    store.save_draft(deps, ada, form={"title": "First"}, feature_id=first)
    assert [f.title for f in store.list_features(deps, ada)] == ["First", "Second"]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ascii)
def test_a_submitted_text_is_kept_exactly_as_typed(deps: Deps, ada: Actor, text: str) -> None:
    assert submitted(deps, ada, title=text, description=text).form["description"] == text


def test_a_hundred_thousand_characters_are_kept(deps: Deps, ada: Actor) -> None:
    text = "😀x" * 50_000
    assert submitted(deps, ada, description=text).form["description"] == text


def test_submission_turns_what_was_typed_into_values(deps: Deps, ada: Actor, clock: Clock) -> None:
    feature = submitted(deps, ada, test_coverage_min="90%", rollout_percentage=" 10 ")
    assert (feature.form["test_coverage_min"], feature.form["rollout_percentage"]) == (90, 10)
    assert feature.submitted_at == clock.at


def test_a_refused_submission_keeps_what_was_typed_as_a_draft(deps: Deps, ada: Actor) -> None:
    chosen, form = uuid4(), {**FORM, "rollout_percentage": "abc"}
    with pytest.raises(InvalidInput) as refused:
        store.submit_feature(deps, ada, feature_id=chosen, form=form)
    assert set(refused.value.problems) == {"rollout_percentage"}
    kept = store.get_feature(deps, ada, feature_id=chosen)
    assert (kept.form, kept.submitted_at) == (form, None)


def test_a_second_submission_keeps_the_time_of_the_first(deps: Deps, ada: Actor, clock: Clock) -> None:
    first = submitted(deps, ada)
    clock.advance(hours=1)
    store.submit_feature(deps, ada, feature_id=first.id, form={**FORM, "title": "Better"})
    again = store.get_feature(deps, ada, feature_id=first.id)
    assert (again.title, again.submitted_at, again.changed_at) == ("Better", first.submitted_at, clock.at)


def test_a_change_after_the_start_does_not_move_the_run(deps: Deps, ada: Actor) -> None:
    feature = submitted(deps, ada)
    run_id = start_run(deps, ada, feature_id=feature.id)
    store.submit_feature(deps, ada, feature_id=feature.id, form={**FORM, "title": "Better"})
    assert get_run(deps, ada, run_id=run_id).title == REQUEST.title
    second = start_run(deps, ada, feature_id=feature.id)
    assert get_run(deps, ada, run_id=second).title == "Better"
    assert store.get_feature(deps, ada, feature_id=feature.id).run_count == 2


@pytest.mark.parametrize("wrong", [{"rollout_percentage": 0}, {"performance_budget": "fast"}, {"title": ""}])
def test_what_cannot_be_submitted_cannot_be_started(deps: Deps, ada: Actor, wrong: dict[str, Any]) -> None:
    draft = store.save_draft(deps, ada, form={**FORM, **wrong})
    with pytest.raises(InvalidInput):
        start_run(deps, ada, feature_id=draft)
    with deps.reading() as session:
        assert session.exec(select(Run)).all() == []


def test_a_duplicate_is_a_draft_with_the_same_form(deps: Deps, ada: Actor) -> None:
    source = submitted(deps, ada, rollout_percentage=25)
    copy = store.get_feature(deps, ada, feature_id=store.duplicate_feature(deps, ada, feature_id=source.id))
    assert copy.form == {**source.form, "title": f"{REQUEST.title} (copy)"}
    assert (copy.submitted_at, copy.run_count) == (None, 0)


def test_a_duplicate_changes_without_its_source(deps: Deps, ada: Actor) -> None:
    source = submitted(deps, ada)
    copy = store.duplicate_feature(deps, ada, feature_id=source.id)
    store.save_draft(deps, ada, form={"title": "Other"}, feature_id=copy)
    assert form_of(deps, ada, source.id) == source.form


@pytest.mark.parametrize(
    "form", [{}, {"title": None}, {"title": ""}, {"title": "x" * 200}], ids=["none", "null", "empty", "long"]
)
def test_a_duplicate_of_any_draft_can_be_told_from_it(deps: Deps, ada: Actor, form: dict[str, Any]) -> None:
    source = store.save_draft(deps, ada, form=form)
    copy = store.get_feature(deps, ada, feature_id=store.duplicate_feature(deps, ada, feature_id=source))
    assert copy.title.endswith("(copy)")
    assert "None" not in copy.title
    assert len(copy.title) <= 200


def test_defaults_begin_with_those_of_the_product(deps: Deps, ada: Actor) -> None:
    defaults = store.form_defaults(deps, ada)
    assert (defaults["deployment_strategy"], defaults["test_coverage_min"], defaults["rollout_percentage"]) == (
        "canary",
        80,
        5,
    )
    assert not {"title", "description", "methodology", "complexity"} & set(defaults)


def test_a_team_sets_its_own_defaults(deps: Deps, ada: Actor) -> None:
    store.save_defaults(deps, ada, form={**FORM, "methodology": "tdd", "rollout_percentage": "20 %"})
    defaults = store.form_defaults(deps, ada)
    assert (defaults["methodology"], defaults["rollout_percentage"]) == ("tdd", 20)
    assert not {"title", "description"} & set(defaults)


def test_corrections_are_of_one_feature_and_never_a_default(deps: Deps, ada: Actor) -> None:
    store.save_defaults(deps, ada, form={**FORM, "corrections": "rename expense to claim"})
    assert store.form_defaults(deps, ada)["corrections"] == ""


def test_corrections_are_kept_with_the_feature_and_its_run(deps: Deps, ada: Actor) -> None:
    feature = submitted(deps, ada, corrections="rename expense to claim")
    run_id = start_run(deps, ada, feature_id=feature.id)
    assert get_run(deps, ada, run_id=run_id).request.corrections == "rename expense to claim"
    with pytest.raises(InvalidInput) as refused:
        submitted(deps, ada, corrections="x" * 10_001)
    assert refused.value.problems == {"corrections": "This has 10,001 characters; at most 10,000 fit."}


def test_texts_of_documents_are_read_as_far_as_they_mean_something(deps: Deps, ada: Actor) -> None:
    feature = submitted(deps, ada)
    store.add_document(deps, ada, feature_id=feature.id, name="a.md", kind="data", data=b"x" * 30_000)
    store.add_document(deps, ada, feature_id=feature.id, name="b.png", kind="interface", data=a_picture())
    assert [(d.name, len(d.text)) for d in store.read_texts(deps, ada, feature_id=feature.id)] == [("a.md", 20_000)]
    with pytest.raises(NotFound):
        store.read_texts(deps, a_team(deps, "Search"), feature_id=feature.id)


def test_a_default_that_is_left_empty_is_the_products_again(deps: Deps, ada: Actor) -> None:
    store.save_defaults(deps, ada, form={"rollout_percentage": 20})
    store.save_defaults(deps, ada, form={"rollout_percentage": "", "monitoring_stack": "datadog"})
    defaults = store.form_defaults(deps, ada)
    assert (defaults["rollout_percentage"], defaults["monitoring_stack"]) == (5, "datadog")


@pytest.mark.parametrize("wrong", [{"rollout_percentage": 101}, {"complexity": "huge"}, {"performance_budget": "fast"}])
def test_refused_defaults_change_nothing(deps: Deps, ada: Actor, wrong: dict[str, Any]) -> None:
    store.save_defaults(deps, ada, form={"rollout_percentage": 20})
    with pytest.raises(InvalidInput) as refused:
        store.save_defaults(deps, ada, form={"rollout_percentage": 30, **wrong})
    assert set(refused.value.problems) == set(wrong)
    assert store.form_defaults(deps, ada)["rollout_percentage"] == 20


def test_an_archived_feature_leaves_the_list_and_comes_back(deps: Deps, ada: Actor) -> None:
    feature = submitted(deps, ada)
    store.set_archived(deps, ada, feature_id=feature.id, archived=True)
    assert store.list_features(deps, ada) == ()
    assert [(f.id, f.archived) for f in store.list_features(deps, ada, archived=True)] == [(feature.id, True)]
    store.set_archived(deps, ada, feature_id=feature.id, archived=False)
    assert [(f.id, f.archived) for f in store.list_features(deps, ada)] == [(feature.id, False)]


def test_deletion_says_what_goes_and_takes_it(deps: Deps, ada: Actor) -> None:
    feature = submitted(deps, ada)
    store.add_document(deps, ada, feature_id=feature.id, name="a.md", kind="data", data=b"x")
    run_id = start_run(deps, ada, feature_id=feature.id)
    assert store.deletion_of_feature(deps, ada, feature_id=feature.id) == {"runs": 1, "documents": 1}
    set_status(deps, run_id, RunStatus.CANCELLED)
    store.delete_feature(deps, ada, feature_id=feature.id)
    with deps.reading() as session:
        for table in (Feature, ContextDocument, Run):
            assert session.exec(select(table)).all() == []


def set_status(deps: Deps, run_id: Any, status: RunStatus) -> None:
    with deps.session() as session:
        run = session.get_one(Run, run_id)
        run.status = status
        session.add(run)
        session.commit()


def test_a_feature_whose_run_is_running_stays(deps: Deps, ada: Actor) -> None:
    feature = submitted(deps, ada)
    start_run(deps, ada, feature_id=feature.id)
    with pytest.raises(Conflict, match="cancel it first"):
        store.delete_feature(deps, ada, feature_id=feature.id)
    assert len(store.list_features(deps, ada)) == 1


def test_deleting_one_feature_leaves_the_others(deps: Deps, ada: Actor) -> None:
    first, second = submitted(deps, ada), submitted(deps, ada)
    store.delete_feature(deps, ada, feature_id=first.id)
    assert [f.id for f in store.list_features(deps, ada)] == [second.id]
    with pytest.raises(NotFound):
        store.get_feature(deps, ada, feature_id=first.id)


@pytest.mark.parametrize(
    ("role", "draft", "allowed"),
    [
        (Role.OWNER, True, True), (Role.OWNER, False, True), (Role.MEMBER, True, True), (Role.MEMBER, False, False),
        (Role.VIEWER, True, False), (Role.VIEWER, False, False),
    ],
)  # fmt: skip
def test_who_may_edit_deletes_drafts_and_only_owners_delete_features(
    deps: Deps, ada: Actor, role: Role, draft: bool, allowed: bool
) -> None:
    actor = a_member(deps, ada.team_id, username="bob", role=role)
    feature_id = store.save_draft(deps, ada, form=FORM) if draft else submitted(deps, ada).id
    if allowed:
        store.delete_feature(deps, actor, feature_id=feature_id)
    else:
        with pytest.raises(NotAllowed):
            store.delete_feature(deps, actor, feature_id=feature_id)
    assert bool(store.list_features(deps, ada)) is not allowed
