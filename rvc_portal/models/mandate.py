"""The composition of the Steering Group: which city holds which seat, who is away, and the votes on a co-option."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id
from rvc_portal.models.seat import Member, Seat


class Mandate(Base):
    """A seat is held by a member city. `until_at` moves to now when it ends early; `due_year`: the annual meeting at
    which the renewal is due; `origin`: recorded, election or co_option."""

    __tablename__ = "mandate"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(20))
    field: Mapped[str | None] = mapped_column(sa.String(40))
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"), index=True)
    from_at: Mapped[datetime] = mapped_column(index=True)
    until_at: Mapped[datetime]
    due_year: Mapped[int]
    origin: Mapped[str] = mapped_column(sa.String(20))
    begun_at: Mapped[datetime]
    begun_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(sa.Text, default="")
    seat: Mapped[Seat] = relationship()
    member: Mapped[Member] = relationship()


class Absence(Base):
    """The city of a mandate has said to be away; `withdrawn_at`: it is back before the time."""

    __tablename__ = "absence"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    mandate_id: Mapped[UUID] = mapped_column(sa.ForeignKey("mandate.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    said_at: Mapped[datetime]
    said_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]


class CoOption(Base):
    """A city proposed by a coordinator, because nobody of its region sits; `outcome`: adopted or lost."""

    __tablename__ = "co_option"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member.id"), index=True)
    region: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(8))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    proposed_for: Mapped[str] = mapped_column(sa.String(40))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    member: Mapped[Member] = relationship()
    votes: Mapped[list["CoOptionVote"]] = relationship(order_by="CoOptionVote.field")


class CoOptionVote(Base):
    """A vote by name: one for each field, by whichever of coordinator and deputy sits."""

    __tablename__ = "co_option_vote"
    co_option_id: Mapped[UUID] = mapped_column(sa.ForeignKey("co_option.id"), primary_key=True)
    field: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    mandate_id: Mapped[UUID] = mapped_column(sa.ForeignKey("mandate.id"))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    choice: Mapped[str] = mapped_column(sa.String(10))
    voted_at: Mapped[datetime]
    mandate: Mapped[Mandate] = relationship()
