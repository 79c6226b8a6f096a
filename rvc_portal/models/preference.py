"""What an evaluator would gladly judge, or rather not, where the call asks."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base


class Preference(Base):
    """`liking`: 1 (gladly) or -1 (rather not); without a row it is all the same to the seat."""

    __tablename__ = "preference"
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), primary_key=True, index=True)
    liking: Mapped[int] = mapped_column(sa.SmallInteger)
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    __table_args__ = (sa.CheckConstraint("liking IN (-1, 1)", name="liking"),)
