"""teams have a cap for each month and a limit for new runs; what was spent belongs to the team, also without its run.

Reason: agents of several runs at work at the same time may not pass the team's cap together, and the money of a deleted run is
spent all the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_UP = """INSERT INTO spending (id, team_id, run_id, task_key, revision, key, model, held_usd, cost_usd, usage, created_at, settled_at)
SELECT s.id, r.team_id, s.run_id, s.task_key, s.revision, s.key, s.model, s.held_usd, s.cost_usd, s.usage, s.created_at, s.settled_at
FROM spending_before s JOIN run r ON r.id = s.run_id"""
_DOWN = """INSERT INTO spending (id, run_id, task_key, revision, key, model, held_usd, cost_usd, usage, created_at, settled_at)
SELECT id, run_id, task_key, revision, key, model, held_usd, cost_usd, usage, created_at, settled_at
FROM spending_before WHERE run_id IS NOT NULL"""


def upgrade() -> None:
    op.create_table(
        "team_limit",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("month_usd", sa.Float(), nullable=True),
        sa.Column("run_usd", sa.Float(), nullable=True),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id"),
    )
    _set_aside()
    _make(
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="SET NULL"),
    )
    op.create_index("ix_spending_team_id_created_at", "spending", ["team_id", "created_at"])
    op.execute(_UP)
    op.drop_table("spending_before")


def downgrade() -> None:
    """Rows of deleted runs are lost: nothing before could hold them."""
    op.drop_index("ix_spending_team_id_created_at", table_name="spending")
    _set_aside()
    _make(
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
    )
    op.execute(_DOWN)
    op.drop_table("spending_before")
    op.drop_table("team_limit")


def _set_aside() -> None:
    op.drop_index("ix_spending_run_id", table_name="spending")
    op.rename_table("spending", "spending_before")


def _make(*own: sa.Column[object] | sa.ForeignKeyConstraint) -> None:
    """The foreign keys have no name on SQLite, so the table is made anew."""
    op.create_table(
        "spending",
        sa.Column("id", sa.Uuid(), nullable=False),
        *own,
        sa.Column("task_key", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("held_usd", sa.Float(), nullable=True),
        sa.Column("cost_usd", sa.Float(), nullable=True),
        sa.Column("usage", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_spending_run_id", "spending", ["run_id"])
