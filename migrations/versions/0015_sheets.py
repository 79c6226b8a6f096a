"""sheets: a criterion that cannot be judged"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cannot_judge", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.alter_column("cannot_judge", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_column("cannot_judge")
