"""a closing instant for one city, and calls that are tests"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extended_until_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("test", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.alter_column("test", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_column("test")
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_column("extended_until_at")
