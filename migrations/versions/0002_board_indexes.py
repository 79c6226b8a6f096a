"""indexes of the board: its orders, and its counts without the table"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dossier_state_procedure"))
        batch_op.create_index("ix_dossier_counts", ["state", "procedure", "mean_overall", "id"], unique=False)
        batch_op.create_index("ix_dossier_by_mean", ["mean_overall", "id"], unique=False)
        batch_op.create_index("ix_dossier_by_city", ["lead_city", "id"], unique=False)
        batch_op.create_index("ix_dossier_by_submission", ["submitted_at", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_index("ix_dossier_by_submission")
        batch_op.drop_index("ix_dossier_by_city")
        batch_op.drop_index("ix_dossier_by_mean")
        batch_op.drop_index("ix_dossier_counts")
        batch_op.create_index(batch_op.f("ix_dossier_state_procedure"), ["state", "procedure"], unique=False)
