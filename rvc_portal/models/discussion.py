"""What is said about a dossier after the sheets: threads with an audience each, and the messages below them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.account import Account
from rvc_portal.models.base import Base, new_id
from rvc_portal.models.seat import Seat


class Thread(Base):
    """A subject of the discussion. Title and audience stay as they were when it was begun."""

    __tablename__ = "thread"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    language: Mapped[str] = mapped_column(sa.String(8))
    audience: Mapped[str] = mapped_column(sa.String(20))
    begun_at: Mapped[datetime]
    begun_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    messages: Mapped[list["ThreadMessage"]] = relationship(
        back_populates="thread", order_by="ThreadMessage.at, ThreadMessage.id"
    )


class ThreadMessage(Base):
    """What one person said. It is never rewritten; its author may withdraw it, and that it stood there stays told."""

    __tablename__ = "thread_message"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    thread_id: Mapped[UUID] = mapped_column(sa.ForeignKey("thread.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(sa.String(20))
    seat_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("seat.id"))  # for an evaluator, who is known by the seat
    text: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(8))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    thread: Mapped[Thread] = relationship(back_populates="messages")
    author: Mapped[Account] = relationship()
    seat: Mapped[Seat | None] = relationship()
