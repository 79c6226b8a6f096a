"""who comes to a meeting, what is to be done before, and who sees to what it agreed"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meeting") as batch_op:
        batch_op.add_column(sa.Column("starts_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("delegates_until_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("meeting") as batch_op:
        batch_op.alter_column("version", server_default=None)
    with op.batch_alter_table("meeting_host") as batch_op:
        batch_op.add_column(sa.Column("member_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_meeting_host_member_id"), "member", ["member_id"], ["id"])
    with op.batch_alter_table("clause") as batch_op:
        batch_op.add_column(sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))
    # Every text that is there was read in as one that a meeting had agreed.
    op.execute(
        "UPDATE clause SET adopted_at = "
        "(SELECT min(clause_text.written_at) FROM clause_text WHERE clause_text.clause_id = clause.id)"
    )
    op.create_table(
        "delegate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("mayor", sa.Boolean(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_delegate_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_delegate_member_id")),
        sa.ForeignKeyConstraint(["named_by"], ["account.id"], name=op.f("fk_delegate_named_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegate")),
    )
    with op.batch_alter_table("delegate") as batch_op:
        batch_op.create_index(batch_op.f("ix_delegate_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegate_member_id"), ["member_id"], unique=False)
    op.create_table(
        "meeting_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_task_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_meeting_task_member_id")),
        sa.ForeignKeyConstraint(["done_by"], ["account.id"], name=op.f("fk_meeting_task_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_task")),
    )
    with op.batch_alter_table("meeting_task") as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_task_meeting_id"), ["meeting_id"], unique=False)
    op.create_table(
        "clause_owner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_clause_owner_clause_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_clause_owner_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_owner")),
        sa.UniqueConstraint("clause_id", "owner", "member_id", name=op.f("uq_clause_owner_clause_id_owner_member_id")),
    )
    with op.batch_alter_table("clause_owner") as batch_op:
        batch_op.create_index(batch_op.f("ix_clause_owner_clause_id"), ["clause_id"], unique=False)
    op.create_table(
        "clause_link",
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_clause_link_clause_id")),
        sa.ForeignKeyConstraint(["linked_by"], ["account.id"], name=op.f("fk_clause_link_linked_by")),
        sa.PrimaryKeyConstraint("clause_id", "kind", "target_id", name=op.f("pk_clause_link")),
    )


def downgrade() -> None:
    for table in ("clause_link", "clause_owner", "meeting_task", "delegate"):
        op.drop_table(table)
    with op.batch_alter_table("clause") as batch_op:
        batch_op.drop_column("due_on")
        batch_op.drop_column("adopted_at")
    with op.batch_alter_table("meeting_host") as batch_op:
        batch_op.drop_constraint("fk_meeting_host_member_id", type_="foreignkey")
        batch_op.drop_column("member_id")
    with op.batch_alter_table("meeting") as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("delegates_until_at")
        batch_op.drop_column("starts_on")
