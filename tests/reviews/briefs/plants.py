"""Critical changes, each planted in what the blueprint made of a request of the corpus: alone, where nobody announces it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.evidence.subjects import Subject
from services.reviews.briefs.seen import SeenCheck
from tests.evidence.subjects import with_files, with_records
from tests.reviews.briefs.states import checks_of

Row = dict[str, Any]


class NotHereError(Exception):
    """The request has nothing in which this could be planted."""


@dataclass(frozen=True)
class Planted:
    """`kind` is the words of the brief, `place` what it must name. `checks`, `verdicts`: before and after."""

    subject: Subject
    kind: str
    place: str
    checks: tuple[Mapping[str, SeenCheck], Mapping[str, SeenCheck]] | None = None
    verdicts: tuple[Mapping[str, tuple[str, str]], Mapping[str, tuple[str, str]]] = field(default=({}, {}))


Plant = Callable[[Subject], Planted]


def _rows(subject: Subject, task: str, table: str) -> list[Row]:
    rows = [dict(row) for row in subject.records[task][table]]
    if not rows:
        raise NotHereError
    return rows


def _first(rows: list[Row], **wanted: Any) -> Row:
    for row in rows:
        if all(row[key] == value for key, value in wanted.items()):
            return row
    raise NotHereError


def _text(subject: Subject, path: str) -> str:
    if path not in subject.files:
        raise NotHereError
    return subject.files[path].decode()


def _edited(subject: Subject, path: str, old: str, new: str) -> Subject:
    text = _text(subject, path)
    if old not in text:
        raise NotHereError
    return with_files(subject, {path: text.replace(old, new, 1).encode()})


def _file(subject: Subject, start: str, end: str = "") -> str:
    found = sorted(path for path in subject.files if path.startswith(start) and path.endswith(end))
    if not found:
        raise NotHereError
    return found[0]


def _line_of(subject: Subject, path: str, text: str) -> str:
    lines = subject.files[path].decode().split("\n")
    return f"{path}:{next(n for n, line in enumerate(lines, start=1) if text in line)}"


def outside_system(subject: Subject) -> Planted:
    row = {"id": "DEP-9", "name": "Stripe", "kind": "payment", "purpose": "", "needed_from": "", "source": "assumption"}
    rows = [dict(r) for r in subject.records["business"]["dependencies"]]
    return Planted(with_records(subject, "business", dependencies=[*rows, row]), "New outside system", "Stripe")


def outside_address(subject: Subject) -> Planted:
    path = "app/observability.py"
    changed = with_files(
        subject, {path: f'{_text(subject, path)}\nSINK = "https://collect.example-metrics.io/v1"\n'.encode()}
    )
    return Planted(changed, "New outside system", "collect.example-metrics.io")


def personal_field(subject: Subject) -> Planted:
    entities = _rows(subject, "architecture", "entities")
    entities[0]["fields"] = [
        *entities[0]["fields"],
        {**entities[0]["fields"][0], "name": "iban", "sensitive": "payment"},
    ]
    place = f"{entities[0]['name']}.iban"
    return Planted(with_records(subject, "architecture", entities=entities), "New personal data", place)


def personal_event(subject: Subject) -> Planted:
    events = _rows(subject, "data", "events")
    row = _first(events, personal_data=False)
    row["personal_data"] = True
    return Planted(with_records(subject, "data", events=events), "New personal data", row["id"])


def sensitive_no_more(subject: Subject) -> Planted:
    entities = _rows(subject, "architecture", "entities")
    for entity in entities:
        for number, one in enumerate(entity["fields"]):
            if one["sensitive"]:
                entity["fields"] = [dict(f) for f in entity["fields"]]
                entity["fields"][number]["sensitive"] = ""
                place = f"{entity['name']}.{one['name']}"
                changed = with_records(subject, "architecture", entities=entities)
                return Planted(changed, "Personal data less protected", place)
    raise NotHereError


def permission_dropped_in_code(subject: Subject) -> Planted:
    """The line that says who may call it is gone; the operation still is there."""
    text = _text(subject, "app/access.py")
    line = next((one for one in text.split("\n") if one.strip().startswith('"OP-update')), None)
    if line is None:
        raise NotHereError
    changed = _edited(subject, "app/access.py", f"{line}\n", "")
    return Planted(changed, "Permission no longer asked for", line.split('"')[1])


def permission_not_asked(subject: Subject) -> Planted:
    for path in sorted(subject.files):
        if path.startswith("app/") and 'Depends(allowed("OP-create' in subject.files[path].decode():
            operation = subject.files[path].decode().split('allowed("OP-create')[1].split('"')[0]
            old, new = f'Depends(allowed("OP-create{operation}"))', "Depends(anybody)"
            return Planted(_edited(subject, path, old, new), "Permission no longer asked for", f"OP-create{operation}")
    raise NotHereError


def permission_dropped_in_records(subject: Subject) -> Planted:
    operations = _rows(subject, "architecture", "operations")
    row = next((op for op in operations if op["roles"]), None)
    if row is None:
        raise NotHereError
    row["roles"] = []
    changed = with_records(subject, "architecture", operations=operations)
    return Planted(changed, "Permission no longer asked for", row["id"])


def more_people_may(subject: Subject) -> Planted:
    rows = _rows(subject, "security", "authorization")
    row = next((r for r in rows if len(r["denied"]) > 1), None)
    if row is None:
        raise NotHereError
    role, row["denied"] = row["denied"][0], row["denied"][1:]
    changed = with_records(subject, "security", authorization=rows)
    return Planted(changed, "More people may call", f"{row['operation']}, {role}")


def limit_moved(subject: Subject) -> Planted:
    entities = _rows(subject, "architecture", "entities")
    fields = entities[0]["fields"] = [dict(f) for f in entities[0]["fields"]]
    row = next((f for f in fields if f["maximum"] is not None), None)
    if row is None:
        raise NotHereError
    row["maximum"] = row["maximum"] * 10
    changed = with_records(subject, "architecture", entities=entities)
    return Planted(changed, "Limit changed", f"{entities[0]['name']}.{row['name']}, maximum")


def required_no_more(subject: Subject) -> Planted:
    entities = _rows(subject, "architecture", "entities")
    fields = entities[0]["fields"] = [dict(f) for f in entities[0]["fields"]]
    row = _first(fields, required=True)
    row["required"] = False
    changed = with_records(subject, "architecture", entities=entities)
    return Planted(changed, "Limit changed", f"{entities[0]['name']}.{row['name']}, required")


def proof_lost(subject: Subject) -> Planted:
    before = checks_of(subject)
    criteria: dict[str, Any] = dict(before["tests"].figures["criteria"])
    if not criteria:
        raise NotHereError
    id_ = next(iter(criteria))
    criteria[id_] = {"outcome": "not_covered", "reason": "the test asserts nothing", "tests": []}
    after = {**before, "tests": replace(before["tests"], figures={"criteria": criteria})}
    return Planted(subject, "Criterion that lost its proof", id_, checks=(before, after))


def rule_without_code(subject: Subject) -> Planted:
    rows = _rows(subject, "backend", "rules")
    id_ = rows[0]["criterion"]
    kept = [row for row in rows if row["criterion"] != id_]
    return Planted(with_records(subject, "backend", rules=kept), "Criterion that lost its proof", id_)


def criterion_removed(subject: Subject) -> Planted:
    rows = _rows(subject, "business", "criteria")
    return Planted(with_records(subject, "business", criteria=rows[1:]), "Criterion removed", rows[0]["id"])


def criterion_reworded(subject: Subject) -> Planted:
    rows = _rows(subject, "business", "criteria")
    rows[0]["text"] = f"{rows[0]['text']} Unless somebody is in a hurry."
    return Planted(with_records(subject, "business", criteria=rows), "Criterion reworded", rows[0]["id"])


def critical_finding(subject: Subject) -> Planted:
    finding = {
        "rule": "B608", "severity": "critical", "place": "app/records.py:7", "task": "backend", "advice": "Bind values.",
        "message": "SQL is built from what the caller sends",
    }  # fmt: skip
    before = checks_of(subject)
    after = {**before, "source_scan": SeenCheck("failed", "1 finding.", {}, (finding,))}
    return Planted(subject, "Critical finding", "app/records.py:7", checks=(before, after))


def finding_of_step_8(subject: Subject) -> Planted:
    row = {
        "id": "SF-9", "cwe": "CWE-89", "severity": "critical", "file": "app/listing.py", "line": 12, "finding": "SQL from text",
        "fix": "", "status": "open",
    }  # fmt: skip
    rows = [dict(r) for r in subject.records["security"]["findings"]]
    return Planted(with_records(subject, "security", findings=[*rows, row]), "Critical finding", "app/listing.py:12")


def destructive_migration(subject: Subject) -> Planted:
    path = "migrations/versions/0009_tidy.py"
    text = (
        '"""Tidy up."""\n\nfrom alembic import op\n\nrevision = "0009"\ndown_revision = "0002"\n\n\n'
        'def upgrade() -> None:\n    op.drop_column("change", "before")\n\n\n'
        'def downgrade() -> None:\n    op.add_column("change", None)\n'
    )
    changed = with_files(subject, {path: text.encode()})
    return Planted(changed, "Migration that loses data", f"{path}:10")


def rewritten_migration(subject: Subject) -> Planted:
    path = _file(subject, "migrations/versions/", ".py")
    return Planted(_edited(subject, path, "nullable=False", "nullable=True"), "Earlier migration rewritten", path)


def no_way_back(subject: Subject) -> Planted:
    path = _file(subject, "migrations/versions/", ".py")
    head = _text(subject, path).split("def downgrade")[0]
    changed = with_files(subject, {path: f"{head}def downgrade() -> None:\n    pass\n".encode()})
    return Planted(changed, "Way back removed", path)


def rung_removed(subject: Subject) -> Planted:
    rows = _rows(subject, "deployment", "rollback")
    kept = [row for row in rows if row["rung"] != 3]
    return Planted(with_records(subject, "deployment", rollback=kept), "Way back removed", "rung 3")


def rollback_script_removed(subject: Subject) -> Planted:
    path = _file(subject, "deploy/rollback/", ".sh")
    return Planted(with_files(subject, {path: None}), "Way back removed", path)


def dependency(subject: Subject) -> Planted:
    changed = with_files(
        subject, {"requirements.txt": f"{_text(subject, 'requirements.txt')}leftpad==1.0.0\n".encode()}
    )
    return Planted(changed, "New dependency", "leftpad in requirements.txt")


def operation_removed(subject: Subject) -> Planted:
    rows = _rows(subject, "architecture", "operations")
    return Planted(with_records(subject, "architecture", operations=rows[:-1]), "Operation removed", rows[-1]["id"])


def contract_without_operation(subject: Subject) -> Planted:
    document = json.loads(_text(subject, "design/openapi.json"))
    path, item = next(iter(document["paths"].items()))
    method = next(iter(item))
    del item[method]
    changed = with_files(subject, {"design/openapi.json": json.dumps(document).encode()})
    return Planted(changed, "Operation removed", f"{method.upper()} {path}")


def verdict_lost(subject: Subject) -> Planted:
    verdicts = ({"security_scan": ("met", "")}, {"security_scan": ("not_met", "1 critical finding.")})
    return Planted(subject, "No longer met", "Security scan", verdicts=verdicts)


def mitigation_dropped(subject: Subject) -> Planted:
    rows = _rows(subject, "risk", "threats")
    rows[0]["mitigation"] = "accepted for now"
    return Planted(with_records(subject, "risk", threats=rows), "Answer to a threat changed", rows[0]["id"])


def test_removed(subject: Subject) -> Planted:
    path = "tests/test_service.py"
    name = _text(subject, path).split("def test_")[1].split("(")[0]
    return Planted(
        _edited(subject, path, f"def test_{name}(", f"def not_{name}("), "Test removed", f"{path}::test_{name}"
    )


def check_silenced(subject: Subject) -> Planted:
    path = "app/listing.py"
    changed = with_files(subject, {path: f"{_text(subject, path)}TOKEN = 1  # nosec\n".encode()})
    return Planted(changed, "Check or test switched off", _line_of(changed, path, "# nosec"))


def risky_call(subject: Subject) -> Planted:
    path = "app/resilience.py"
    changed = with_files(subject, {path: f"{_text(subject, path)}\nOPTIONS = dict(verify=False)\n".encode()})
    return Planted(changed, "Risky code", _line_of(changed, path, "verify=False"))


def container_as_root(subject: Subject) -> Planted:
    return Planted(
        _edited(subject, "Dockerfile", "USER 10001", "USER root"), "Rights where it is built or runs", "Dockerfile:"
    )


def flag_open(subject: Subject) -> Planted:
    row = {**subject.records["backend"]["flag"], "default": not subject.records["backend"]["flag"]["default"]}
    return Planted(with_records(subject, "backend", flag=row), "Feature flag changed", "flag, default")


def alert_removed(subject: Subject) -> Planted:
    rows = _rows(subject, "observability", "alerts")
    return Planted(with_records(subject, "observability", alerts=rows[1:]), "Alert removed", rows[0]["id"])


def below_much_text(subject: Subject) -> Planted:
    """Where no reader would scroll to."""
    path = "app/access.py"
    roles = _text(subject, path).replace("frozenset((", 'frozenset(("guest", ', 1)
    changed = with_files(subject, {path: ("# nothing to see here\n" * 30_000 + roles).encode()})
    return Planted(changed, "More people may call", "OP-")


PLANTS: tuple[Plant, ...] = (
    outside_system, outside_address, personal_field, personal_event, sensitive_no_more, permission_dropped_in_code,
    permission_not_asked, permission_dropped_in_records, more_people_may, limit_moved, required_no_more, proof_lost,
    rule_without_code, criterion_removed, criterion_reworded, critical_finding, finding_of_step_8, destructive_migration,
    rewritten_migration, no_way_back, rung_removed, rollback_script_removed, dependency, operation_removed,
    contract_without_operation, verdict_lost, mitigation_dropped, test_removed, check_silenced, risky_call,
    container_as_root, flag_open, alert_removed, below_much_text,
)  # fmt: skip


def planted(plant: Plant, subjects: Iterator[Subject]) -> tuple[Subject, Planted]:
    """In the first of the subjects that has a place for it."""
    for subject in subjects:
        try:
            return subject, plant(subject)
        except NotHereError:
            continue
    raise AssertionError(f"no request of the corpus has a place for {plant.__name__}")
