"""the Steering Group's composition: mandates, absences, elections, co-options, and documents of the Network itself"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _mandates()
    _co_options()
    _ballots()
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.alter_column("call_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.add_column(sa.Column("subject_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_document_subject_id"), ["subject_id"], unique=False)


def _mandates() -> None:
    op.create_table(
        "mandate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=True),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.Column("due_year", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        *_references("mandate", seat_id="seat", member_id="member", begun_by="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    for column in ("seat_id", "member_id", "from_at"):
        op.create_index(op.f(f"ix_mandate_{column}"), "mandate", [column], unique=False)
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        *_references("absence", mandate_id="mandate", said_by="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_mandate_id"), "absence", ["mandate_id"], unique=False)


def _co_options() -> None:
    op.create_table(
        "co_option",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_for", sa.String(length=40), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        *_references("co_option", member_id="member", proposed_by="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_co_option")),
    )
    op.create_index(op.f("ix_co_option_member_id"), "co_option", ["member_id"], unique=False)
    op.create_table(
        "co_option_vote",
        sa.Column("co_option_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=False),
        sa.Column("voted_at", INSTANT, nullable=False),
        *_references("co_option_vote", co_option_id="co_option", mandate_id="mandate", account_id="account"),
        sa.PrimaryKeyConstraint("co_option_id", "field", name=op.f("pk_co_option_vote")),
    )


def _ballots() -> None:
    op.create_table(
        "ballot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("earlier_id", sa.Uuid(), nullable=True),
        sa.Column("opens_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("term_from_at", INSTANT, nullable=False),
        sa.Column("tie_rule", sa.String(length=20), nullable=False),
        sa.Column("announced_at", INSTANT, nullable=False),
        sa.Column("announced_by", sa.Uuid(), nullable=False),
        sa.Column("none_of_them", sa.Integer(), nullable=False),
        sa.Column("counted_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("elected_id", sa.Uuid(), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=False),
        *_references("ballot", earlier_id="ballot", announced_by="account", elected_id="member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
    )
    op.create_index(op.f("ix_ballot_field"), "ballot", ["field"], unique=False)
    op.create_table(
        "candidate",
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        *_references("candidate", ballot_id="ballot", member_id="member"),
        sa.PrimaryKeyConstraint("ballot_id", "member_id", name=op.f("pk_candidate")),
    )
    op.create_table(  # without rowid: the order in which cities voted is kept nowhere
        "ballot_voter",
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *_references("ballot_voter", ballot_id="ballot", member_id="member", account_id="account"),
        sa.PrimaryKeyConstraint("ballot_id", "member_id", name=op.f("pk_ballot_voter")),
        sqlite_with_rowid=False,
    )


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]


def downgrade() -> None:
    op.execute("DELETE FROM document WHERE call_id IS NULL")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_subject_id"))
        batch_op.drop_column("subject_id")
        batch_op.alter_column("call_id", existing_type=sa.Uuid(), nullable=False)
    for table in ("ballot_voter", "candidate", "ballot", "co_option_vote", "co_option", "absence", "mandate"):
        op.drop_table(table)
