"""Evaluators on a dossier: the assignment, the sheet, its scores, its versions; and an evaluator's own notes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.account import Account
from rvc_portal.models.base import Base, new_id
from rvc_portal.models.dossier import Dossier, one_row
from rvc_portal.models.seat import Seat


class Assignment(Base):
    """A seat that is asked to evaluate a dossier; the dossier opens to it once it has declared no conflict. `due_at`: until
    when its sheet is awaited, None as the call's calendar says. `ended_because`: what ended it, if no conflict did
    (`domain.progress.ENDINGS`)."""

    __tablename__ = "assignment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"))
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"), index=True)
    stream: Mapped[str] = mapped_column(sa.String(20))
    assigned_at: Mapped[datetime]
    assigned_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    declared_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # a conflict, or taken off
    ended_because: Mapped[str | None] = mapped_column(sa.String(20))
    due_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    number: Mapped[int | None]  # what the evaluator is called where the name is hidden (domain.blindness)
    dossier: Mapped[Dossier] = relationship()
    seat: Mapped[Seat] = relationship()
    evaluation: Mapped["Evaluation | None"] = relationship(back_populates="assignment")
    __table_args__ = (sa.UniqueConstraint("dossier_id", "seat_id"), sa.UniqueConstraint("dossier_id", "number"))


class Evaluation(Base):
    """One evaluator's sheet; a draft until it is closed, and only then does it count. One that is set aside, for a conflict
    found after it was closed, stays as it was and counts no more."""

    __tablename__ = "evaluation"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    assignment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assignment.id"), unique=True)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    stream: Mapped[str] = mapped_column(sa.String(20))
    started_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    set_aside_at: Mapped[datetime | None]
    mean: Mapped[float | None]
    assignment: Mapped[Assignment] = relationship(back_populates="evaluation")
    scores: Mapped[list["Score"]] = relationship(back_populates="evaluation")

    @staticmethod
    def counting() -> sa.ColumnElement[bool]:
        """Sheets that count: closed, and not set aside."""
        return sa.and_(Evaluation.closed_at.is_not(None), Evaluation.set_aside_at.is_(None))


class Score(Base):
    """One criterion of one sheet: the score on the rubric's scale, or that it cannot be judged, and why."""

    __tablename__ = "score"
    evaluation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("evaluation.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    value: Mapped[float | None]
    cannot_judge: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    tab: Mapped[str | None] = mapped_column(sa.String(36))  # as for an answer: domain.saving
    tab_seq: Mapped[int] = mapped_column(default=0)
    evaluation: Mapped[Evaluation] = relationship(back_populates="scores")


class EarlierReason(Base):
    """A text of a reason that stood before, until words of it were taken out: kept to be brought back."""

    __tablename__ = "earlier_reason"
    evaluation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("evaluation.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime]  # when it was saved
    replaced_at: Mapped[datetime]


class SheetVersion(Base):
    """A sheet as it was closed, set down when it was opened again; never written over."""

    __tablename__ = "sheet_version"
    evaluation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("evaluation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scores: Mapped[dict[str, Any]]  # by criterion: {"value", "reason", "cannot_judge"}
    mean: Mapped[float | None]
    closed_at: Mapped[datetime]
    closed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))


class Reopening(Base):
    """An evaluator asks to open a closed sheet again; the Secretariat gives it or declines (`given` None: not yet)."""

    __tablename__ = "reopening"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    evaluation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("evaluation.id"), index=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    given: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    evaluation: Mapped[Evaluation] = relationship()
    asker: Mapped[Account] = relationship(foreign_keys=[asked_by])


class EvaluatorRequest(Base):
    """A seat of the Steering Group asks for one more evaluator on a dossier; the Secretariat asks one or declines (`given`
    None: not yet). `language`, `answer_language`: in which each text is written, None where that was not asked for. The
    database itself knows no second one that waits."""

    __tablename__ = "evaluator_request"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    seat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("seat.id"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str | None] = mapped_column(sa.String(8))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    given: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answer_language: Mapped[str | None] = mapped_column(sa.String(8))
    assignment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("assignment.id"))
    seat: Mapped[Seat] = relationship()
    asker: Mapped[Account] = relationship(foreign_keys=[asked_by])
    assignment: Mapped[Assignment | None] = relationship()
    __table_args__ = (one_row("ix_evaluator_request_one_waiting", "dossier_id", "answered_at IS NULL"),)


class PrivateNote(Base):
    """What an evaluator writes down on a dossier for their own eyes: part of no sheet, document, journal or export."""

    __tablename__ = "private_note"
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dossier.id"), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    tab: Mapped[str | None] = mapped_column(sa.String(36))
    tab_seq: Mapped[int] = mapped_column(default=0)
