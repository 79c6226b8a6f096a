"""What the Network knows of its evaluators: their entry in the register, and the interests that people declare."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.account import Account
from rvc_portal.models.base import Base, FrozenJson, new_id
from rvc_portal.models.seat import Seat


class Evaluator(Base):
    """The entry of an evaluating seat in the register. `languages`: codes in which it reads; `maximum_load`: dossiers at
    a time, None without limit; `organisation`: the employer; `past_work`: where it has evaluated before, in the
    Secretariat's words. Fields, country and city stand on the seat."""

    __tablename__ = "evaluator"
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), primary_key=True)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    maximum_load: Mapped[int | None]
    organisation: Mapped[str] = mapped_column(sa.String(200), default="")
    past_work: Mapped[str] = mapped_column(sa.Text, default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    seat: Mapped[Seat] = relationship()


class EvaluatorInvitation(Base):
    """Somebody asked by mail to be an evaluator: to act for a seat that is there (`seat_id`), or for a new one in a stream,
    with what the register is to say of it. The code of the mail's link is kept as its hash alone; sent again, it is
    another one. `answer`: accepted or declined, with a `reason`."""

    __tablename__ = "evaluator_invitation"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(8))
    seat_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("seat.id"))
    stream: Mapped[str] = mapped_column(sa.String(20))
    fields: Mapped[list[Any]] = mapped_column(default=list)
    country: Mapped[str | None] = mapped_column(sa.String(2))
    city: Mapped[str | None] = mapped_column(sa.String(200))
    organisation: Mapped[str] = mapped_column(sa.String(200), default="")
    languages: Mapped[list[Any]] = mapped_column(default=list)
    maximum_load: Mapped[int | None]
    code_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime]  # of the latest mail
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    answer: Mapped[str | None] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    seat: Mapped[Seat | None] = relationship()
    asker: Mapped[Account] = relationship(foreign_keys=asked_by)

    def state(self, now: datetime) -> str:
        """How it stands: invited, accepted, declined, lapsed or withdrawn."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return self.answer or ("lapsed" if self.expires_at <= now else "invited")


class InterestDeclaration(Base):
    """A person's declaration of interests: it stands until it expires or a later one takes its place. `ties`: a list of
    {kind, city, country, organisation, note} (`domain.conflicts.Tie`); an empty one says that there are none."""

    __tablename__ = "interest_declaration"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    ties: Mapped[list[Any]] = mapped_column(FrozenJson, default=list)
    declared_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]  # by mail, that it ends soon
    account: Mapped[Account] = relationship()
