"""Conflicts of interest: found by the call's rules, declared by people, dismissed with a reason; each one journaled."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import conflicts as rules
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, STEERING_SEATS
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls
from rvc_portal.services import journal, results

DECLARED = "declared"


def refresh(session: Session, dossier: Dossier, *, now: datetime) -> list[Conflict]:
    """Find by rule every seat that may not judge the dossier, and keep what is new. Safe to repeat."""
    switched_on = [r.rule for r in calls.definition(dossier.call).conflict_rules if r.rule in rules.RULES]
    parties = [rules.PartyTies(p.country, p.city) for p in dossier.parties]
    known = {(c.seat_id, c.rule) for c in session.scalars(sa.select(Conflict).where(Conflict.dossier_id == dossier.id))}
    new = [
        Conflict(dossier_id=dossier.id, seat_id=seat.id, rule=rule, since_at=now)
        for seat in _seats(session, dossier.field)
        for rule in rules.found(switched_on, rules.SeatTies(seat.country, seat.city), parties)
        if (seat.id, rule) not in known
    ]
    for conflict in new:
        session.add(conflict)
        session.flush()
        _journal(session, conflict, actor_id=None, now=now)
        if conflict.seat_id:
            results.set_aside(session, dossier, conflict.seat_id, actor_id=None, now=now)
    return new


def declare(
    session: Session, dossier: Dossier, seat_id: UUID, *, actor_id: UUID, reason: str, now: datetime
) -> Conflict:
    """Keep what a seat's holder declares; any assignment of the seat to the dossier ends, and a sheet
    that it has closed is set aside. Safe to repeat."""
    found = session.scalar(
        sa.select(Conflict).where(
            Conflict.dossier_id == dossier.id, Conflict.seat_id == seat_id, Conflict.rule == DECLARED
        )
    )
    if found is not None:
        return found
    found = Conflict(dossier_id=dossier.id, seat_id=seat_id, rule=DECLARED, reason=reason.strip(), since_at=now)
    session.add(found)
    session.execute(
        sa.update(Assignment)
        .where(Assignment.dossier_id == dossier.id, Assignment.seat_id == seat_id, Assignment.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.flush()
    _journal(session, found, actor_id=actor_id, now=now)
    results.set_aside(session, dossier, seat_id, actor_id=actor_id, now=now)
    return found


def seats_barred(session: Session, dossier_id: UUID) -> dict[UUID, str]:
    """The seats with a conflict that stands, each with the rule."""
    query = sa.select(Conflict.seat_id, Conflict.rule).where(
        Conflict.dossier_id == dossier_id, Conflict.seat_id.is_not(None), Conflict.dismissed_at.is_(None)
    )
    rows = session.execute(query.order_by(Conflict.rule.desc()))
    return {seat_id: rule for seat_id, rule in rows if seat_id}


def _seats(session: Session, field: str | None) -> list[Seat]:
    """Evaluating seats of the field and all seats of the Steering Group, in a fixed order."""
    evaluating = sa.and_(Seat.kind.in_(sorted(EVALUATING_SEATS)), sa.or_(Seat.field.is_(None), Seat.field == field))
    query = sa.select(Seat).where(sa.or_(evaluating, Seat.kind.in_(sorted(STEERING_SEATS))))
    return list(session.scalars(query.order_by(Seat.kind, Seat.name, Seat.id)))


def _journal(session: Session, conflict: Conflict, *, actor_id: UUID | None, now: datetime) -> None:
    journal.append(
        session, conflict.dossier_id, "conflict", actor_id=actor_id, now=now, reason=conflict.reason,
        payload={"seat": str(conflict.seat_id), "rule": conflict.rule},
    )  # fmt: skip
