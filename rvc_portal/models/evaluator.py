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
    a time, None without limit; `past_work`: where it has evaluated before, in the Secretariat's words."""

    __tablename__ = "evaluator"
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), primary_key=True)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    maximum_load: Mapped[int | None]
    past_work: Mapped[str] = mapped_column(sa.Text, default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    seat: Mapped[Seat] = relationship()


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
    account: Mapped[Account] = relationship()
