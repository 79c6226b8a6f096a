"""Reads for what evaluators would gladly judge: the files that they are asked about, and what they answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from rvc_portal.domain.actor import Actor
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.preference import Preference
from rvc_portal.models.seat import Seat
from rvc_portal.queries import assignments, calls
from rvc_portal.queries.assignments import Pair
from rvc_portal.queries.visibility import conflicted

ROWS = 50
"""Files on one page."""


@dataclass(frozen=True)
class Choice:
    """A file before one of the person's seats. `liking`: -1 (rather not), 0 or 1 (gladly)."""

    dossier: Dossier
    seat: Seat
    liking: int

    @property
    def pair(self) -> Pair:
        return self.dossier.id, self.seat.id


def asks(call: Call) -> bool:
    """Whether the call asks its evaluators."""
    return not call.test and calls.definition(call).assignment.preferences


def choices(session: Session, actor: Actor, call: Call, now: datetime) -> list[Choice]:
    """The files in evaluation that the person's seats could be asked for, by city: those with a conflict or a warning
    are not among them, and those asked for already neither. Six queries, however many files."""
    seats = session.scalars(
        sa.select(Seat).where(Seat.id.in_([s.id for s in actor.evaluating_seats])).order_by(Seat.name, Seat.id)
    ).all()
    found = _in_evaluation(session, actor, call)
    barred, asked = (
        assignments.barred_pairs(session, now, found, seats),
        assignments.asked_pairs(session, [d.id for d in found]),
    )
    likings = of_pairs(session, [d.id for d in found], [s.id for s in seats])
    return [
        Choice(dossier, seat, likings.get((dossier.id, seat.id), 0))
        for dossier in found
        for seat in seats
        if seat.judges(dossier.field) and (dossier.id, seat.id) not in {*barred, *asked}
    ]


def of_pairs(session: Session, dossiers: Iterable[UUID], seats: Iterable[UUID]) -> dict[Pair, int]:
    """What the seats answered about the files. One query."""
    wanted = sa.select(Preference).where(Preference.dossier_id.in_(list(dossiers)), Preference.seat_id.in_(list(seats)))
    return {(p.dossier_id, p.seat_id): p.liking for p in session.scalars(wanted)}


def _in_evaluation(session: Session, actor: Actor, call: Call) -> Sequence[Dossier]:
    here = sa.and_(Dossier.call_id == call.id, Dossier.state == "in_evaluation", sa.not_(conflicted(actor)))
    query = sa.select(Dossier).where(here).options(selectinload(Dossier.parties))
    return session.scalars(query.order_by(Dossier.lead_city, Dossier.id)).all()
