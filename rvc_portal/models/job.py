"""Work after the commit: the row is the truth, the queue only a trigger; and the mails that are such work."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, FrozenJson, new_id


class Job(Base):
    """One piece of work, done at least once; a worker claims it for the length of a lease. Lower priority runs first.
    `deaths`: how often a worker died of it; `losses`: how often one was gone for reasons of its own before it was done;
    `page`: the page of a document that is being laid out; `set_aside_at`: nobody
    tries it again until a person says so."""

    __tablename__ = "job"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(20))
    # What is worked on: a document, a mail, a file to draw small, a proposal, a ranking, a pack, a bundle.
    subject_id: Mapped[UUID]
    priority: Mapped[int] = mapped_column(default=5)
    status: Mapped[str] = mapped_column(sa.String(12), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    not_before_at: Mapped[datetime]
    lease_until_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(sa.Text)
    deaths: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0, server_default="0")
    page: Mapped[int | None]
    set_aside_at: Mapped[datetime | None]
    __table_args__ = (sa.Index(None, "status", "not_before_at"), sa.Index(None, "subject_id"))


class Mail(Base):
    """A message to one person: a template and its context, worded in the reader's language when it is sent. One with a
    document waits for it and carries it along."""

    __tablename__ = "mail"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    to_address: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(8))
    template: Mapped[str] = mapped_column(sa.String(60))
    context: Mapped[dict[str, Any]] = mapped_column(FrozenJson)
    document_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
