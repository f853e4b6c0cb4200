"""revisions keep what they read, and tasks what became of an attempt that made nothing new.

Reason: a task runs again only when a part that it read has changed; whoever asked for the last change is known per
revision; and a person may choose another engine for one step.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reads", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("asked_id", sa.Uuid(), nullable=True))
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kept", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("engine", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("asked_id", sa.Uuid(), nullable=True))
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.alter_column("kept", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("task", schema=None) as batch_op:
        for name in ("asked_id", "engine", "kept"):
            batch_op.drop_column(name)
    with op.batch_alter_table("revision", schema=None) as batch_op:
        for name in ("asked_id", "reads"):
            batch_op.drop_column(name)
