"""teams set policies for their gates; decisions say what they are about; the ledger keeps the sign-in and what was shown.

Reason: several people approve one gate, each approval counts only for what it was about, and an entry of the ledger that was
taken away from the end is missed without an export. Entries of before have neither sign-in nor what was shown: they stay
empty there, because they were signed without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team_policy",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("disciplines", sa.JSON(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "phase"),
    )
    for column, kind, default in (
        ("about_hash", sa.String(), ""),
        ("evidence_hash", sa.String(), ""),
        ("disciplines", sa.JSON(), "[]"),
    ):
        with op.batch_alter_table("decision", schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, kind, nullable=False, server_default=default))
        with op.batch_alter_table("decision", schema=None) as batch_op:
            batch_op.alter_column(column, server_default=None)
    # Never a batch that makes the table of teams anew: on SQLite everything that hangs on the old one would go with it.
    op.add_column("team", sa.Column("ledger_entries", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sign_in", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("shown_hash", sa.String(), nullable=True))
    op.execute(
        "UPDATE team SET ledger_entries = (SELECT COUNT(*) FROM ledger_entry WHERE ledger_entry.team_id = team.id)"
    )


def downgrade() -> None:
    for table, column in (
        ("ledger_entry", "shown_hash"),
        ("ledger_entry", "sign_in"),
        ("decision", "disciplines"),
        ("decision", "evidence_hash"),
        ("decision", "about_hash"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
    op.drop_column("team", "ledger_entries")
    op.drop_table("team_policy")
