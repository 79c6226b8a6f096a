"""From the slate put forward to the decisions held and the one publication that makes them so."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, FrozenJson, new_id


class Slate(Base):
    """The set of files put forward to the Director-General; a new slate supersedes the one before. `variant_id`: the one
    of the board that it was made of."""

    __tablename__ = "slate"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    put_forward_at: Mapped[datetime]
    put_forward_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    superseded_at: Mapped[datetime | None]
    variant_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("slate_variant.id"))
    entries: Mapped[list["SlateEntry"]] = relationship(back_populates="slate")


class SlateEntry(Base):
    """One file of a slate, with its mean and the Steering Group's opinion (as Opinion.told says) as they stood. `proposed`:
    whether the Secretariat proposes to designate it, None where no variant of the board was chosen; `reason`: why, in its
    words."""

    __tablename__ = "slate_entry"
    slate_id: Mapped[UUID] = mapped_column(sa.ForeignKey("slate.id"), primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    opinion: Mapped[str] = mapped_column(sa.String(20))
    mean: Mapped[float | None]
    proposed: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    slate: Mapped[Slate] = relationship(back_populates="entries")


class SlateVariant(Base):
    """One way to compose the slate. What is in it follows from its changes; `version` counts them, undone and redone
    included, so that two people at once are told of each other."""

    __tablename__ = "slate_variant"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (sa.UniqueConstraint("call_id", "name"),)


class SlateChange(Base):
    """One change of a variant: `moves` as [{"dossier", "proposed", "reason"}]. An undone one waits to be redone until
    another change takes its place (`dropped`)."""

    __tablename__ = "slate_change"
    variant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("slate_variant.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    moves: Mapped[list[Any]] = mapped_column(FrozenJson)
    undone: Mapped[bool] = mapped_column(default=False)
    dropped: Mapped[bool] = mapped_column(default=False)


class Decision(Base):
    """The Director-General's act on one file, held until publication."""

    __tablename__ = "decision"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    outcome: Mapped[str] = mapped_column(sa.String(20))
    reason_en: Mapped[str] = mapped_column(sa.Text, default="")
    reason_fr: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    superseded_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


class PlannedPublication(Base):
    """A publication set for an instant. It stands until it is cancelled, done or failed; `failure`: what stood against it
    then, as [{"message", "params"}]."""

    __tablename__ = "planned_publication"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    due_at: Mapped[datetime]
    planned_at: Mapped[datetime]
    planned_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    cancelled_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[list[Any] | None] = mapped_column(FrozenJson)

    @classmethod
    def standing(cls) -> sa.ColumnElement[bool]:
        """Rows that still wait for their instant."""
        return sa.and_(cls.cancelled_at.is_(None), cls.done_at.is_(None), cls.failed_at.is_(None))
