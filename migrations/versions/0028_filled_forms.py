"""forms that a city filled in away from the portal and brought back"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "filled_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_filled_form_dossier_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_filled_form_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filled_form")),
    )
    with op.batch_alter_table("filled_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filled_form_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_filled_form_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_table("filled_form")
