"""The Steering Group at work: sittings, their agendas, who attends and steps out, motions, votes, opinions, the record."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.domain.deliberation import MotionKind
from rvc_portal.models.base import Base, Json, new_id
from rvc_portal.models.dossier import Dossier, one_row
from rvc_portal.models.seat import Seat


class SteeringSession(Base):
    """One sitting of the Steering Group on the files of a call: planned, opened, closed; then its record is open to
    correction until `correct_until_at`, approved, and sealed. `chair_id`: the seat in the chair. `version` grows with
    every change that all who sit may see; what is worked on one item is counted there. `variants`: for each shortened
    version of the sealed record, by Document.variant, the items that are closed in it."""

    __tablename__ = "steering_session"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    starts_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    link: Mapped[str] = mapped_column(sa.String(500), default="")
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    opened_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    chair_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("seat.id"))
    version: Mapped[int] = mapped_column(default=1)
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    text_fr: Mapped[str] = mapped_column(sa.Text, default="")
    text_revision: Mapped[int] = mapped_column(default=0)
    correct_until_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    sealed_at: Mapped[datetime | None]
    variants: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    @property
    def cancelled(self) -> bool:
        """It was closed before it was opened: it does not take place."""
        return self.closed_at is not None and self.opened_at is None


class AgendaItem(Base):
    """A file on the agenda of a sitting; the database itself knows no second one at hand. `text_en`, `text_fr`: the reason
    of the opinion as it is being written. `version` grows with every act on the item."""

    __tablename__ = "agenda_item"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("steering_session.id"), index=True)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    position: Mapped[int]
    at_hand: Mapped[bool] = mapped_column(default=False)
    taken_up_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    text_fr: Mapped[str] = mapped_column(sa.Text, default="")
    text_revision: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    dossier: Mapped[Dossier] = relationship()
    sitting: Mapped[SteeringSession] = relationship()
    __table_args__ = (
        sa.UniqueConstraint("session_id", "dossier_id"),
        one_row("ix_agenda_item_one_at_hand", "session_id", "at_hand"),
    )


class Attendance(Base):
    """A seat present at a sitting; `declared_at` is its declaration of interests on the whole agenda."""

    __tablename__ = "attendance"
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("steering_session.id"), primary_key=True)
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    arrived_at: Mapped[datetime]
    declared_at: Mapped[datetime | None]
    seat: Mapped[Seat] = relationship()


class Leave(Base):
    """A seat out of the room, from when until when: recused from an item by a rule (a conflict's), or, without an item, of
    its own accord."""

    __tablename__ = "leave_of_sitting"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("steering_session.id"), index=True)
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"))
    item_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agenda_item.id"))
    rule: Mapped[str | None] = mapped_column(sa.String(40))
    out_at: Mapped[datetime]
    in_at: Mapped[datetime | None]
    seat: Mapped[Seat] = relationship()


class Motion(Base):
    """What the chair puts to the vote on an item; the database itself knows no second one that is open. `by_name`: each
    seat votes on its own screen; else hands are counted. The figures stand once the vote is closed; `seats`: how many
    counted for the item then. `conditions_…`: one a line."""

    __tablename__ = "motion"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agenda_item.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    conditions_en: Mapped[str] = mapped_column(sa.Text, default="")
    conditions_fr: Mapped[str] = mapped_column(sa.Text, default="")
    by_name: Mapped[bool]
    put_at: Mapped[datetime]
    put_by: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"))
    closed_at: Mapped[datetime | None]
    in_favour: Mapped[int | None]
    against: Mapped[int | None]
    abstaining: Mapped[int | None]
    seats: Mapped[int | None]
    carried: Mapped[bool | None]
    __table_args__ = (one_row("ix_motion_one_open", "item_id", "closed_at IS NULL"),)


class Vote(Base):
    """One seat's vote on a motion: its key leaves room for one."""

    __tablename__ = "vote"
    motion_id: Mapped[UUID] = mapped_column(sa.ForeignKey("motion.id"), primary_key=True)
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), primary_key=True)
    choice: Mapped[str] = mapped_column(sa.String(12))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    seat: Mapped[Seat] = relationship()


class Dissent(Base):
    """What a seat wants on record against the opinion on an item, as written in `language`."""

    __tablename__ = "dissent"
    item_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agenda_item.id"), primary_key=True)
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(8))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    seat: Mapped[Seat] = relationship()


class Correction(Base):
    """What somebody who was present asks to have corrected in the record: on an item, or (no item) on the whole."""

    __tablename__ = "correction"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("steering_session.id"), index=True)
    item_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agenda_item.id"))
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(8))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
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
    motion_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("motion.id"))  # none where a sitting had no agenda yet
    motion: Mapped[Motion | None] = relationship()

    @staticmethod
    def told() -> sa.ColumnElement[str]:
        """The outcome as it is told in lists: favourable on conditions is an outcome of its own there."""
        on_conditions = sa.exists().where(Motion.id == Opinion.motion_id, Motion.kind == MotionKind.CONDITIONS)
        return sa.case((on_conditions, str(MotionKind.CONDITIONS)), else_=Opinion.outcome)
