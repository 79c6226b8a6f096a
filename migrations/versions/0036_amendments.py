"""amendments to the text of a meeting, its floor, and votes by name"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_fr", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("before_en", sa.Text(), nullable=False),
        sa.Column("before_fr", sa.Text(), nullable=False),
        sa.Column("lagging", sa.String(length=8), nullable=True),
        sa.Column("lagging_revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_amendment_clause_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_amendment_member_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_amendment_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_amendment_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    with op.batch_alter_table("amendment") as batch_op:
        batch_op.create_index(batch_op.f("ix_amendment_clause_id"), ["clause_id"], unique=False)
    op.create_table(
        "seconding",
        sa.Column("amendment_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["amendment_id"], ["amendment.id"], name=op.f("fk_seconding_amendment_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_seconding_member_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_seconding_account_id")),
        sa.PrimaryKeyConstraint("amendment_id", "member_id", name=op.f("pk_seconding")),
    )
    op.create_table(
        "floor",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clause_id", sa.Uuid(), nullable=True),
        sa.Column("amendment_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_floor_meeting_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_floor_opened_by")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_floor_clause_id")),
        sa.ForeignKeyConstraint(["amendment_id"], ["amendment.id"], name=op.f("fk_floor_amendment_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_floor")),
    )
    op.create_table(
        "city_presence",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_city_presence_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_city_presence_member_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_city_presence_account_id")),
        sa.PrimaryKeyConstraint("meeting_id", "member_id", name=op.f("pk_city_presence")),
    )
    op.create_table(
        "floor_vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("amendment_id", sa.Uuid(), nullable=True),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_favour", sa.Integer(), nullable=True),
        sa.Column("against", sa.Integer(), nullable=True),
        sa.Column("abstaining", sa.Integer(), nullable=True),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("quorum", sa.Integer(), nullable=True),
        sa.Column("carried", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_floor_vote_meeting_id")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_floor_vote_clause_id")),
        sa.ForeignKeyConstraint(["amendment_id"], ["amendment.id"], name=op.f("fk_floor_vote_amendment_id")),
        sa.ForeignKeyConstraint(["put_by"], ["account.id"], name=op.f("fk_floor_vote_put_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_vote")),
    )
    with op.batch_alter_table("floor_vote") as batch_op:
        batch_op.create_index(batch_op.f("ix_floor_vote_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(
            "ix_floor_vote_one_open",
            ["meeting_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
    op.create_table(
        "city_vote",
        sa.Column("vote_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["floor_vote.id"], name=op.f("fk_city_vote_vote_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_city_vote_member_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_city_vote_account_id")),
        sa.PrimaryKeyConstraint("vote_id", "member_id", name=op.f("pk_city_vote")),
    )


def downgrade() -> None:
    for table in ("city_vote", "floor_vote", "city_presence", "floor", "seconding", "amendment"):
        op.drop_table(table)
