"""evaluators: invited by mail, expertise beyond one field, their organisation; a reminder before interests expire"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "evaluator_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("stream", sa.String(length=20), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("maximum_load", sa.Integer(), nullable=True),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_evaluator_invitation_answered_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_evaluator_invitation_asked_by")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_evaluator_invitation_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluator_invitation")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_evaluator_invitation_code_sha256")),
    )
    with op.batch_alter_table("evaluator_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluator_invitation_email"), ["email"], unique=False)
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expertise", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.alter_column("expertise", server_default=None)
    with op.batch_alter_table("evaluator", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation", sa.String(length=200), nullable=False, server_default=""))
    with op.batch_alter_table("evaluator", schema=None) as batch_op:
        batch_op.alter_column("organisation", server_default=None)
    with op.batch_alter_table("interest_declaration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("interest_declaration", schema=None) as batch_op:
        batch_op.drop_column("reminded_at")
    with op.batch_alter_table("evaluator", schema=None) as batch_op:
        batch_op.drop_column("organisation")
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.drop_column("expertise")
    op.drop_table("evaluator_invitation")
