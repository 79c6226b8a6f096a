"""a sign-in is complete at once, or when the second factor was shown"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True))
    # who has a second factor signs in again, with it
    op.execute(
        "UPDATE sign_in_session SET completed_at = started_at WHERE account_id NOT IN"
        " (SELECT account_id FROM second_factor WHERE secret IS NOT NULL)"
    )


def downgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("completed_at")
