"""sittings of the Steering Group with agendas, motions, votes and a record"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at_hand", sa.Boolean(), nullable=False),
        sa.Column("taken_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_fr", sa.Text(), nullable=False),
        sa.Column("text_revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_agenda_item_dossier_id")),
        sa.ForeignKeyConstraint(["session_id"], ["steering_session.id"], name=op.f("fk_agenda_item_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint("session_id", "dossier_id", name=op.f("uq_agenda_item_session_id_dossier_id")),
    )
    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agenda_item_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(
            "ix_agenda_item_one_at_hand",
            ["session_id"],
            unique=True,
            sqlite_where=sa.text("at_hand"),
            postgresql_where=sa.text("at_hand"),
        )
        batch_op.create_index(batch_op.f("ix_agenda_item_session_id"), ["session_id"], unique=False)

    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_correction_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_correction_item_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_correction_seat_id")),
        sa.ForeignKeyConstraint(["session_id"], ["steering_session.id"], name=op.f("fk_correction_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_session_id"), ["session_id"], unique=False)

    op.create_table(
        "dissent",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_dissent_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_dissent_item_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_dissent_seat_id")),
        sa.PrimaryKeyConstraint("item_id", "seat_id", name=op.f("pk_dissent")),
    )
    op.create_table(
        "motion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("conditions_en", sa.Text(), nullable=False),
        sa.Column("conditions_fr", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Boolean(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_favour", sa.Integer(), nullable=True),
        sa.Column("against", sa.Integer(), nullable=True),
        sa.Column("abstaining", sa.Integer(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("carried", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_motion_item_id")),
        sa.ForeignKeyConstraint(["put_by"], ["seat.id"], name=op.f("fk_motion_put_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_motion")),
    )
    with op.batch_alter_table("motion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_motion_item_id"), ["item_id"], unique=False)
        batch_op.create_index(
            "ix_motion_one_open",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "leave_of_sitting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=True),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_leave_of_sitting_item_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_leave_of_sitting_seat_id")),
        sa.ForeignKeyConstraint(["session_id"], ["steering_session.id"], name=op.f("fk_leave_of_sitting_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_of_sitting")),
    )
    with op.batch_alter_table("leave_of_sitting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leave_of_sitting_session_id"), ["session_id"], unique=False)

    op.create_table(
        "vote",
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_vote_account_id")),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("fk_vote_motion_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_vote_seat_id")),
        sa.PrimaryKeyConstraint("motion_id", "seat_id", name=op.f("pk_vote")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("session_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("variant", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_document_session_id"), ["session_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_document_session_id"), "steering_session", ["session_id"], ["id"])

    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("motion_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_opinion_motion_id"), "motion", ["motion_id"], ["id"])

    with op.batch_alter_table("steering_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("place", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("link", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("chair_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("text_en", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("text_fr", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("text_revision", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("correct_until_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("variants", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False, server_default="{}")
        )
        batch_op.alter_column("opened_at", existing_type=sa.DateTime(timezone=True), nullable=True)
        batch_op.alter_column("opened_by", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_foreign_key(batch_op.f("fk_steering_session_approved_by"), "account", ["approved_by"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_steering_session_chair_id"), "seat", ["chair_id"], ["id"])

    with op.batch_alter_table("steering_session", schema=None) as batch_op:
        for name in ("place", "link", "version", "text_en", "text_fr", "text_revision", "variants"):
            batch_op.alter_column(name, server_default=None)  # the default was for the rows that there are


def downgrade() -> None:
    with op.batch_alter_table("steering_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_steering_session_chair_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_steering_session_approved_by"), type_="foreignkey")
        batch_op.alter_column("opened_by", existing_type=sa.Uuid(), nullable=False)
        batch_op.alter_column("opened_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.drop_column("variants")
        batch_op.drop_column("sealed_at")
        batch_op.drop_column("approved_by")
        batch_op.drop_column("approved_at")
        batch_op.drop_column("correct_until_at")
        batch_op.drop_column("text_revision")
        batch_op.drop_column("text_fr")
        batch_op.drop_column("text_en")
        batch_op.drop_column("version")
        batch_op.drop_column("chair_id")
        batch_op.drop_column("link")
        batch_op.drop_column("place")
        batch_op.drop_column("starts_at")

    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_opinion_motion_id"), type_="foreignkey")
        batch_op.drop_column("motion_id")

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_document_session_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_document_session_id"))
        batch_op.drop_column("variant")
        batch_op.drop_column("session_id")

    op.drop_table("vote")
    with op.batch_alter_table("leave_of_sitting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leave_of_sitting_session_id"))

    op.drop_table("leave_of_sitting")
    with op.batch_alter_table("motion", schema=None) as batch_op:
        batch_op.drop_index("ix_motion_one_open")
        batch_op.drop_index(batch_op.f("ix_motion_item_id"))

    op.drop_table("motion")
    op.drop_table("dissent")
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_session_id"))

    op.drop_table("correction")
    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agenda_item_session_id"))
        batch_op.drop_index("ix_agenda_item_one_at_hand")
        batch_op.drop_index(batch_op.f("ix_agenda_item_dossier_id"))

    op.drop_table("agenda_item")
