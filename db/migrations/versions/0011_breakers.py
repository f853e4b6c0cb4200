"""a breaker per provider and model, and what a parked task waits for.

Reason: a provider that is down is asked by one process at a time and not by all, and the runs that wait for it go on by
themselves when it answers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENTS = ("first_at", "opened_at", "retry_at", "probe_until", "closed_at")


def upgrade() -> None:
    op.create_table(
        "breaker",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("wait_seconds", sa.Float(), nullable=False),
        sa.Column("probe", sa.String(), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in MOMENTS),
        sa.PrimaryKeyConstraint("provider", "model"),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waits_for", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_column("waits_for")
    op.drop_table("breaker")
