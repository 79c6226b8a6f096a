"""slates keep the means of their files"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

entry = sa.table("slate_entry", sa.column("dossier_id", sa.Uuid()), sa.column("mean", sa.Double()))
dossier = sa.table("dossier", sa.column("id", sa.Uuid()), sa.column("mean_overall", sa.Double()))


def upgrade() -> None:
    with op.batch_alter_table("slate_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mean", sa.Double(), nullable=True))
    today = sa.select(dossier.c.mean_overall).where(dossier.c.id == entry.c.dossier_id).scalar_subquery()
    op.execute(sa.update(entry).values(mean=today))


def downgrade() -> None:
    with op.batch_alter_table("slate_entry", schema=None) as batch_op:
        batch_op.drop_column("mean")
