"""What an evaluator takes along to judge away from the portal, and the workbooks that come back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, FrozenJson, new_id
from rvc_portal.models.call import Call


class Pack(Base):
    """Files of one call as one PDF, their sheets as one workbook. `content`: the lines of the workbook as they stood
    (`domain.scorebook.Line`), kept to tell what was changed since; `sha256`: of the PDF, once the worker has made it. After
    `until_at` neither can be fetched; the workbook is still taken back."""

    __tablename__ = "pack"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    language: Mapped[str] = mapped_column(sa.String(8))
    content: Mapped[dict[str, Any]] = mapped_column(FrozenJson, deferred=True)
    files: Mapped[int]
    made_at: Mapped[datetime]
    until_at: Mapped[datetime]
    progress: Mapped[float] = mapped_column(default=0.0)
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    pages: Mapped[int | None]
    size: Mapped[int | None]
    call: Mapped[Call] = relationship()


class Upload(Base):
    """A workbook that came back. `content`: its rows as they were read (`domain.scorebook.Filled`); nothing of it counts
    before `saved_at`."""

    __tablename__ = "pack_upload"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(FrozenJson, deferred=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    uploaded_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    call: Mapped[Call] = relationship()
