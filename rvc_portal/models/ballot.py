"""Elections by ballot. Who voted is a row; what was voted is a sum, and nothing else of it is kept (ADR 33)."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id
from rvc_portal.models.seat import Member


class Ballot(Base):
    """The election of a field's coordinator or deputy. `outcome` and what follows it are written by the count;
    `earlier_id`: the round that ended in a tie."""

    __tablename__ = "ballot"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    field: Mapped[str] = mapped_column(sa.String(40), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    round: Mapped[int] = mapped_column(default=1)
    earlier_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("ballot.id"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    term_from_at: Mapped[datetime]
    tie_rule: Mapped[str] = mapped_column(sa.String(20))
    announced_at: Mapped[datetime]
    announced_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    none_of_them: Mapped[int] = mapped_column(default=0, deferred=True)
    counted_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    elected_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    seed: Mapped[str | None] = mapped_column(sa.String(64))
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str] = mapped_column(sa.Text, default="")
    candidates: Mapped[list["Candidate"]] = relationship(back_populates="ballot")


class Candidate(Base):
    """A member city that stands. `votes` is counted up in place: no row, time or order of a single vote is kept, and
    nothing reads it before the window has closed."""

    __tablename__ = "candidate"
    ballot_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ballot.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"), primary_key=True)
    statement: Mapped[str] = mapped_column(sa.Text, default="")
    language: Mapped[str] = mapped_column(sa.String(8))
    votes: Mapped[int] = mapped_column(default=0, deferred=True)
    ballot: Mapped[Ballot] = relationship(back_populates="candidates")
    member: Mapped[Member] = relationship()


class Voter(Base):
    """A city that has voted, and the person who did so for it: no time, or the sums could be watched beside it."""

    __tablename__ = "ballot_voter"
    ballot_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ballot.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    member: Mapped[Member] = relationship()
    __table_args__ = {"sqlite_with_rowid": False}
