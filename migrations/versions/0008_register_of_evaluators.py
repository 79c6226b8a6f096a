"""the register of evaluators, declarations of interests, conflicts that only warn"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
PERSON_ONCE = "uq_conflict_dossier_id_account_id_rule"


def upgrade() -> None:
    op.create_table(
        "evaluator",
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("maximum_load", sa.Integer(), nullable=True),
        sa.Column("past_work", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_evaluator_changed_by")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_evaluator_seat_id")),
        sa.PrimaryKeyConstraint("seat_id", name=op.f("pk_evaluator")),
    )
    op.create_table(
        "interest_declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("ties", sa.JSON(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_interest_declaration_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_declaration")),
    )
    with op.batch_alter_table("interest_declaration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interest_declaration_account_id"), ["account_id"], unique=False)
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.add_column(sa.Column("severity", sa.String(length=4), nullable=False, server_default="hard"))
        batch_op.create_unique_constraint(batch_op.f(PERSON_ONCE), ["dossier_id", "account_id", "rule"])
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.alter_column("severity", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(PERSON_ONCE), type_="unique")
        batch_op.drop_column("severity")
    op.drop_table("interest_declaration")
    op.drop_table("evaluator")
