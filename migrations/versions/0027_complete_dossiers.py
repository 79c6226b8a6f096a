"""documents made for one person, and what they hold"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_document_account_id"), "account", ["account_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_document_account_id"), ["account_id"], unique=False)
    op.create_table(
        "document_part",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_part_document_id")),
        sa.ForeignKeyConstraint(["part_id"], ["document.id"], name=op.f("fk_document_part_part_id")),
        sa.PrimaryKeyConstraint("document_id", "part_id", name=op.f("pk_document_part")),
    )
    op.create_index(op.f("ix_document_part_part_id"), "document_part", ["part_id"], unique=False)


def downgrade() -> None:
    op.drop_table("document_part")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_account_id"))
        batch_op.drop_constraint(batch_op.f("fk_document_account_id"), type_="foreignkey")
        batch_op.drop_column("account_id")
