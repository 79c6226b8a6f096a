"""Assigning a whole call at once: every free seat of its field to every file in evaluation."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import assignments as query
from rvc_portal.services import conflicts, evaluation, rights


def assign_all(session: Session, call: Call, *, actor: Actor, now: datetime) -> int:
    """Ask every evaluating seat of the field that no conflict bars, for every file in evaluation that this person may
    assign; seats asked already are passed over. Returns how many were asked. Raises Refused without the role."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    found = session.scalars(
        sa.select(Dossier).where(query.in_evaluation(actor, call)).order_by(Dossier.reference)
    ).all()
    return sum(_assign(session, dossier, actor, now) for dossier in found)


def _assign(session: Session, dossier: Dossier, actor: Actor, now: datetime) -> int:
    conflicts.refresh(session, dossier, now=now)
    barred = conflicts.seats_barred(session, dossier.id, warned=True)
    free = [seat.id for seat in query.seats(session, dossier.field) if seat.id not in barred]
    return len(evaluation.assign(session, dossier, free, actor=actor, now=now))
