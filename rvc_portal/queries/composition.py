"""Reads of the Steering Group's composition: mandates, who sits, which regions are missing, who could be co-opted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from rvc_portal.domain import composition
from rvc_portal.domain.actor import Actor, SeatHeld
from rvc_portal.domain.composition import Away, Place, Term
from rvc_portal.domain.deliberation import Sitter
from rvc_portal.domain.vocabulary import SeatKind
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.account import Account
from rvc_portal.models.base import Instant, in_force
from rvc_portal.models.mandate import Absence, CoOption, CoOptionVote, Mandate
from rvc_portal.models.seat import Member, Seat, SeatHolder
from rvc_portal.models.steering import SteeringSession


def mandates(session: Session) -> Sequence[Mandate]:
    """Every mandate with its city, the latest first. Two of a day stand in the order of kind and field."""
    query = sa.select(Mandate).options(joinedload(Mandate.member), joinedload(Mandate.seat))
    return session.scalars(query.order_by(Mandate.from_at.desc(), Mandate.kind, Mandate.field, Mandate.id)).all()


def of_city(session: Session, member_id: UUID) -> Sequence[Mandate]:
    """The mandates of one member city, the latest first."""
    query = sa.select(Mandate).where(Mandate.member_id == member_id)
    return session.scalars(query.order_by(Mandate.from_at.desc(), Mandate.kind, Mandate.id)).all()


def mandate(session: Session, mandate_id: UUID) -> Mandate | None:
    return session.get(Mandate, mandate_id)


def term(row: Mandate) -> Term:
    """The mandate as the rules see it."""
    return Term(
        row.id, SeatKind(row.kind), row.field, row.member_id, row.member.city, row.member.region, row.from_at,
        row.until_at,
    )  # fmt: skip


def absences(session: Session, at: datetime) -> list[Away]:
    """Who has said to be away at the instant."""
    query = sa.select(Absence).where(Absence.from_at <= at, Absence.until_at > at, Absence.withdrawn_at.is_(None))
    return [Away(a.mandate_id, a.from_at, a.until_at) for a in session.scalars(query.order_by(Absence.said_at))]


def announced(session: Session, mandate_id: UUID, at: datetime) -> Sequence[Absence]:
    """The absences of a mandate that run at the instant or are to come, the first one first."""
    query = sa.select(Absence).where(
        Absence.mandate_id == mandate_id, Absence.until_at > at, Absence.withdrawn_at.is_(None)
    )
    return session.scalars(query.order_by(Absence.from_at, Absence.said_at, Absence.id)).all()


def absence(session: Session, mandate_id: UUID, absence_id: UUID) -> Absence | None:
    found = session.get(Absence, absence_id)
    return found if found and found.mandate_id == mandate_id else None


def sittings_called(session: Session, absence: Absence) -> Sequence[SteeringSession]:
    """The sittings that are called for days of the absence and have not begun."""
    return session.scalars(
        _sittings_within(absence).where(SteeringSession.opened_at.is_(None)).order_by(SteeringSession.starts_at)
    ).all()


def sitting_within(session: Session, absence: Absence) -> SteeringSession | None:
    """A sitting that is open and was called for a day of the absence."""
    return session.scalars(_sittings_within(absence).where(SteeringSession.opened_at.is_not(None))).first()


def _sittings_within(absence: Absence) -> sa.Select[SteeringSession]:
    called_for = sa.func.coalesce(SteeringSession.starts_at, SteeringSession.opened_at, type_=Instant)
    return sa.select(SteeringSession).where(
        called_for >= absence.from_at, called_for < absence.until_at, SteeringSession.closed_at.is_(None)
    )


def table(session: Session, at: datetime) -> list[Place]:
    """Who holds and who takes each place at the instant. Two queries."""
    fields = [str(f["key"]) for f in network.fields()]
    return composition.places([term(m) for m in mandates(session)], absences(session, at), fields, at)


def balance(places: Sequence[Place]) -> dict[str, int]:
    """The places by region, in the Network's order."""
    return composition.by_region(places, [str(r["key"]) for r in network.regions()])


def persons(session: Session, seat_ids: Sequence[UUID], at: datetime) -> dict[UUID, list[str]]:
    """The names of those who act for the seats at the instant."""
    query = (
        sa.select(SeatHolder.seat_id, Account.name)
        .join(Account, Account.id == SeatHolder.account_id)
        .where(SeatHolder.seat_id.in_(list(seat_ids)), in_force(SeatHolder, at))
        .order_by(Account.name)
    )
    found: dict[UUID, list[str]] = {}
    for seat_id, name in session.execute(query):
        found.setdefault(seat_id, []).append(name)
    return found


def of_seat(session: Session, seat_id: UUID) -> list[Mandate]:
    """The mandates of one seat, the latest first."""
    query = sa.select(Mandate).where(Mandate.seat_id == seat_id).options(joinedload(Mandate.member))
    return list(session.scalars(query.order_by(Mandate.from_at.desc(), Mandate.id)))


def holders(session: Session, seat_id: UUID) -> list[SeatHolder]:
    """Everybody who acts, acted or will act for the seat, by their last day, those without one first."""
    query = sa.select(SeatHolder).where(SeatHolder.seat_id == seat_id).options(joinedload(SeatHolder.account))

    def latest(holder: SeatHolder) -> tuple[bool, float, str]:
        until = holder.until_at or holder.from_at
        return holder.until_at is not None, -until.timestamp(), holder.account.name

    return sorted(session.scalars(query), key=latest)


AnySeat = Seat | SeatHeld | Sitter
"""A seat as a row, as its holder has it, or as the rules of a sitting see it."""


def name_of(seat: AnySeat) -> Mapping[str, str]:
    """What the seat is of, in each language: a creative field, else a city or a person."""
    of_field = seat.kind in composition.OF_A_FIELD
    told: object = next((f["label"] for f in network.fields() if of_field and f["key"] == seat.field), None)
    return told if isinstance(told, Mapping) else dict.fromkeys(LANGUAGES, seat.name)


def told_apart(seat: AnySeat) -> Mapping[str, str]:
    """The same where coordinators and deputies stand side by side: a field has one of each."""
    name, deputy = name_of(seat), {"en": " (deputy)", "fr": " (adjoint)"}
    return name if seat.kind != SeatKind.DEPUTY else {language: name[language] + deputy[language] for language in name}


def mine(session: Session, actor: Actor, at: datetime) -> list[Mandate]:
    """The mandates of the person's own seats that hold at the instant."""
    query = sa.select(Mandate).options(joinedload(Mandate.member))
    query = query.where(
        Mandate.seat_id.in_([s.id for s in actor.steering_seats]), Mandate.from_at <= at, Mandate.until_at > at
    )
    return list(session.scalars(query.order_by(Mandate.kind, Mandate.field)))


def voting_place(session: Session, actor: Actor, at: datetime) -> tuple[Place, Mandate] | None:
    """The field's place that the person takes now, as coordinator or as the deputy who stands in, with the mandate."""
    own = {m.id: m for m in mine(session, actor, at)}
    for place in table(session, at):
        if place.field and place.sits and place.sits.id in own:
            return place, own[place.sits.id]
    return None


def available(session: Session, regions: Sequence[str], at: datetime, *, field: str | None = None) -> list[Member]:
    """The member cities of these regions that hold no mandate at the instant, the longest in the Network first."""
    sitting = sa.select(Mandate.member_id).where(Mandate.from_at <= at, Mandate.until_at > at)
    query = sa.select(Member).where(Member.region.in_(list(regions)), Member.id.not_in(sitting))
    if field:
        query = query.where(Member.field == field)
    return list(session.scalars(query.order_by(Member.year, Member.city, Member.field)))


def co_options(session: Session) -> Sequence[CoOption]:
    """Every proposal with its votes, those under vote first, then the latest."""
    votes = selectinload(CoOption.votes).joinedload(CoOptionVote.mandate).joinedload(Mandate.member)
    query = sa.select(CoOption).options(joinedload(CoOption.member), votes)
    return session.scalars(query.order_by(CoOption.decided_at.is_not(None), CoOption.proposed_at.desc())).all()


def co_option(session: Session, co_option_id: UUID) -> CoOption | None:
    return session.get(CoOption, co_option_id)
