"""Annual meetings: where and when they are, who comes, and what is to be done before."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id
from rvc_portal.models.seat import Member

if TYPE_CHECKING:
    from rvc_portal.models.clause import Clause


class Meeting(Base):
    """An annual meeting of the Network. `edition`: 9 of the ninth. `starts_on`, `ends_on`: its first and last day, None where
    they are not fixed; `delegates_until_at`: until when cities may name their delegates; `sealed_at`: since when its
    conclusions are never changed. `version` grows with every change that all who follow the meeting may see."""

    __tablename__ = "meeting"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    edition: Mapped[int] = mapped_column(unique=True)
    year: Mapped[int]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    delegates_until_at: Mapped[datetime | None]
    sealed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    hosts: Mapped[list["MeetingHost"]] = relationship(back_populates="meeting", order_by="MeetingHost.position")
    clauses: Mapped[list["Clause"]] = relationship(back_populates="meeting", order_by="Clause.position")

    def changed(self) -> None:
        """All who follow the meeting shall see it. Counted where the row stands: it may have been read before the chain of acts
        was held, and two changes that count from the same number would be one to a page that asks. A new row has its first."""
        if sa.inspect(self).persistent:
            self.version = Meeting.version + 1


class MeetingHost(Base):
    """A city that receives a meeting; several may share it. `country`: a code of ISO 3166. `member_id`: which member of the
    Network it is; None where the Network's register does not tell."""

    __tablename__ = "meeting_host"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    position: Mapped[int]
    city: Mapped[str] = mapped_column(sa.String(200))
    country: Mapped[str] = mapped_column(sa.String(2))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    meeting: Mapped[Meeting] = relationship(back_populates="hosts")


class Delegate(Base):
    """Who comes for a member city. A city with a delegate that was not withdrawn is registered for the meeting. `title`: what
    the person is in the city, as the city writes it; `mayor`: takes part in the round table of mayors."""

    __tablename__ = "delegate"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    mayor: Mapped[bool] = mapped_column(default=False)
    named_at: Mapped[datetime]
    named_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]
    meeting: Mapped[Meeting] = relationship()
    member: Mapped[Member] = relationship()


class MeetingTask(Base):
    """What is to be done before a meeting. `owner`: an OwnerKind; of a member city, `member_id` tells which."""

    __tablename__ = "meeting_task"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(8))
    owner: Mapped[str] = mapped_column(sa.String(12))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    meeting: Mapped[Meeting] = relationship()
    member: Mapped[Member | None] = relationship()
