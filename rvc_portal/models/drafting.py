"""A text on its way to a meeting: what became of the order of its clauses, what cities say of them, and what is corrected once
it is sealed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.account import Account
from rvc_portal.models.base import Base, new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.seat import Member


class DraftChange(Base):
    """One change of the order of a meeting's clauses. `number`: counted from 1 in each meeting; whoever moves something says
    which one they saw last. `act`: a DraftAct; `before`, `after`: what the clause was called, and is called since; None where
    it was not there, or is not any more."""

    __tablename__ = "draft_change"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    number: Mapped[int]
    act: Mapped[str] = mapped_column(sa.String(12))
    clause_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("clause.id"))
    before: Mapped[str | None] = mapped_column(sa.String(8))
    after: Mapped[str | None] = mapped_column(sa.String(8))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    person: Mapped[Account] = relationship()
    __table_args__ = (sa.UniqueConstraint("meeting_id", "number"),)


class ClauseComment(Base):
    """What somebody says of a clause while it is drafted. `member_id`: for which city; None: for the Secretariat or the
    Steering Group. `answer_to`: the comment that it answers; `resolved_at`: since when the drafters have dealt with it."""

    __tablename__ = "clause_comment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    answer_to: Mapped[UUID | None] = mapped_column(sa.ForeignKey("clause_comment.id"))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(8))
    written_at: Mapped[datetime]
    written_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    clause: Mapped[Clause] = relationship()
    member: Mapped[Member | None] = relationship()
    person: Mapped[Account] = relationship(foreign_keys=[written_by])


class Erratum(Base):
    """A correction of a sealed text, which itself is never changed. `number`: counted from 1 in each meeting. `reads`: what
    stands in the clause in the language; `should_read`: what is meant."""

    __tablename__ = "erratum"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"))
    number: Mapped[int]
    language: Mapped[str] = mapped_column(sa.String(8))
    reads: Mapped[str] = mapped_column(sa.Text)
    should_read: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text)
    reason_language: Mapped[str] = mapped_column(sa.String(8))
    issued_at: Mapped[datetime]
    issued_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    clause: Mapped[Clause] = relationship()
    __table_args__ = (sa.UniqueConstraint("meeting_id", "number"),)
