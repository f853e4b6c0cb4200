"""people vouch for criteria, waive them, see to them and remark on them.

Reason: what only people can know decides a criterion only as a named person's word that expires; doing without a criterion
takes two persons; and a team that lives with a checklist needs to say who sees to what.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _table(name: str, *columns: sa.schema.SchemaItem, is_keyed_by_criterion: bool = False) -> None:
    key = ("run_id", "criterion") if is_keyed_by_criterion else ("id",)
    op.create_table(
        name,
        *([] if is_keyed_by_criterion else [sa.Column("id", sa.Uuid(), nullable=False)]),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*key),
    )
    if not is_keyed_by_criterion:
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{name}_run_id"), ["run_id"], unique=False)


def upgrade() -> None:
    _table(
        "attestation",
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    _table(
        "waiver",
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("asked_id", sa.Uuid(), nullable=False),
        sa.Column("asked_name", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("decided_id", sa.Uuid(), nullable=True),
        sa.Column("decided_name", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
    )
    _table(
        "criterion_assignment",
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], ondelete="CASCADE"),
        is_keyed_by_criterion=True,
    )
    with op.batch_alter_table("criterion_assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_criterion_assignment_owner_id"), ["owner_id"], unique=False)
    _table(
        "criterion_comment",
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    for name in ("criterion_comment", "criterion_assignment", "waiver", "attestation"):
        op.drop_table(name)
