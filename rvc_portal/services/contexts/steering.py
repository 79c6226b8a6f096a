"""The context of the Steering Group's opinion."""

from collections.abc import Iterable
from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from rvc_portal.models.account import Account
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.seat import Seat
from rvc_portal.models.steering import Attendance, Correction, Dissent, Leave, Motion, Opinion, SteeringSession, Vote
from rvc_portal.queries import composition
from rvc_portal.queries import deliberation as query
from rvc_portal.services.contexts.parts import Context, Draft, Occasion, feedback_of, iso, of_dossier, said

FUNCTIONS = {
    "coordinator": {"en": "Coordinator of the field", "fr": "Coordination du domaine"},
    "deputy": {"en": "Deputy coordinator", "fr": "Coordination adjointe"},
    "host": {"en": "Host city of the next annual meeting", "fr": "Ville hôte de la prochaine réunion annuelle"},
    "co_opted": {"en": "Co-opted city", "fr": "Ville cooptée"},
}
_RECUSED = {"en": "Conflict of interest", "fr": "Conflit d’intérêts"}


def opinion(occasion: Occasion) -> Draft:
    """STEERING_OPINION: what the group advises, who was there, who stepped aside, how each seat voted, and who dissents."""
    session, dossier = occasion.session, occasion.dossier
    found = session.scalars(
        sa.select(Opinion).where(Opinion.dossier_id == dossier.id, Opinion.superseded_at.is_(None))
    ).one()
    sitting = session.get_one(SteeringSession, found.session_id)
    present = _present(occasion, sitting)
    motion = session.get(Motion, found.motion_id) if found.motion_id else None
    out = set(session.scalars(_out_of_the_room(sitting, found.recorded_at)))
    barred = set(session.scalars(sa.select(Conflict.seat_id).where(Conflict.dossier_id == dossier.id, bars())))
    places = {e.field or e.id for e in query.expected(session, sitting)}  # coordinator and deputy take one
    context = {
        **of_dossier(occasion),
        "session_title": {"en": sitting.title, "fr": sitting.title},
        "held_on": found.recorded_at.date().isoformat(),
        "place": sitting.place or None,
        "opinion": found.outcome,
        "text": {"en": found.text_en or None, "fr": found.text_fr or None},
        "conditions": conditions_of(motion),
        "quorum": {"required": occasion.definition.quorum, "seated": len(places), "present": found.voting},
        "present": [_seat(a, name) for a, name in present if a.seat_id not in barred | out],
        "recusals": [
            {"seat": seat_name(a.seat), "person": name, "reason": _RECUSED}
            for a, name in present
            if a.seat_id in barred
        ],
        "votes": _votes(motion),
        "motion": motion_told(motion, query.votes(session, [motion.id])[motion.id]) if motion else None,
        "dissents": [in_own_words(d) for d in query.dissents(session, [motion.item_id])] if motion else [],
        "feedback": feedback_of(occasion),
    }
    return Draft(context)


def _present(occasion: Occasion, sitting: SteeringSession) -> list[tuple[Attendance, str]]:
    query = (
        sa.select(Attendance, Account.name)
        .join(Account, Account.id == Attendance.account_id)
        .join(Seat, Seat.id == Attendance.seat_id)
        .where(Attendance.session_id == sitting.id)
        .options(joinedload(Attendance.seat))
        .order_by(Seat.kind, Seat.name)
    )
    return [(attendance, name) for attendance, name in occasion.session.execute(query)]


def _out_of_the_room(sitting: SteeringSession, at: datetime) -> sa.Select[UUID]:
    """The seats that had gone out for a while then, of their own accord."""
    away = sa.and_(Leave.out_at <= at, sa.or_(Leave.in_at.is_(None), Leave.in_at > at))
    return sa.select(Leave.seat_id).where(Leave.session_id == sitting.id, Leave.item_id.is_(None), away)


def seat_name(seat: Seat) -> Context:
    """What a seat is called, in both languages; a deputy's is told from its coordinator's."""
    return dict(composition.told_apart(seat))


def motion_told(motion: Motion, votes: Iterable[Vote]) -> Context:
    """A motion whose vote is closed, with the votes by name."""
    assert motion.closed_at is not None
    return {
        "kind": motion.kind,
        "conditions": conditions_of(motion),
        "by_name": motion.by_name,
        "votes": [{"seat": seat_name(vote.seat), "choice": vote.choice} for vote in votes],
        "in_favour": motion.in_favour, "against": motion.against, "abstaining": motion.abstaining,
        "seats": motion.seats, "carried": motion.carried, "closed_at": iso(motion.closed_at),
    }  # fmt: skip


def in_own_words(written: Dissent | Correction) -> Context:
    """What somebody put on record, with the seat that did."""
    return {"seat": seat_name(written.seat), "text": said(written.text, written.language)}


def conditions_of(motion: Motion | None) -> list[Context]:
    """The conditions of a motion, one by one, in each language in which it has them."""
    if motion is None:
        return []
    pairs = zip_longest(motion.conditions_en.splitlines(), motion.conditions_fr.splitlines())
    return [{"en": en, "fr": fr} for en, fr in pairs]


def conditions_advised(occasion: Occasion) -> list[Context]:
    """The conditions of the opinion that stands on the dossier, each in the dossier's language, or in the other where it was
    worded in that one only."""
    query = (
        sa.select(Motion)
        .join(Opinion, Opinion.motion_id == Motion.id)
        .where(Opinion.dossier_id == occasion.dossier.id, Opinion.superseded_at.is_(None))
    )
    own = occasion.dossier.language
    return [
        {key: text if key == own or not worded[own] else None for key, text in worded.items()}
        for worded in conditions_of(occasion.session.scalar(query))
    ]


def _votes(motion: Motion | None) -> Context | None:
    if motion is None:
        return None
    return {"in_favour": motion.in_favour, "against": motion.against, "abstaining": motion.abstaining}


def _seat(attendance: Any, name: str) -> Context:
    return {"seat": seat_name(attendance.seat), "person": name, "function": FUNCTIONS[attendance.seat.kind]}
