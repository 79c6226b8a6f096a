"""The Steering Group at work: sittings, who attends and has declared, and the opinions given."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, new_id
from rvc_portal.models.seat import Seat


class SteeringSession(Base):
    """One sitting of the Steering Group on the files of a call."""

    __tablename__ = "steering_session"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    opened_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))


class Attendance(Base):
    """A seat present at a sitting; `declared_at` is its declaration of interests on the whole agenda."""

    __tablename__ = "attendance"
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("steering_session.id"), primary_key=True)
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    arrived_at: Mapped[datetime]
    declared_at: Mapped[datetime | None]
    seat: Mapped[Seat] = relationship()


class Opinion(Base):
    """What the Steering Group advises on one dossier; a later opinion on the same file supersedes an earlier one."""

    __tablename__ = "opinion"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("steering_session.id"))
    outcome: Mapped[str] = mapped_column(sa.String(20))
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    text_fr: Mapped[str] = mapped_column(sa.Text, default="")
    voting: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    superseded_at: Mapped[datetime | None]
