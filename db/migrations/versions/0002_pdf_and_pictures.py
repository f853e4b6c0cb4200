"""context documents may be PDF and pictures.

Reason: a document says what it was uploaded as, and a picture is kept byte for byte beside a preview of it.
The way down loses pictures: what is older cannot read them, neither of a feature nor of a run.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_RUN = sa.table("run", sa.column("id", sa.Uuid()), sa.column("documents", sa.JSON()))


def upgrade() -> None:
    with op.batch_alter_table("context_document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("media_type", sa.String(), nullable=False, server_default="text/plain"))
        batch_op.add_column(sa.Column("size", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("data", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("preview", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("context_document", schema=None) as batch_op:
        batch_op.alter_column("media_type", server_default=None)
        batch_op.alter_column("size", server_default=None)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    octets = "length(CAST(text AS BLOB))" if is_sqlite else "octet_length(text)"
    op.execute(f"UPDATE context_document SET size = {octets}")  # noqa: S608  (one of the two lines above)


def downgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_RUN.c.id, _RUN.c.documents)).all():
        older = [_older(document) for document in row.documents if not document.get("tree")]
        if json.dumps(older) != json.dumps(row.documents):
            connection.execute(_RUN.update().where(_RUN.c.id == row.id).values(documents=older))
    op.execute("DELETE FROM context_document WHERE data IS NOT NULL")
    with op.batch_alter_table("context_document", schema=None) as batch_op:
        for name in ("preview", "data", "size", "media_type"):
            batch_op.drop_column(name)


def _older(document: dict[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("name", "kind", "text")}
