"""Reads for the redaction: the numbers of a dossier's evaluators, and what a reader may know of them."""

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.blindness import Blind, Names, hides, hides_in_print
from rvc_portal.domain.policy import OF_A_SITTING, document_readers
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.language import translations
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.seat import SeatHolder
from rvc_portal.queries import calls


def names(session: Session, dossier: Dossier, actor: Actor, roles: frozenset[Role], say: Callable[[str], str]) -> Names:
    """How the person, who holds `roles` on the dossier, is told of its evaluators. Who sits for a city, evaluates or files
    anywhere is kept from what is hidden from such. One query, none in an open call."""
    mode = calls.definition(dossier.call).blind
    anywhere = roles | {role for role in (Role.EVALUATOR, Role.STEERING, Role.LEAD) if actor.has(role)}
    own = frozenset(seat.id for seat in actor.evaluating_seats)
    return Names(not hides(mode, anywhere), say, _numbers(session, dossier, mode), own)


def names_in(session: Session, dossier: Dossier, kind: Doc, language: str | None = None) -> Names:
    """How a document of the dossier, or one of a sitting on it, tells of its evaluators; in the dossier's language unless
    one is named. One query, none in an open call."""
    mode = calls.definition(dossier.call).blind
    shown = not hides_in_print(mode, OF_A_SITTING.get(kind) or document_readers(kind))
    return Names(shown, translations(language or dossier.language).gettext, _numbers(session, dossier, mode))


def hidden_actors(session: Session, dossier: Dossier, to: Names) -> dict[UUID, str]:
    """The persons that evaluate the dossier and are not to be named to this reader, by account, each as the reader is told
    of the seat. One query, none where names are shown."""
    if to.shown:
        return {}
    query = (
        sa.select(SeatHolder.account_id, SeatHolder.seat_id, Assignment.stream)
        .join(Assignment, Assignment.seat_id == SeatHolder.seat_id)
        .where(Assignment.dossier_id == dossier.id)
        .order_by(SeatHolder.seat_id)
    )
    return {account: to.of(seat, "", stream) for account, seat, stream in session.execute(query) if not to.told(seat)}


def _numbers(session: Session, dossier: Dossier, mode: str) -> dict[UUID, int]:
    if mode == Blind.OPEN:
        return {}
    query = sa.select(Assignment.seat_id, Assignment.number).where(
        Assignment.dossier_id == dossier.id, Assignment.number.is_not(None)
    )
    return {seat: number for seat, number in session.execute(query) if number is not None}
