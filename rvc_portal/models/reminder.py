"""Reminders: who was written to about late sheets, when and by whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, FrozenJson


class Reminder(Base):
    """One sending. The page that prepares it makes up its `id`, so that the same click cannot send twice. `sent`: the
    assignments that were written about; `left_out`: [{assignment, why}] of those chosen that were not; `mails`: how many
    people were written to."""

    __tablename__ = "reminder"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    sent: Mapped[list[Any]] = mapped_column(FrozenJson)
    left_out: Mapped[list[Any]] = mapped_column(FrozenJson)
    mails: Mapped[int]
