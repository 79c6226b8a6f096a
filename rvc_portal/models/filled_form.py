"""Forms of a call that a city filled in away from the portal and brought back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, FrozenJson, new_id
from rvc_portal.models.dossier import Dossier


class FilledForm(Base):
    """One form that came back. `content`: what was filled in, by field (`domain.blank_form.Fields`); nothing of it counts
    before `taken_at`. `taken`: the answers that it brought into the file then, by question."""

    __tablename__ = "filled_form"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    content: Mapped[dict[str, Any]] = mapped_column(FrozenJson, deferred=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    uploaded_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken: Mapped[dict[str, Any] | None] = mapped_column(FrozenJson, deferred=True)
    dossier: Mapped[Dossier] = relationship()
