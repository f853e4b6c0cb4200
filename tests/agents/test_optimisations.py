"""Step 9 changes the code where it finds the place for it, says so, and leaves everything else alone."""

import pytest

from services.agents.blueprint.testing.optimisations import Optimisation, optimisations_of
from services.deliverables.discovery import Architecture
from services.deliverables.implementation import Backend
from services.workflow.options import Methodology
from tests.agents.chain import drafts_of, files_of, records_of
from tests.builders import REQUEST

OWN_LISTS = REQUEST.model_copy(
    update={
        "description": "Employees submit expenses with an amount. Managers approve expenses.\n\n"
        "- Employees see only their own expenses.\n- Managers see all expenses."
    }
)


def changes_of(files: dict[str, bytes] | None = None, request: object = REQUEST) -> tuple[Optimisation, ...]:
    drafts = drafts_of(request, until="backend")  # type: ignore[arg-type]
    design, built = records_of(drafts["architecture"]), records_of(drafts["backend"])
    assert isinstance(design, Architecture)
    assert isinstance(built, Backend)
    return optimisations_of({**files_of(drafts.values()), **(files or {})}, design, built)


@pytest.mark.parametrize("methodology", Methodology)
def test_every_layout_has_the_places_that_can_be_faster(methodology: Methodology) -> None:
    drafts = drafts_of(OWN_LISTS.model_copy(update={"methodology": methodology}), until="performance")
    changed = {path for path in drafts["performance"].files if not path.startswith("performance/")}
    before = files_of(draft for key, draft in drafts.items() if key != "performance")
    models = "app/contexts/expenses/models.py" if methodology is Methodology.DDD else "app/expenses/models.py"
    shared = {"app/database.py", "app/main.py", "app/records.py"}
    assert changed == {*shared, models, "migrations/versions/0002_makers.py"}
    assert changed & set(before) == {*shared, models}
    for path in changed:
        assert drafts["performance"].files[path] != before.get(path)


def test_records_and_report_say_what_was_changed_and_what_was_not() -> None:
    draft = drafts_of(REQUEST, until="performance")["performance"]
    made = [i for i in records_of(draft).improvements if i.files]
    proposed = [i for i in records_of(draft).improvements if not i.files]
    assert {path for i in made for path in i.files} == {p for p in draft.files if not p.startswith("performance/")}
    assert [i.where for i in proposed] == ["app/analytics.py, emit", "GET /expenses?state="]
    assert "-    with Session(engine()) as session:" in draft.report
    assert "+    with Session(engine(), expire_on_commit=False) as session:" in draft.report
    assert "## Proposed, not made" in draft.report


@pytest.mark.parametrize("path", ["app/database.py", "app/main.py", "app/records.py"])
@pytest.mark.parametrize("text", ["", "somebody wrote it anew\n"])
def test_a_place_that_is_not_there_is_left_alone(path: str, text: str) -> None:
    changes = changes_of({path: text.encode()})
    assert len(changes) == 2
    assert all(path not in change.files for change in changes)


def test_a_change_that_was_made_already_is_not_made_twice() -> None:
    first = {path: data for change in changes_of() for path, data in change.files.items()}
    assert changes_of(first) == ()


def test_an_index_is_made_only_where_rules_ask_who_made_a_record() -> None:
    assert [change.where for change in changes_of()] == [
        "app/database.py, get_session",
        "app/records.py, claim",
        "app/main.py, create_app",
    ]
    index = changes_of(request=OWN_LISTS)[-1]
    assert set(index.files) == {"app/expenses/models.py", "migrations/versions/0002_makers.py"}
    assert b"created_by: str = Field(index=True)" in index.files["app/expenses/models.py"]
    assert index.files["app/expenses/models.py"].count(b"created_by: str = Field(index=True)") == 1


def test_the_migration_follows_the_newest_one() -> None:
    later = changes_of({"migrations/versions/0007_by_hand.py": b'revision = "0007"\n'}, OWN_LISTS)[-1]
    migration = later.files["migrations/versions/0008_makers.py"].decode()
    assert 'revision = "0008"' in migration
    assert 'down_revision = "0007"' in migration
