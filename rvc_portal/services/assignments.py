"""Assigning for many files: every free seat of its field to every file in evaluation, or one seat to some of them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import assignments as query
from rvc_portal.services import calibration, conflicts, evaluation, rights


def assign_all(session: Session, call: Call, *, actor: Actor, now: datetime) -> int:
    """Ask every evaluating seat of the field that no conflict bars, for every file in evaluation that this person may
    assign; seats asked already are passed over. Returns how many were asked. Raises Refused without the role."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    found = session.scalars(
        sa.select(Dossier).where(query.in_evaluation(actor, call)).order_by(Dossier.reference)
    ).all()
    return sum(assign_free(session, dossier, actor=actor, now=now) for dossier in found)


def assign_seat(
    session: Session, call: Call, seat_id: UUID, dossier_ids: Iterable[UUID], *, actor: Actor, now: datetime
) -> int:
    """Ask one seat for these files; those it is asked for are passed over. Returns how many requests that were. Raises
    Refused without the role, for a conflict, another field or a file that is no longer in evaluation, NotFound for one
    that this person may not know of."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    wanted = sorted(set(dossier_ids))
    chosen = sa.select(Dossier).where(Dossier.id.in_(wanted), Dossier.call_id == call.id).order_by(Dossier.reference)
    found = session.scalars(chosen).all()
    if len(found) < len(wanted):
        raise NotFound
    return sum(len(evaluation.assign(session, dossier, [seat_id], actor=actor, now=now)) for dossier in found)


def calibrate(session: Session, dossier: Dossier, *, actor: Actor, now: datetime) -> int:
    """Mark the dossier for calibration and ask every evaluator of its field whom no conflict bars. Returns how many were
    asked. Raises Refused as `calibration.mark` does."""
    calibration.mark(session, dossier, actor=actor, now=now)
    return assign_free(session, dossier, actor=actor, now=now)


def assign_free(session: Session, dossier: Dossier, *, actor: Actor, now: datetime) -> int:
    """Ask every evaluating seat of the dossier's field that no conflict bars. Returns how many were asked."""
    conflicts.refresh(session, dossier, now=now)
    barred = conflicts.seats_barred(session, dossier.id, warned=True)
    free = [seat.id for seat in query.seats(session, dossier.field) if seat.id not in barred]
    return len(evaluation.assign(session, dossier, free, actor=actor, now=now))
