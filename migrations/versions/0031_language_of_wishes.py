"""in which language the wish for one more evaluator and its answer are written; not known of earlier ones"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evaluator_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(8), nullable=True))
        batch_op.add_column(sa.Column("answer_language", sa.String(8), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("evaluator_request", schema=None) as batch_op:
        batch_op.drop_column("answer_language")
        batch_op.drop_column("language")
