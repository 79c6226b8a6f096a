"""feedback to cities by criterion; members that a call designated"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=80), nullable=False),
        sa.Column("strengths_en", sa.Text(), nullable=False),
        sa.Column("strengths_fr", sa.Text(), nullable=False),
        sa.Column("weaknesses_en", sa.Text(), nullable=False),
        sa.Column("weaknesses_fr", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_feedback_changed_by")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_feedback_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", "criterion", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dossier_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("latitude", existing_type=sa.Double(), nullable=True)
        batch_op.alter_column("longitude", existing_type=sa.Double(), nullable=True)
        batch_op.create_foreign_key(batch_op.f("fk_member_dossier_id"), "dossier", ["dossier_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM member WHERE latitude IS NULL OR longitude IS NULL")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_member_dossier_id"), type_="foreignkey")
        batch_op.alter_column("longitude", existing_type=sa.Double(), nullable=False)
        batch_op.alter_column("latitude", existing_type=sa.Double(), nullable=False)
        batch_op.drop_column("dossier_id")
    op.drop_table("feedback")
