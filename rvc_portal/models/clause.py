"""The text that an annual meeting agrees: its clauses, each with its own revisions, who owns it and what hangs on it."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member


class Clause(Base):
    """A piece of a meeting's conclusions. `kind`: title, preamble, or a clause; a clause with a `parent_id` is a sub-clause.
    Its number or letter follows from its `position`, counted from 0 among its siblings of the kind. `adopted_at`: since when
    the meeting has adopted it; `due_on`: the day by which what it asks for is to be done; `removed_at`: since when it is no part
    of the text any more: it stays in the record, with its place as it was."""

    __tablename__ = "clause"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("clause.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    position: Mapped[int]
    adopted_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    removed_at: Mapped[datetime | None]
    meeting: Mapped[Meeting] = relationship(back_populates="clauses")
    owners: Mapped[list["ClauseOwner"]] = relationship(order_by="ClauseOwner.id")
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


class ClauseOwner(Base):
    """Who sees to a clause. `owner`: an OwnerKind; of a member city, `member_id` tells which."""

    __tablename__ = "clause_owner"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    owner: Mapped[str] = mapped_column(sa.String(12))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    member: Mapped[Member | None] = relationship()
    __table_args__ = (sa.UniqueConstraint("clause_id", "owner", "member_id"),)


class ClauseLink(Base):
    """What a clause has launched: `kind` call, meeting or task (of a meeting's preparation), with the row's id."""

    __tablename__ = "clause_link"
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    linked_at: Mapped[datetime]
    linked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
