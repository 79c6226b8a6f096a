"""Seats (a member city, an expert, a coordinator …), who acts for them, and the Network's member cities."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.account import Account
from rvc_portal.models.base import Base, new_id


class Member(Base):
    """A designated city of the Network, in one creative field."""

    __tablename__ = "member"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    city: Mapped[str] = mapped_column(sa.String(200))
    country: Mapped[str] = mapped_column(sa.String(2))
    field: Mapped[str] = mapped_column(sa.String(40), index=True)
    year: Mapped[int]
    region: Mapped[str] = mapped_column(sa.String(40))
    latitude: Mapped[float]
    longitude: Mapped[float]
    verified: Mapped[bool]
    __table_args__ = (sa.UniqueConstraint("city", "country", "field"),)


class Seat(Base):
    """A place in a body of the Network; persons act for it from a date to a date."""

    __tablename__ = "seat"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(200))
    field: Mapped[str | None] = mapped_column(sa.String(40))
    country: Mapped[str | None] = mapped_column(sa.String(2))
    city: Mapped[str | None] = mapped_column(sa.String(200))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    holders: Mapped[list["SeatHolder"]] = relationship(back_populates="seat")
    __table_args__ = (sa.Index(None, "kind", "field"),)


class SeatHolder(Base):
    """A person acting for a seat."""

    __tablename__ = "seat_holder"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    seat: Mapped[Seat] = relationship(back_populates="holders")
    account: Mapped[Account] = relationship(back_populates="seats_held")
