"""which open page wrote an answer, and who is at work where"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presence",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_presence_account_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_presence_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", "account_id", name=op.f("pk_presence")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tab", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("tab_seq", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.alter_column("tab_seq", server_default=None)
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_column("content_revision")  # each answer has its own; nothing read this one


def downgrade() -> None:
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content_revision", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.alter_column("content_revision", server_default=None)
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_column("tab_seq")
        batch_op.drop_column("tab")
    op.drop_table("presence")
