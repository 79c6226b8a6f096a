"""a city's team: invitations, parts of the file named for an editor, one lead; several kinds of sign-off"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
ONE = {
    "ix_membership_one_lead": (["dossier_id"], sa.text("ended_at IS NULL AND role = 'lead'")),
    "ix_membership_once": (["dossier_id", "account_id"], sa.text("ended_at IS NULL")),
}


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("sections", JSON, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["account.id"], name=op.f("fk_invitation_accepted_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_invitation_asked_by")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_invitation_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_invitation_code_sha256")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_dossier_id"), ["dossier_id"], unique=False)
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sections", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.alter_column("sections", server_default=None)
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default="mayor"))
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.alter_column("kind", server_default=None)
    for name, (columns, condition) in ONE.items():
        op.create_index(
            name, "membership", columns, unique=True, sqlite_where=condition, postgresql_where=condition
        )  # fmt: skip


def downgrade() -> None:
    for name in ONE:
        op.drop_index(name, table_name="membership")
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.drop_column("kind")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("sections")
    op.drop_table("invitation")
