"""Dossiers that all evaluators of a field judge first, and the instant from which the others are open."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id
from rvc_portal.models.dossier import Dossier


class CalibrationFile(Base):
    """A dossier that the Secretariat marked for calibration."""

    __tablename__ = "calibration_file"
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    marked_at: Mapped[datetime]
    marked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    dossier: Mapped[Dossier] = relationship()


class CalibrationOpening(Base):
    """The Secretariat has opened the other dossiers of a field ("": of a call without fields)."""

    __tablename__ = "calibration_opening"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"))
    field: Mapped[str] = mapped_column(sa.String(40))
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    __table_args__ = (sa.UniqueConstraint("call_id", "field"),)
