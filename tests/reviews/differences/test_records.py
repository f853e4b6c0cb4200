"""Records as changes: rows by their ids, fields by dotted paths."""

from typing import Any

from services.reviews.differences.records import ROWS_MAX, compare_records
from services.reviews.differences.sequences import Change

ENTITY = {
    "name": "expense",
    "states": ["draft", "sent"],
    "fields": [
        {"name": "amount", "type": "money", "maximum": 500, "choices": []},
        {"name": "category", "type": "string", "maximum": None, "choices": ["travel", "meals"]},
    ],
}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str, str, Any, Any]]:
    return [(c.kind.value, c.table, c.row, c.path, c.before, c.after) for c in compare_records(before, after).changes]


def entity(**field: Any) -> dict[str, Any]:
    first, second = ENTITY["fields"]
    return {"entities": [{**ENTITY, "fields": [{**first, **field}, second]}]}  # type: ignore[dict-item]


def test_the_same_records_have_no_change() -> None:
    assert changes(entity(), entity()) == []


def test_a_field_of_a_field_of_a_row_has_its_dotted_path() -> None:
    assert changes(entity(), entity(maximum=900)) == [
        ("changed", "entities", "expense", "fields.amount.maximum", 500, 900)
    ]


def test_false_and_nothing_and_nought_are_not_the_same() -> None:
    assert changes({"flag": {"default": False}}, {"flag": {"default": 0}}) == [
        ("changed", "flag", "", "default", False, 0)
    ]


def test_a_row_is_found_again_by_its_id_wherever_it_stands() -> None:
    one, two, three = ({"id": f"OP-{n}", "path": f"/{n}"} for n in "abc")
    assert changes({"operations": [one, two]}, {"operations": [two, three, {**one, "path": "/x"}]}) == [
        ("changed", "operations", "OP-a", "path", "/a", "/x"),
        ("added", "operations", "OP-c", "", None, three),
    ]


def test_of_several_rows_of_one_name_only_those_that_differ_are_told() -> None:
    rules = [{"criterion": "AC-1", "function": name} for name in ("a", "b", "c")]
    assert changes({"rules": rules}, {"rules": rules[1:]}) == [("removed", "rules", "AC-1", "", rules[0], None)]


def test_what_came_to_a_list_and_what_left_it_are_told_item_by_item() -> None:
    after = {"assumptions": ["A", "C"]}
    assert changes({"assumptions": ["A", "B"]}, after) == [
        ("removed", "assumptions", "", "", "B", None),
        ("added", "assumptions", "", "", None, "C"),
    ]


def test_another_order_is_told_where_it_is_a_meaning() -> None:
    turned = {"entities": [{**ENTITY, "states": ["sent", "draft"]}]}
    assert changes({"entities": [ENTITY]}, turned) == [
        ("changed", "entities", "expense", "states", ["draft", "sent"], ["sent", "draft"])
    ]


def test_a_table_that_was_not_there_is_all_new() -> None:
    assert changes({}, {"stages": [{"share_percent": 5}]}) == [
        ("added", "stages", "row 1", "", None, {"share_percent": 5})
    ]
    assert changes({"experiment": {"unit": "person"}}, {"experiment": None}) == [
        ("changed", "experiment", "", "", {"unit": "person"}, None)
    ]


def test_the_version_of_the_schema_is_no_change() -> None:
    assert changes({"schema_version": 1, "summary": "A"}, {"schema_version": 2, "summary": "A"}) == []


def test_of_very_many_changes_the_number_is_told() -> None:
    found = compare_records({"threats": []}, {"threats": [{"id": f"TH-{n}"} for n in range(10_000)]})
    assert (len(found.changes), found.left_out) == (ROWS_MAX, 10_000 - ROWS_MAX)
    assert {change.kind for change in found.changes} == {Change.ADDED}
