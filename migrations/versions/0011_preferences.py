"""what evaluators would gladly judge"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preference",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("liking", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("liking IN (-1, 1)", name=op.f("ck_preference_liking")),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_preference_by")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_preference_dossier_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_preference_seat_id")),
        sa.PrimaryKeyConstraint("dossier_id", "seat_id", name=op.f("pk_preference")),
    )
    with op.batch_alter_table("preference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_preference_seat_id"), ["seat_id"], unique=False)


def downgrade() -> None:
    op.drop_table("preference")
