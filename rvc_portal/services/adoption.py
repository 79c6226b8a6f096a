"""A meeting adopts its text clause by clause."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.clause import Clause
from rvc_portal.queries import floor
from rvc_portal.services import network_acts


def adopt(session: Session, clause: Clause, *, actor: Actor, now: datetime) -> None:
    """Adopt a top-level piece of the text with its sub-clauses. Raises Refused without the role, for one that is adopted,
    and while an amendment on it is open or a language of it is not in line."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.refresh(clause)
    if clause.adopted_at is not None:
        raise Refused([Refusal(N_("This clause is adopted already."))])
    refusals = list(floor.against_adoption(session, clause))
    if refusals:
        raise Refused(refusals)
    parts = session.scalars(sa.select(Clause).where(Clause.parent_id == clause.id)).all()
    for piece in (clause, *parts):
        piece.adopted_at = now
    clause.meeting.version += 1
    session.flush()
    payload = {"meeting": str(clause.meeting_id), "clause": str(clause.id), "parts": len(parts)}
    network_acts.note(session, "adopt_clause", actor=actor, now=now, payload=payload)
