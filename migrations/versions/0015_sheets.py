"""sheets: what cannot be judged, revisions and earlier reasons, versions, reopening, private notes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cannot_judge", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("tab", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("tab_seq", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("score", schema=None) as batch_op:
        for column in ("cannot_judge", "revision", "tab_seq"):
            batch_op.alter_column(column, server_default=None)
    op.create_table(
        "earlier_reason",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_earlier_reason_evaluation_id")),
        sa.PrimaryKeyConstraint("evaluation_id", "criterion", "number", name=op.f("pk_earlier_reason")),
    )
    op.create_table(
        "sheet_version",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scores", JSON, nullable=False),
        sa.Column("mean", sa.Double(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name=op.f("fk_sheet_version_closed_by")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_sheet_version_evaluation_id")),
        sa.PrimaryKeyConstraint("evaluation_id", "number", name=op.f("pk_sheet_version")),
    )
    op.create_table(
        "reopening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("given", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_reopening_answered_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_reopening_asked_by")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_reopening_evaluation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening")),
    )
    with op.batch_alter_table("reopening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reopening_evaluation_id"), ["evaluation_id"], unique=False)
    op.create_table(
        "private_note",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tab", sa.String(length=36), nullable=True),
        sa.Column("tab_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_private_note_account_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_private_note_dossier_id")),
        sa.PrimaryKeyConstraint("account_id", "dossier_id", name=op.f("pk_private_note")),
    )


def downgrade() -> None:
    for table in ("private_note", "reopening", "sheet_version", "earlier_reason"):
        op.drop_table(table)
    with op.batch_alter_table("score", schema=None) as batch_op:
        for column in ("tab_seq", "tab", "revision", "cannot_judge"):
            batch_op.drop_column(column)
