"""what became of a clause after the meeting"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clause_state",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_clause_state_clause_id")),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"], name=op.f("fk_clause_state_set_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_clause_state_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_state")),
        sa.UniqueConstraint("clause_id", "number", name=op.f("uq_clause_state_clause_id_number")),
    )
    with op.batch_alter_table("clause_state") as batch_op:
        batch_op.create_index(batch_op.f("ix_clause_state_clause_id"), ["clause_id"], unique=False)
    op.create_table(
        "clause_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_clause_note_clause_id")),
        sa.ForeignKeyConstraint(["written_by"], ["account.id"], name=op.f("fk_clause_note_written_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_clause_note_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_note")),
    )
    with op.batch_alter_table("clause_note") as batch_op:
        batch_op.create_index(batch_op.f("ix_clause_note_clause_id"), ["clause_id"], unique=False)
    op.create_table(
        "clause_evidence",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("dossier_id", sa.Uuid(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["note_id"], ["clause_note.id"], name=op.f("fk_clause_evidence_note_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_clause_evidence_document_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_clause_evidence_dossier_id")),
        sa.PrimaryKeyConstraint("note_id", "position", name=op.f("pk_clause_evidence")),
    )
    op.create_table(
        "clause_reminder",
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_clause_reminder_clause_id")),
        sa.PrimaryKeyConstraint("clause_id", "kind", "due_on", name=op.f("pk_clause_reminder")),
    )


def downgrade() -> None:
    for table in ("clause_reminder", "clause_evidence", "clause_note", "clause_state"):
        op.drop_table(table)
