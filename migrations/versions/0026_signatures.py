"""signed documents, and the codes that lead to their public pages"""

import hashlib
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

document = sa.table("document", sa.column("id", sa.Uuid()), sa.column("code", sa.String(12)))


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("code", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("base_url", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("signing", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("file_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("file_size", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("signature_level", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("signing_error", sa.Text(), nullable=True))
    connection = op.get_bind()
    for document_id in connection.scalars(sa.select(document.c.id)).all():
        connection.execute(sa.update(document).where(document.c.id == document_id).values(code=_code(document_id)))
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.alter_column("code", existing_type=sa.String(length=12), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_document_code"), ["code"])
        batch_op.create_index(batch_op.f("ix_document_file_sha256"), ["file_sha256"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_file_sha256"))
        batch_op.drop_constraint(batch_op.f("uq_document_code"), type_="unique")
        for name in (
            "signing_error", "signature_level", "signed_at", "file_size", "file_sha256", "signing", "base_url", "code",
        ):  # fmt: skip
            batch_op.drop_column(name)


def _code(document_id: UUID) -> str:
    """The code of a document that was issued before there were codes, as the portal derives it from the id."""
    number = int.from_bytes(hashlib.sha256(document_id.bytes).digest()[:8]) >> 4
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(12))
