"""Reads of the calibration: which dossiers are marked, how far their sheets are, and what stays shut meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.calibration import CalibrationFile, CalibrationOpening
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.queries import calls
from rvc_portal.queries.assignments import in_evaluation
from rvc_portal.queries.visibility import visible


@dataclass(frozen=True)
class Shut:
    """Why an assignment stays shut. `first`: the seat's own calibration assignments that are still to be closed, each with
    its city; none: the Secretariat has not opened the other files yet."""

    first: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True)
class Candidate:
    """A dossier of the field in evaluation: whether it is marked, and its sheets, asked for and closed."""

    id: UUID
    reference: str
    city: str
    country: str | None
    marked: bool
    asked: int
    closed: int


def is_marked(session: Session, dossier_id: UUID) -> bool:
    """Whether the dossier is one for calibration."""
    return session.get(CalibrationFile, dossier_id) is not None


def opening(session: Session, call: Call, field: str | None) -> CalibrationOpening | None:
    """The opening of the field's other dossiers; None while they are shut."""
    query = sa.select(CalibrationOpening).where(CalibrationOpening.call_id == call.id)
    return session.scalar(query.where(CalibrationOpening.field == (field or "")))


def marked(session: Session, call: Call, field: str | None) -> int:
    """How many dossiers of the field are marked, of those in evaluation or beyond it, whoever asks."""
    query = sa.select(sa.func.count()).select_from(CalibrationFile).join(Dossier)
    return session.scalar(query.where(_of(call.id, field), Dossier.state != "withdrawn")) or 0


def shut(session: Session, assignment: Assignment) -> Shut | None:
    """Why the assignment stays shut; None where it is open. No query for a call without calibration, else three at most."""
    dossier = assignment.dossier
    if calls.definition(dossier.call).calibration_files is None or is_marked(session, dossier.id):
        return None
    query = (
        sa.select(Assignment.id, Dossier.lead_city)
        .join(CalibrationFile, CalibrationFile.dossier_id == Assignment.dossier_id)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(
            Assignment.seat_id == assignment.seat_id, Assignment.ended_at.is_(None), Evaluation.closed_at.is_(None),
            Dossier.state == "in_evaluation", _of(dossier.call_id, dossier.field),
        )
        .order_by(Dossier.lead_city, Assignment.id)
    )  # fmt: skip
    first = tuple((found, city) for found, city in session.execute(query))
    return Shut(first) if first or opening(session, dossier.call, dossier.field) is None else None


def candidates(session: Session, actor: Actor, call: Call, field: str | None) -> Sequence[Candidate]:
    """The field's dossiers in evaluation that this person may assign, those that are marked first: these also once they
    have gone on. One query."""
    asked = sa.func.count(Assignment.id).filter(Assignment.ended_at.is_(None))
    is_one = CalibrationFile.dossier_id.is_not(None)
    gone_on = sa.and_(Dossier.call_id == call.id, is_one, visible(actor, Permission.SEE_RESULTS))
    query = (
        sa.select(
            Dossier.id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, is_one, asked,
            sa.func.count(Evaluation.id).filter(Evaluation.counting()),
        )
        .outerjoin(CalibrationFile, CalibrationFile.dossier_id == Dossier.id)
        .outerjoin(Assignment, Assignment.dossier_id == Dossier.id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(sa.or_(in_evaluation(actor, call), gone_on), Dossier.field == field)
        .group_by(Dossier.id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, CalibrationFile.dossier_id)
        .order_by(is_one.desc(), Dossier.lead_city, Dossier.id)
    )  # fmt: skip
    return [Candidate(*row) for row in session.execute(query)]


def _of(call_id: UUID, field: str | None) -> sa.ColumnElement[bool]:
    return sa.and_(Dossier.call_id == call_id, Dossier.field == field)
