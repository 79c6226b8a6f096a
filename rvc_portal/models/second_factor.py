"""What somebody shows beside the password: the secret of an app's codes, and the recovery codes kept on paper."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, new_id


class SecondFactor(Base):
    """One person's app. Secrets are encrypted under the instance's key; `pending` is one that no code has been shown of
    yet. `last_number`: the half minute of the last code taken, so that none is taken twice."""

    __tablename__ = "second_factor"
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    secret: Mapped[str | None] = mapped_column(sa.Text)
    pending: Mapped[str | None] = mapped_column(sa.Text)
    last_number: Mapped[int | None] = mapped_column(sa.BigInteger)
    enrolled_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in for the app, once. `digest` tells nothing to who reads the table."""

    __tablename__ = "recovery_code"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]
