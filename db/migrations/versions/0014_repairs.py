"""a revision keeps the findings that it was asked to repair.

Reason: what failed checks found goes back to the agent that owns the place before people are asked, and they see why.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("task", "revision"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("findings", sa.JSON(), nullable=False, server_default="[]"))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("findings", server_default=None)


def downgrade() -> None:
    for table in ("revision", "task"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("findings")
