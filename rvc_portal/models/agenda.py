"""How an annual meeting is prepared: its plan, its agenda, its papers, and what its workshops report."""

from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id
from rvc_portal.models.meeting import Meeting


class MeetingPlan(Base):
    """How far the preparation of a meeting is. `zone`: IANA name, the one in which its hours are written; `opened_at`: since
    when cities may name delegates; `reminded_at`: when those that had named nobody were written to; `listed_at`: when the list
    of participants was issued last; `published_at`: when the agenda was, `changed_at`: when it was last changed."""

    __tablename__ = "meeting_plan"
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), primary_key=True)
    zone: Mapped[str] = mapped_column(sa.String(60))
    opened_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    listed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    meeting: Mapped[Meeting] = relationship()


class MeetingItem(Base):
    """A point of a meeting's agenda. `starts`, `ends`: by the clock of the meeting's zone; `hall`: empty for what is in no
    hall; `kind`: domain.agenda.Kind; `field`: of a workshop. `version` grows with each change, so that two who change it at
    once are told. What was taken off the agenda keeps its row, for its papers' sake."""

    __tablename__ = "meeting_item"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    day: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]
    hall: Mapped[str] = mapped_column(sa.String(100), default="")
    title_en: Mapped[str] = mapped_column(sa.String(300))
    title_fr: Mapped[str] = mapped_column(sa.String(300))
    kind: Mapped[str] = mapped_column(sa.String(12))
    field: Mapped[str | None] = mapped_column(sa.String(40))
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    meeting: Mapped[Meeting] = relationship()
    report: Mapped["WorkshopReport | None"] = relationship()


class MeetingPaper(Base):
    """What is read for a meeting, or for one point of it: a file (`sha256`, with what it is) or a link (`url`). `readers`:
    domain.agenda.Readers."""

    __tablename__ = "meeting_paper"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    item_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("meeting_item.id"))
    title: Mapped[str] = mapped_column(sa.String(300))
    language: Mapped[str] = mapped_column(sa.String(8))
    readers: Mapped[str] = mapped_column(sa.String(12))
    url: Mapped[str | None] = mapped_column(sa.String(500))
    name: Mapped[str | None] = mapped_column(sa.String(200))
    content_type: Mapped[str | None] = mapped_column(sa.String(100))
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    added_at: Mapped[datetime]
    added_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    removed_at: Mapped[datetime | None]


class WorkshopReport(Base):
    """What a workshop reports, in one language or in both. `revision` grows with each saving; `issued_revision`: the one
    that was issued last."""

    __tablename__ = "workshop_report"
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting_item.id"), primary_key=True)
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    text_fr: Mapped[str] = mapped_column(sa.Text, default="")
    revision: Mapped[int] = mapped_column(default=0)
    issued_revision: Mapped[int | None]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
