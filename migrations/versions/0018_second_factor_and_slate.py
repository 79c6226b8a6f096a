"""second factors, recovery codes, publication at a set time, variants of the slate"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.Column("last_number", sa.BigInteger(), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"])
    op.create_table(
        "planned_publication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_planned_publication_call_id")),
        sa.ForeignKeyConstraint(["planned_by"], ["account.id"], name=op.f("fk_planned_publication_planned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_publication")),
    )
    op.create_index(op.f("ix_planned_publication_call_id"), "planned_publication", ["call_id"])
    op.create_table(
        "slate_variant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_slate_variant_call_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_slate_variant_made_by")),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_slate_variant_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slate_variant")),
        sa.UniqueConstraint("call_id", "name", name=op.f("uq_slate_variant_call_id_name")),
    )
    op.create_index(op.f("ix_slate_variant_call_id"), "slate_variant", ["call_id"])
    op.create_table(
        "slate_change",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["slate_variant.id"], name=op.f("fk_slate_change_variant_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_slate_change_made_by")),
        sa.PrimaryKeyConstraint("variant_id", "number", name=op.f("pk_slate_change")),
    )
    with op.batch_alter_table("slate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("variant_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_slate_variant_id"), "slate_variant", ["variant_id"], ["id"])
    with op.batch_alter_table("slate_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposed", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("slate_entry", schema=None) as batch_op:
        batch_op.alter_column("reason", server_default=None)
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("second_factor_at")
    with op.batch_alter_table("slate_entry", schema=None) as batch_op:
        batch_op.drop_column("reason")
        batch_op.drop_column("proposed")
    with op.batch_alter_table("slate", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_slate_variant_id"), type_="foreignkey")
        batch_op.drop_column("variant_id")
    op.drop_table("slate_change")
    op.drop_table("slate_variant")
    op.drop_table("planned_publication")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
