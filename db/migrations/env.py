"""Run by Alembic; the connection comes from db/migrate.py."""

from alembic import context
from sqlmodel import SQLModel

import db.tables  # noqa: F401  (completes the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
