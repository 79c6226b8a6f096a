"""Reads for the Steering Group: its sittings, who is there, the files before it and what it said on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.deliberation import MotionKind
from rvc_portal.domain.vocabulary import Doc, Permission
from rvc_portal.models.account import Account
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.seat import Seat
from rvc_portal.models.steering import Attendance, Motion, Opinion, SteeringSession
from rvc_portal.queries.visibility import visible

LONGEST = 200
"""How many files an agenda shows at most; the board has the rest."""


@dataclass(frozen=True)
class Present:
    """A seat that is present, and who acts for it."""

    attendance: Attendance
    person: str


@dataclass(frozen=True)
class Item:
    """A file before the Steering Group, with the opinion that stands (as Opinion.told says) and its report."""

    dossier: Dossier
    opinion: str | None
    report: Document | None


@dataclass(frozen=True)
class Given:
    """The opinion that stands on a file, with the sitting that gave it."""

    opinion: Opinion
    sitting: SteeringSession
    motion: Motion | None = None

    @property
    def told(self) -> str:
        """As Opinion.told says."""
        return MotionKind.CONDITIONS if self.conditions("en") or self.conditions("fr") else self.opinion.outcome

    def conditions(self, language: str) -> list[str]:
        """The conditions on which the opinion is favourable, as worded in this language."""
        worded = {"en": self.motion.conditions_en, "fr": self.motion.conditions_fr} if self.motion else {}
        return worded.get(language, "").splitlines()


def sittings(session: Session, call: Call) -> Sequence[SteeringSession]:
    """The sittings on the call's files, those that are not closed first, then the latest."""
    query = sa.select(SteeringSession).where(SteeringSession.call_id == call.id)
    return session.scalars(
        query.order_by(
            SteeringSession.closed_at.is_not(None),
            sa.func.coalesce(SteeringSession.opened_at, SteeringSession.starts_at).desc(),
        )
    ).all()


def sitting(session: Session, call: Call, sitting_id: UUID) -> SteeringSession | None:
    """One sitting of the call, or None."""
    query = sa.select(SteeringSession).where(SteeringSession.call_id == call.id, SteeringSession.id == sitting_id)
    return session.scalar(query)


def present(session: Session, sitting_id: UUID) -> list[Present]:
    """Who is present, by the seats' names. One query."""
    query = (
        sa.select(Attendance, Account.name)
        .join(Account, Account.id == Attendance.account_id)
        .join(Seat, Seat.id == Attendance.seat_id)
        .where(Attendance.session_id == sitting_id)
        .options(joinedload(Attendance.seat))
        .order_by(Seat.kind, Seat.name, Seat.id)
    )
    return [Present(attendance, name) for attendance, name in session.execute(query)]


def agenda(session: Session, actor: Actor, call: Call) -> list[Item]:
    """The call's files from the referral on, as far as this person may see them: those in review first. One query."""
    opinion = sa.and_(Opinion.dossier_id == Dossier.id, Opinion.superseded_at.is_(None))
    report = sa.and_(
        Document.dossier_id == Dossier.id, Document.kind == Doc.EVALUATION_REPORT, Document.superseded_at.is_(None)
    )
    query = (
        sa.select(Dossier, Opinion.told(), Document)
        .outerjoin(Opinion, opinion)
        .outerjoin(Document, report)
        .where(Dossier.call_id == call.id, visible(actor, Permission.SEE_RESULTS), Dossier.state != "in_evaluation")
        .order_by(Dossier.state != "in_review", Dossier.mean_overall.is_(None), Dossier.mean_overall.desc(),
                  Dossier.lead_city, Dossier.id)
        .limit(LONGEST)
    )  # fmt: skip
    return [Item(*row) for row in session.execute(query)]


def in_review(session: Session, actor: Actor, call: Call) -> Sequence[Dossier]:
    """The files on which the person may declare an interest now."""
    query = sa.select(Dossier).where(Dossier.call_id == call.id, visible(actor, Permission.ADVISE))
    return session.scalars(query.order_by(Dossier.lead_city, Dossier.id).limit(LONGEST)).all()


def given(session: Session, dossier: Dossier) -> Given | None:
    """The opinion that stands on the dossier, or None."""
    query = (
        sa.select(Opinion, SteeringSession, Motion)
        .join(SteeringSession, SteeringSession.id == Opinion.session_id)
        .outerjoin(Motion, Motion.id == Opinion.motion_id)
        .where(Opinion.dossier_id == dossier.id, Opinion.superseded_at.is_(None))
    )
    row = session.execute(query).one_or_none()
    return Given(*row) if row else None
