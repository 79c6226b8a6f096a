"""What became of a clause: where it stands, as a history, notes with their evidence, and who was reminded of it."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.account import Account
from rvc_portal.models.base import Base, new_id
from rvc_portal.models.seat import Member


class ClauseState(Base):
    """A clause came into a state; `number` counts from 1, so that two who act at once are told apart. `owner`, `member_id`:
    in whose name it was said."""

    __tablename__ = "clause_state"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12))
    set_at: Mapped[datetime]
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    owner: Mapped[str] = mapped_column(sa.String(12))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    account: Mapped[Account] = relationship()
    member: Mapped[Member | None] = relationship()
    __table_args__ = (sa.UniqueConstraint("clause_id", "number"),)


class ClauseNote(Base):
    """What was done about a clause, in the name of an owner; never rewritten, but it may be taken back. `public`: for anybody,
    else for those inside the Network."""

    __tablename__ = "clause_note"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(8))
    public: Mapped[bool]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    owner: Mapped[str] = mapped_column(sa.String(12))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    withdrawn_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship()
    member: Mapped[Member | None] = relationship()
    evidence: Mapped[list["Evidence"]] = relationship(order_by="Evidence.position")


class Evidence(Base):
    """What a note points at: one of a document of the portal, a dossier, an address of the web."""

    __tablename__ = "clause_evidence"
    note_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause_note.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("document.id"))
    dossier_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("dossier.id"))
    url: Mapped[str | None] = mapped_column(sa.Text)


class ClauseReminder(Base):
    """The owners of a clause were written to about this day: once before it, once when it has passed. `kind`: a
    following.Due."""

    __tablename__ = "clause_reminder"
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime]
