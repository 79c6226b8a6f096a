"""Conflicts of interest: a seat or a person against a dossier."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, new_id


class Conflict(Base):
    """Found by a rule of the call or declared by the person; a dismissed one no longer counts. A hard one bars and hides;
    one that is soft warns."""

    __tablename__ = "conflict"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    seat_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("seat.id"), index=True)
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"), index=True)
    rule: Mapped[str] = mapped_column(sa.String(40))  # a rule of the call, "declared" or "found"
    severity: Mapped[str] = mapped_column(sa.String(4), default="hard")
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    since_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    dismissed_reason: Mapped[str | None] = mapped_column(sa.Text)
    __table_args__ = (
        sa.CheckConstraint("(seat_id IS NULL) <> (account_id IS NULL)", name="seat_or_person"),
        sa.UniqueConstraint("dossier_id", "seat_id", "rule"),
        sa.UniqueConstraint("dossier_id", "account_id", "rule"),
    )


def stands() -> sa.ColumnElement[bool]:
    """Conflicts that nobody has dismissed, whether they bar or only warn."""
    return Conflict.dismissed_at.is_(None)


def bars() -> sa.ColumnElement[bool]:
    """Conflicts that take the file away."""
    return sa.and_(stands(), Conflict.severity == "hard")
