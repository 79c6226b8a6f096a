"""What the Steering Group tells a city of its file, criterion by criterion, in the words of its opinion."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base


class Feedback(Base):
    """Strengths and weaknesses on one criterion, by language. Once sealed with the opinion (`sealed_at`) it is part of it,
    goes into the letter and is written over no more."""

    __tablename__ = "feedback"
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    strengths_en: Mapped[str] = mapped_column(sa.Text, default="")
    strengths_fr: Mapped[str] = mapped_column(sa.Text, default="")
    weaknesses_en: Mapped[str] = mapped_column(sa.Text, default="")
    weaknesses_fr: Mapped[str] = mapped_column(sa.Text, default="")
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    sealed_at: Mapped[datetime | None]
