"""Seats (a member city, an expert, a coordinator …), who acts for them, and the Network's member cities."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.domain.vocabulary import EVALUATING_SEATS, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.base import Base, new_id


class Member(Base):
    """A designated city of the Network, in one creative field. `dossier_id`: the file on which a call of this portal
    designated it; None for who was a member before. Without coordinates it has no dot on the map yet."""

    __tablename__ = "member"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    city: Mapped[str] = mapped_column(sa.String(200))
    country: Mapped[str] = mapped_column(sa.String(2))
    field: Mapped[str] = mapped_column(sa.String(40), index=True)
    year: Mapped[int]
    region: Mapped[str] = mapped_column(sa.String(40))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    verified: Mapped[bool]
    dossier_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("dossier.id"))
    __table_args__ = (sa.UniqueConstraint("city", "country", "field"),)


class Seat(Base):
    """A place in a body of the Network; persons act for it from a date to a date. `expertise`: fields that an expert may
    judge besides the seat's own; a member city judges its own field alone."""

    __tablename__ = "seat"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(200))
    field: Mapped[str | None] = mapped_column(sa.String(40))
    country: Mapped[str | None] = mapped_column(sa.String(2))
    city: Mapped[str | None] = mapped_column(sa.String(200))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member.id"))
    expertise: Mapped[list[Any]] = mapped_column(default=list)
    holders: Mapped[list["SeatHolder"]] = relationship(back_populates="seat")
    __table_args__ = (sa.Index(None, "kind", "field"),)

    def acting(self, at: datetime) -> list[Account]:
        """Who acts for the seat at the instant."""
        return [h.account for h in self.holders if h.from_at <= at and (h.until_at is None or h.until_at > at)]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields whose files the seat may judge, its own first; none: all."""
        own = (self.field,) if self.field else ()
        return (*own, *self.expertise) if self.kind == SeatKind.EXPERT else own

    def judges(self, field: str | None) -> bool:
        """Whether the seat evaluates, and files of this field."""
        return self.kind in EVALUATING_SEATS and (not self.fields or field in self.fields)

    @staticmethod
    def judging(field: str | None) -> sa.ColumnElement[bool]:
        """The same for a query. Expertise is read as text, which both engines write alike: keys of fields hold no quotes."""
        expert, told = Seat.kind == SeatKind.EXPERT, sa.cast(Seat.expertise, sa.String)
        every = sa.and_(Seat.field.is_(None), sa.or_(sa.not_(expert), told == "[]"))
        knows = sa.and_(expert, told.contains(f'"{field}"', autoescape=True))
        ways = [every, Seat.field == field, knows] if field else [every]
        return sa.and_(Seat.kind.in_(sorted(EVALUATING_SEATS)), sa.or_(*ways))


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
