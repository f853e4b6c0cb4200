"""Migrations that cannot go back, or leave another schema than the models', are found out."""

import pytest

from services.evidence.environments import Environments
from services.evidence.migrations import measure_migrations
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, of_the_corpus, with_files

FIRST = "migrations/versions/0001_first.py"


@pytest.fixture(scope="module")
def subject(environments: Environments) -> Subject:
    return generated()


@pytest.mark.parametrize("id_", ["07-rental-applications", "31-audit-trail"])
def test_migrations_of_the_blueprint_go_up_down_and_up(environments: Environments, id_: str) -> None:
    measured = measure_migrations(of_the_corpus(id_))
    assert (measured.outcome, measured.findings) == ("passed", ()), (measured.reason, measured.log)
    assert measured.figures["tables"] > 3


def second(down: str, up: str = 'op.create_table("more", sa.Column("id", sa.Integer, primary_key=True))') -> bytes:
    head = 'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "0002"\ndown_revision = "0001"\n\n'
    return f"{head}def upgrade():\n    {up}\n\ndef downgrade():\n    {down}\n".encode()


FAULTS = {
    "not-reversible": second("pass"),
    "migration-fails": second("raise NotImplementedError"),
    "empty-upgrade": second("pass", "pass"),
    "models-differ": second('op.drop_table("more")'),
    "heads": second("pass").replace(b'"0001"', b"None"),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_faulty_migration_is_found(subject: Subject, rule: str) -> None:
    measured = measure_migrations(with_files(subject, {"migrations/versions/0002_more.py": FAULTS[rule]}))
    assert measured.outcome == "failed"
    assert rule in {f.rule for f in measured.findings}, (measured.reason, measured.log)


def test_a_column_that_no_migration_makes_is_found(subject: Subject) -> None:
    text = subject.files[FIRST].decode()
    line = next(line for line in text.splitlines() if '"receipt_link"' in line)
    measured = measure_migrations(with_files(subject, {FIRST: text.replace(line, "").encode()}))
    assert any(f.rule == "models-differ" and "receipt_link" in f.message for f in measured.findings), measured.reason


def test_migrations_that_cannot_be_loaded_fail_and_say_why(subject: Subject) -> None:
    measured = measure_migrations(with_files(subject, {FIRST: b"import nothing_of_that_name\n"}))
    assert measured.outcome == "failed"
    assert "nothing_of_that_name" in measured.reason
