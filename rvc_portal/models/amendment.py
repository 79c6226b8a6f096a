"""Amendments to the text of a meeting, the cities that are there, what they have at hand, and their votes by name."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.dossier import one_row
from rvc_portal.models.seat import Member


class Amendment(Base):
    """What a member city would have a clause say instead; empty in a language in which it changes nothing. `language`: the
    one of `reason`. Once it is decided, `way` (consensus or vote) tells how, and `before_…` how the clause read then.
    `lagging`: the language that an adopted one left as it was, at its `lagging_revision` (0: not written)."""

    __tablename__ = "amendment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"))
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    text_fr: Mapped[str] = mapped_column(sa.Text, default="")
    reason: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(8))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    way: Mapped[str | None] = mapped_column(sa.String(12))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    before_en: Mapped[str] = mapped_column(sa.Text, default="")
    before_fr: Mapped[str] = mapped_column(sa.Text, default="")
    lagging: Mapped[str | None] = mapped_column(sa.String(8))
    lagging_revision: Mapped[int | None]
    clause: Mapped[Clause] = relationship()
    member: Mapped[Member] = relationship()
    seconds: Mapped[list["Seconding"]] = relationship(order_by="Seconding.at")

    def texts(self) -> dict[str, str]:
        """What it gives, by language."""
        return {code: text for code, text in (("en", self.text_en), ("fr", self.text_fr)) if text}

    def before(self) -> dict[str, str]:
        """How the clause read when it was decided, by language."""
        return {"en": self.before_en, "fr": self.before_fr}


class Seconding(Base):
    """A city that seconds an amendment of another one."""

    __tablename__ = "seconding"
    amendment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("amendment.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    member: Mapped[Member] = relationship()


class Floor(Base):
    """A meeting that takes its text clause by clause: open since `opened_at` while there is no `closed_at`. At hand are a
    top-level piece of the text and, when it is taken, one amendment on it or on a sub-clause of it."""

    __tablename__ = "floor"
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), primary_key=True)
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    clause_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("clause.id"))
    amendment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("amendment.id"))

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class CityPresence(Base):
    """A city that has come to the meeting's floor, and since when it has gone again."""

    __tablename__ = "city_presence"
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    arrived_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class FloorVote(Base):
    """A vote by name of the cities present, on an amendment or (none) on the clause itself; the database itself knows no
    second one that is open. The figures stand once it is closed, `carried` None: it counts for nothing. `present`, `quorum`:
    how many cities were there then, and how many had to be."""

    __tablename__ = "floor_vote"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    clause_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clause.id"))
    amendment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("amendment.id"))
    put_at: Mapped[datetime]
    put_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]
    in_favour: Mapped[int | None]
    against: Mapped[int | None]
    abstaining: Mapped[int | None]
    present: Mapped[int | None]
    quorum: Mapped[int | None]
    carried: Mapped[bool | None]
    ballots: Mapped[list["CityVote"]] = relationship(order_by="CityVote.at")
    __table_args__ = (one_row("ix_floor_vote_one_open", "meeting_id", "closed_at IS NULL"),)


class CityVote(Base):
    """One city's vote: its key leaves room for one."""

    __tablename__ = "city_vote"
    vote_id: Mapped[UUID] = mapped_column(sa.ForeignKey("floor_vote.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"), primary_key=True)
    choice: Mapped[str] = mapped_column(sa.String(12))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    member: Mapped[Member] = relationship()
