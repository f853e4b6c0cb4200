"""On PostgreSQL a worker can work under a role that cannot decide: real server, real role, real worker process."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlmodel import SQLModel

import db.tables  # noqa: F401  (completes the metadata)
from db.roles import WORKER_RIGHTS
from db.tables import Notification, Run
from services import bootstrap, ledger
from services.__main__ import main
from services.actors import Actor
from services.deps import Deps
from services.reminders.loops import telling
from services.reviews.anchors import Anchor, AnchorKind
from services.reviews.changes import request_changes
from services.reviews.discussions import list_threads
from services.reviews.threads import start_thread
from services.runs.repairs import list_repairs
from services.runs.start import start_run
from services.settings import read_settings
from tests import postgres
from tests.builders import a_feature, a_team
from tests.runs.building import gate, rows
from tests.runs.processes import approve_gate, started, status_of, wait_until

ROLE = "greenlight_worker"
# What no worker touches: people, what they ask for, and everything in which they decide.
NOT_FOR_WORKERS = {
    *("auth_session", "context_document", "criterion_assignment", "criterion_comment", "feature", "ledger_entry"),
    *("membership", "one_time_link", "team", "team_policy", "user_account"),
    *("notification", "notification_choice", "delivery", "webhook", "reviewer"),
}


@dataclass(frozen=True)
class Installation:
    """`url` is of the owner of the tables, `worker_url` of the worker's role."""

    deps: Deps
    home: Path
    url: str

    @property
    def worker_url(self) -> str:
        return self.url.replace("postgres@", f"{ROLE}@")


@pytest.fixture
def installation(postgres_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    url = postgres.new_database(postgres_address)
    with psycopg.connect(url) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {ROLE}".encode())
        connection.execute(f"CREATE ROLE {ROLE} LOGIN".encode())
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("GREENLIGHT_DATA", str(tmp_path))
    assert main(["migrate", "--worker-role", ROLE]) == 0
    deps = bootstrap.web_deps(read_settings())
    yield Installation(deps, tmp_path, url)
    deps.engine.dispose()
    if client := deps.dispatcher._client:  # type: ignore[attr-defined]
        client.destroy()
    postgres.drop_database(postgres_address, url)
    with psycopg.connect(f"{postgres_address}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP ROLE {ROLE}".encode())


def test_the_role_takes_a_run_to_its_gates_and_cannot_decide(installation: Installation) -> None:
    deps, actor = installation.deps, a_team(installation.deps)
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor).id)
    quick = {"DATABASE_URL": installation.worker_url, "GREENLIGHT_ENVIRONMENTS": str(installation.home / "none")}
    with started(installation.home, "-m", "services", "worker", **quick):
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting", seconds=90)
        ask_in_a_thread(deps, actor, run_id)
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting", seconds=90)
        [thread] = list_threads(deps, actor, run_id=run_id)
        assert [comment.author_kind for comment in thread.comments] == ["person", "agent"]
        for phase in (1, 2):
            wait_until(lambda: status_of(deps, actor, run_id) == "waiting", seconds=90)
            approve_gate(deps, actor, run_id)
            assert phase_now(deps, run_id) == phase + 1
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting", seconds=90)
    assert ledger.verify(deps, actor).is_whole
    # The worker may tell nobody, and says so once; the web process tells instead.
    assert rows(deps, Notification, run_id) == []
    with telling(deps):
        wait_until(lambda: bool(rows(deps, Notification, run_id)), seconds=20)
    for statement in FORGERIES:
        assert_refused(installation, statement, actor, run_id)


def test_the_role_may_ask_for_repairs(installation: Installation, tmp_path: Path) -> None:
    deps, actor = installation.deps, a_team(installation.deps)
    run_id = start_run(deps, actor, feature_id=a_feature(deps, actor).id)
    worker = ("-m", "tests.fakes.word_check", str(tmp_path / "log"), "0")
    with started(installation.home, *worker, DATABASE_URL=installation.worker_url):
        wait_until(lambda: status_of(deps, actor, run_id) == "waiting", seconds=90)
    assert [(v.task_key, v.revision) for v in list_repairs(deps, actor, run_id=run_id)] == [("architecture", 2)]


def ask_in_a_thread(deps: Deps, actor: Actor, run_id: UUID) -> None:
    anchor = Anchor(AnchorKind.PARAGRAPH, "", 1, 1)
    thread_id = start_thread(
        deps, actor, run_id=run_id, task_key="risk", revision=1, anchor=anchor, text="Name the owner."
    )
    shown = gate(deps, actor, run_id).shown_hash
    chosen = {thread_id: "Name the owner."}
    request_changes(deps, actor, run_id=run_id, shown_hash=shown, remarks={}, threads=chosen)


def phase_now(deps: Deps, run_id: UUID) -> int:
    with deps.reading() as session:
        return session.get_one(Run, run_id).phase


FORGERIES = (
    "INSERT INTO ledger_entry SELECT team_id, number + 1000, at, actor, act, payload, previous, mac, sign_in, shown_hash FROM ledger_entry",
    "UPDATE ledger_entry SET mac = ''",
    "DELETE FROM ledger_entry",
    "SELECT * FROM ledger_entry",
    "INSERT INTO decision (id) VALUES ('{run}')",
    "UPDATE decision SET kind = 'approve'",
    "DELETE FROM decision",
    "INSERT INTO team_policy VALUES ('{team}', 1, 0, '[]', '[]', 'x', now())",
    "INSERT INTO house_rules VALUES ('{team}', 'risk', 1, 'Approve.', NULL, 'x', now())",
    "UPDATE team_limit SET month_usd = NULL",
    "DELETE FROM spending",
    "UPDATE thread SET resolved_at = now()",
    "UPDATE thread_comment SET text = 'x'",
    "INSERT INTO question_answer (question_id, text) VALUES ('{run}', 'yes')",
    "UPDATE question_answer SET text = 'x'",
    "UPDATE question SET text = 'x'",
    "UPDATE run SET phase = 4",
    "UPDATE run SET requester_id = NULL",
    "DELETE FROM run",
    "UPDATE revision SET report = ''",
    "UPDATE evidence SET outcome = 'passed'",
    "UPDATE verdict SET outcome = 'met'",
    "INSERT INTO waiver (id) VALUES ('{run}')",
    "INSERT INTO attestation (id) VALUES ('{run}')",
    "UPDATE membership SET role = 'owner'",
    "SELECT password_hash FROM user_account",
    "UPDATE team SET ledger_entries = 0",
    "INSERT INTO outbox VALUES ('{run}', 99, '[]', now(), NULL)",
    "CREATE TABLE forged (id int)",
)


def assert_refused(installation: Installation, statement: str, actor: Actor, run_id: UUID) -> None:
    with psycopg.connect(installation.worker_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(team=actor.team_id, run=run_id).encode())


def test_every_table_says_whether_workers_touch_it() -> None:
    assert set(WORKER_RIGHTS) | NOT_FOR_WORKERS == {t.name for t in SQLModel.metadata.sorted_tables} | {
        "alembic_version"
    }
    assert not set(WORKER_RIGHTS) & NOT_FOR_WORKERS


def test_a_role_that_is_not_there_is_named(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--worker-role", "nobody"]) == 2
    assert "There is no role nobody" in capsys.readouterr().err


def test_sqlite_has_no_roles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("GREENLIGHT_DATA", str(tmp_path))
    assert main(["migrate", "--worker-role", ROLE]) == 2
    assert "Only PostgreSQL has roles" in capsys.readouterr().err
