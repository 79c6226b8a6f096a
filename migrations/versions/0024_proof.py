"""the hash of a document's context; how often a job's worker died of it, the page it is at, and since when it is set aside"""

import hashlib

import rfc8785
import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PORTION = 100


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("context_sha256", sa.String(length=64), nullable=False, server_default=""))
    _hash_contexts()
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.alter_column("context_sha256", server_default=None)  # the default was for the rows that there are

    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("page", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.alter_column("deaths", server_default=None)


def _hash_contexts() -> None:
    """What was issued before is taken as it stands today: from now on it cannot change unseen."""
    columns = [sa.column(name) for name in ("id", "kind", "language", "context", "images")]
    typed = [sa.type_coerce(c, sa.JSON) if c.name in ("context", "images") else c for c in columns]
    document = sa.table("document", *columns, sa.column("context_sha256"))
    connection, last = op.get_bind(), None
    while True:
        query = sa.select(*typed).select_from(document).order_by(columns[0]).limit(PORTION)
        rows = connection.execute(query if last is None else query.where(columns[0] > last)).all()
        for row in rows:
            made_of = {"kind": row.kind, "language": row.language, "context": row[3], "images": row[4]}
            sha256 = hashlib.sha256(rfc8785.dumps(made_of)).hexdigest()
            connection.execute(sa.update(document).where(columns[0] == row.id).values(context_sha256=sha256))
        if len(rows) < PORTION:
            return
        last = rows[-1].id


def downgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_column("set_aside_at")
        batch_op.drop_column("page")
        batch_op.drop_column("deaths")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_column("context_sha256")
