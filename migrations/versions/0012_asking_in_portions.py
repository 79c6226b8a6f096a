"""a proposal remembers what the worker still has to ask for"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asking", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("asking_by", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_proposal_asking_by"), "account", ["asking_by"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_proposal_asking_by"), type_="foreignkey")
        batch_op.drop_column("asking_by")
        batch_op.drop_column("asking")
