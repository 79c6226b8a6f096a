"""Annual meetings and the text that the members agree there: its clauses, each with its own revisions."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id


class Meeting(Base):
    """An annual meeting of the Network. `edition`: 9 of the ninth. `ends_on`: its last day, None where it is not fixed;
    `sealed_at`: since when its conclusions are never changed."""

    __tablename__ = "meeting"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    edition: Mapped[int] = mapped_column(unique=True)
    year: Mapped[int]
    ends_on: Mapped[date | None]
    sealed_at: Mapped[datetime | None]
    hosts: Mapped[list["MeetingHost"]] = relationship(back_populates="meeting", order_by="MeetingHost.position")
    clauses: Mapped[list["Clause"]] = relationship(back_populates="meeting", order_by="Clause.position")


class MeetingHost(Base):
    """A city that receives a meeting; several may share it. `country`: a code of ISO 3166."""

    __tablename__ = "meeting_host"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    position: Mapped[int]
    city: Mapped[str] = mapped_column(sa.String(200))
    country: Mapped[str] = mapped_column(sa.String(2))
    meeting: Mapped[Meeting] = relationship(back_populates="hosts")


class Clause(Base):
    """A piece of a meeting's conclusions. `kind`: title, preamble, or a clause; a clause with a `parent_id` is a sub-clause.
    Its number or letter follows from its `position`, counted from 0 among its siblings of the kind."""

    __tablename__ = "clause"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("clause.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    position: Mapped[int]
    meeting: Mapped[Meeting] = relationship(back_populates="clauses")
    texts: Mapped[list["ClauseText"]] = relationship(back_populates="clause", order_by="ClauseText.revision")

    def text(self, language: str) -> str:
        """As it reads now; empty where it was not written in the language."""
        return next((t.text for t in reversed(self.texts) if t.language == language), "")


class ClauseText(Base):
    """One revision of a clause in one language, counted from 1. `written_by`: nobody, where a file was read in from a
    terminal."""

    __tablename__ = "clause_text"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    language: Mapped[str] = mapped_column(sa.String(8))
    revision: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[datetime]
    written_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    clause: Mapped[Clause] = relationship(back_populates="texts")
    __table_args__ = (sa.UniqueConstraint("clause_id", "language", "revision"),)
