"""What a worker may do on PostgreSQL: exactly the rows and columns that the work of a segment needs, and no decision."""

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

# Table -> rights. "UPDATE (a, b)" are columns: a worker moves a run's status, never its phase.
WORKER_RIGHTS: dict[str, tuple[str, ...]] = {
    "alembic_version": ("SELECT",),
    "attestation": ("SELECT",),
    "breaker": ("SELECT", "INSERT", "UPDATE"),
    "call": ("SELECT", "INSERT"),
    "decision": ("SELECT",),
    "event": ("SELECT", "INSERT"),
    "evidence": ("SELECT", "INSERT"),
    "git_object": ("SELECT", "INSERT"),
    "house_rules": ("SELECT",),
    "outbox": ("SELECT", "UPDATE (sent_at)"),
    "question": ("SELECT", "INSERT"),
    "question_answer": ("SELECT",),
    "revision": ("SELECT", "INSERT"),
    "run": ("SELECT", "UPDATE (status, reason, version)"),
    "spending": ("SELECT", "INSERT", "UPDATE"),
    "task": (
        "SELECT",
        "UPDATE (status, error, waits_for, queued_at, started_at, finished_at, revision, attempt, kept, asked_id)",
        "UPDATE (cause, remarks, threads, findings, house_rules)",
    ),
    "team_limit": ("SELECT",),
    "thread": ("SELECT",),
    "thread_comment": ("SELECT", "INSERT"),
    "verdict": ("SELECT", "INSERT"),
    "waiver": ("SELECT",),
    "worker": ("SELECT", "INSERT", "UPDATE", "DELETE"),
}
_SEQUENCES = ("event_id_seq",)


def has_role(engine: Engine, role: str) -> bool:
    with engine.connect() as connection:
        return (
            connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
            is not None
        )


def may_insert(engine: Engine, table: str) -> bool:
    """Whether the role of this process may; on SQLite everybody who can open the file may."""
    if engine.dialect.name != "postgresql":
        return True
    with engine.connect() as connection:
        asked = sa.text("SELECT has_table_privilege(:table, 'INSERT')")
        return bool(connection.execute(asked, {"table": table}).scalar_one())


def grant_worker_rights(engine: Engine, role: str) -> None:
    """Takes every right on the product's tables away from the role and gives it those of a worker; to be repeated after
    each migration."""
    with engine.begin() as connection:
        name, schema = _quoted(connection, role), _quoted(connection, _schema(connection))
        for kind in ("TABLES", "SEQUENCES"):
            connection.exec_driver_sql(f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {name}")
        connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {schema} FROM {name}")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        for table, rights in WORKER_RIGHTS.items():
            connection.exec_driver_sql(f"GRANT {', '.join(rights)} ON {schema}.{_quoted(connection, table)} TO {name}")
        for sequence in _SEQUENCES:
            connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {schema}.{sequence} TO {name}")


def _schema(connection: Connection) -> str:
    return str(connection.execute(sa.text("SELECT current_schema()")).scalar_one())


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
