"""Reads of the invitations to be an evaluator."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.domain.vocabulary import EVALUATING_SEATS
from rvc_portal.models.account import Account
from rvc_portal.models.base import in_force
from rvc_portal.models.evaluator import EvaluatorInvitation
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import team


def everything(session: Session) -> Sequence[EvaluatorInvitation]:
    """Every invitation there was, the latest first, with who asked and the seat. One query."""
    query = sa.select(EvaluatorInvitation).options(
        joinedload(EvaluatorInvitation.asker), joinedload(EvaluatorInvitation.seat)
    )
    return session.scalars(query.order_by(EvaluatorInvitation.sent_at.desc(), EvaluatorInvitation.id)).all()


def by_code(session: Session, code: str) -> EvaluatorInvitation | None:
    """The invitation whose latest mail carries the code, with its seat and who asked."""
    query = sa.select(EvaluatorInvitation).where(EvaluatorInvitation.code_sha256 == team.digest(code))
    return session.scalar(query.options(joinedload(EvaluatorInvitation.asker), joinedload(EvaluatorInvitation.seat)))


def held(session: Session, invitation_id: UUID) -> EvaluatorInvitation | None:
    """One invitation as it stands now; nobody else changes it before the commit."""
    query = sa.select(EvaluatorInvitation).where(EvaluatorInvitation.id == invitation_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def unanswered(session: Session, email: str) -> EvaluatorInvitation | None:
    """The invitation of this address that was neither answered nor withdrawn, lapsed or not."""
    query = sa.select(EvaluatorInvitation).where(
        sa.func.lower(EvaluatorInvitation.email) == email.lower(), EvaluatorInvitation.answer.is_(None),
        EvaluatorInvitation.withdrawn_at.is_(None),
    )  # fmt: skip
    return session.scalar(query.limit(1))


def acts_for(session: Session, account: Account, now: datetime) -> Seat | None:
    """The first evaluating seat that the person acts for at present."""
    query = sa.select(Seat).join(SeatHolder).where(
        SeatHolder.account_id == account.id, in_force(SeatHolder, now), Seat.kind.in_(sorted(EVALUATING_SEATS))
    )  # fmt: skip
    return session.scalar(query.order_by(Seat.name, Seat.id).limit(1))


def member_seat(session: Session, *, city: str, country: str, field: str) -> Seat | None:
    """The seat of a member city in a field, if there is one. Names are compared as people read them."""
    query = sa.select(Seat).where(Seat.kind == "member", Seat.country == country, Seat.field == field)
    return next((s for s in session.scalars(query) if (s.city or "").casefold() == city.casefold()), None)
