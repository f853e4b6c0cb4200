"""people are told what concerns them, are asked by name to review, and hear of it by e-mail or webhook.

Reason: a team works together only when somebody knows that a gate waits for them; a message must neither be lost nor sent
twice, whichever worker sends it, and must never hold up a run.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _hangs_on(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], ondelete="CASCADE")


def _index(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def upgrade() -> None:
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(), nullable=True))
    op.create_table(
        "reviewer",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("asked_id", sa.Uuid(), nullable=True),
        sa.Column("asked_name", sa.String(), nullable=False),
        _moment("at"),
        _hangs_on("run_id", "run.id"),
        _hangs_on("user_id", "user_account.id"),
        sa.PrimaryKeyConstraint("run_id", "phase", "user_id"),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("phase", sa.Integer(), nullable=True),
        sa.Column("segment", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        _moment("at"),
        _moment("read_at", nullable=True),
        _hangs_on("team_id", "team.id"),
        _hangs_on("person_id", "user_account.id"),
        _hangs_on("run_id", "run.id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("team_id", "person_id", "once"),
    )
    _index("notification", "team_id", "person_id", "run_id", "at")
    op.create_table(
        "notification_choice",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        _hangs_on("user_id", "user_account.id"),
        sa.PrimaryKeyConstraint("user_id", "kind"),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("sealed_url", sa.String(), nullable=False),
        sa.Column("shown_url", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        _moment("created_at"),
        _hangs_on("team_id", "team.id"),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("webhook", "team_id")
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("due_at"),
        sa.Column("lease", sa.Uuid(), nullable=True),
        _moment("leased_until", nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        _moment("sent_at", nullable=True),
        _moment("given_up_at", nullable=True),
        _hangs_on("notification_id", "notification.id"),
        _hangs_on("webhook_id", "webhook.id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notification_id", "webhook_id"),
    )
    _index("delivery", "notification_id", "webhook_id", "due_at")


def downgrade() -> None:
    for name in ("delivery", "webhook", "notification_choice", "notification", "reviewer"):
        op.drop_table(name)
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("email")
