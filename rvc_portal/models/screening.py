"""The Secretariat's formal check of one dossier, item by item."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base


class ScreeningCheck(Base):
    """The verdict on one item of the call's checklist."""

    __tablename__ = "screening_check"
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    item: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    in_order: Mapped[bool | None]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
