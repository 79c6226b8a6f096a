"""a text is drafted, commented on, and corrected by errata once it is sealed"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("clause") as batch_op:
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "draft_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.String(length=8), nullable=True),
        sa.Column("after", sa.String(length=8), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_draft_change_meeting_id")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_draft_change_clause_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_draft_change_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_change")),
        sa.UniqueConstraint("meeting_id", "number", name=op.f("uq_draft_change_meeting_id_number")),
    )
    with op.batch_alter_table("draft_change") as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_change_meeting_id"), ["meeting_id"], unique=False)
    op.create_table(
        "clause_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("answer_to", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_clause_comment_clause_id")),
        sa.ForeignKeyConstraint(["answer_to"], ["clause_comment.id"], name=op.f("fk_clause_comment_answer_to")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_clause_comment_member_id")),
        sa.ForeignKeyConstraint(["written_by"], ["account.id"], name=op.f("fk_clause_comment_written_by")),
        sa.ForeignKeyConstraint(["resolved_by"], ["account.id"], name=op.f("fk_clause_comment_resolved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_comment")),
    )
    with op.batch_alter_table("clause_comment") as batch_op:
        batch_op.create_index(batch_op.f("ix_clause_comment_clause_id"), ["clause_id"], unique=False)
    op.create_table(
        "erratum",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("reads", sa.Text(), nullable=False),
        sa.Column("should_read", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_language", sa.String(length=8), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_erratum_meeting_id")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_erratum_clause_id")),
        sa.ForeignKeyConstraint(["issued_by"], ["account.id"], name=op.f("fk_erratum_issued_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erratum")),
        sa.UniqueConstraint("meeting_id", "number", name=op.f("uq_erratum_meeting_id_number")),
    )
    with op.batch_alter_table("erratum") as batch_op:
        batch_op.create_index(batch_op.f("ix_erratum_meeting_id"), ["meeting_id"], unique=False)


def downgrade() -> None:
    for table in ("erratum", "clause_comment", "draft_change"):
        op.drop_table(table)
    with op.batch_alter_table("clause") as batch_op:
        batch_op.drop_column("removed_at")
