"""mails that carry a document, and receipts and filings found by their hash"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("document_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_mail_document_id"), "document", ["document_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_mail_document_id"), ["document_id"], unique=False)
    op.create_index(op.f("ix_document_content_sha256"), "document", ["content_sha256"], unique=False)
    op.create_index(op.f("ix_filing_sha256"), "filing", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_filing_sha256"), table_name="filing")
    op.drop_index(op.f("ix_document_content_sha256"), table_name="document")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_document_id"))
        batch_op.drop_constraint(batch_op.f("fk_mail_document_id"), type_="foreignkey")
        batch_op.drop_column("document_id")
