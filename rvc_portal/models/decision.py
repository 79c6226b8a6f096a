"""From the slate put forward to the decisions held and the one publication that makes them so."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, FrozenJson, new_id


class Slate(Base):
    """The set of files put forward to the Director-General; a new slate supersedes the one before."""

    __tablename__ = "slate"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    put_forward_at: Mapped[datetime]
    put_forward_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    superseded_at: Mapped[datetime | None]
    entries: Mapped[list["SlateEntry"]] = relationship(back_populates="slate")


class SlateEntry(Base):
    """One file of a slate, with the Steering Group's opinion as it stood."""

    __tablename__ = "slate_entry"
    slate_id: Mapped[UUID] = mapped_column(sa.ForeignKey("slate.id"), primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    opinion: Mapped[str] = mapped_column(sa.String(20))
    slate: Mapped[Slate] = relationship(back_populates="entries")


class Decision(Base):
    """The Director-General's act on one file, held until publication."""

    __tablename__ = "decision"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    outcome: Mapped[str] = mapped_column(sa.String(20))
    reason_en: Mapped[str] = mapped_column(sa.Text, default="")
    reason_fr: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    superseded_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


class PlannedPublication(Base):
    """A publication set for an instant. It stands until it is cancelled, done or failed; `failure`: what stood against it
    then, as [{"message", "params"}]."""

    __tablename__ = "planned_publication"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    due_at: Mapped[datetime]
    planned_at: Mapped[datetime]
    planned_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    cancelled_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[list[Any] | None] = mapped_column(FrozenJson)

    @classmethod
    def standing(cls) -> sa.ColumnElement[bool]:
        """Rows that still wait for their instant."""
        return sa.and_(cls.cancelled_at.is_(None), cls.done_at.is_(None), cls.failed_at.is_(None))
