"""Reads of the Network's member cities."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from rvc_portal.domain.actor import Actor, SeatHeld
from rvc_portal.domain.vocabulary import CallStatus, SeatKind
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.meeting import MeetingHost
from rvc_portal.models.seat import Member, Seat
from rvc_portal.queries.visibility import own


@dataclass(frozen=True)
class New:
    """A member that a call of this portal designated, with the seat through which the person acts for it."""

    member: Member
    seat_id: UUID
    dossier_id: UUID


def members(
    session: Session, *, field: str | None = None, region: str | None = None, search: str = ""
) -> Sequence[Member]:
    """The member cities by name; all of them where nothing is asked for. One query."""
    query = sa.select(Member).order_by(Member.city, Member.field, Member.country)
    if field:
        query = query.where(Member.field == field)
    if region:
        query = query.where(Member.region == region)
    if search:
        query = query.where(Member.city.icontains(search, autoescape=True))
    return session.scalars(query).all()


def one(session: Session, member_id: UUID) -> Member | None:
    """One member city, or None."""
    return session.get(Member, member_id)


def seat(session: Session, member: Member) -> Seat | None:
    """The seat that the city evaluates, elects and stands with in its field: its own, else the one that names it."""
    query = sa.select(Seat).where(
        Seat.kind == SeatKind.MEMBER, Seat.field == member.field, Seat.country == member.country
    )  # fmt: skip
    found = session.scalars(query.options(selectinload(Seat.holders)).order_by(Seat.id)).all()
    own = [s for s in found if s.member_id == member.id]
    named = [s for s in found if (s.city or "").casefold() == member.city.casefold()]
    return next(iter(own + named), None)


def of_seat(session: Session, seat: SeatHeld) -> Member | None:
    """The member city for which a seat is, or None for a seat of another kind."""
    if seat.kind is not SeatKind.MEMBER:
        return None
    query = sa.select(Member).where(Member.field == seat.field, Member.country == seat.country)
    return next((m for m in session.scalars(query) if m.city.casefold() == (seat.city or "").casefold()), None)


def of_persons_seats() -> sa.ColumnElement[bool]:
    """Joins the seats of member cities to their cities: by the seat's own mark, else by city, country and field."""
    named = sa.and_(
        Seat.member_id.is_(None), Member.field == Seat.field, Member.country == Seat.country,
        sa.func.lower(Member.city) == sa.func.lower(Seat.city),
    )  # fmt: skip
    return sa.and_(Seat.kind == SeatKind.MEMBER, sa.or_(Member.id == Seat.member_id, named))


def own_cities(session: Session, actor: Actor) -> list[Member]:
    """The member cities that the person acts for, by name. One query where they hold such a seat, else none."""
    if not actor.member_seats:
        return []
    query = (
        sa.select(Member).join(Seat, of_persons_seats()).where(Seat.id.in_([seat.id for seat in actor.member_seats]))
    )
    return list(session.scalars(query.order_by(Member.city, Member.country, Member.field).distinct()))


def of_hosts(session: Session, hosts: Iterable[MeetingHost]) -> dict[UUID, UUID]:
    """Which member city a host of a meeting is, by the host's id, where the register knows exactly one. One query."""
    every = list(hosts)
    query = sa.select(Member.id, Member.city, Member.country).where(Member.city.in_([h.city for h in every]))
    places: dict[tuple[str, str], set[UUID]] = {}
    for member_id, city, country in session.execute(query):
        places.setdefault((city, country), set()).add(member_id)
    named = {h.id: h.member_id or _only(places.get((h.city, h.country), set())) for h in every}
    return {host: member for host, member in named.items() if member is not None}


def _only(found: set[UUID]) -> UUID | None:
    return next(iter(found)) if len(found) == 1 else None


def files(session: Session, actor: Actor, member: Member) -> Sequence[Dossier]:
    """The files of the city in any field that the person takes part in, the latest first. One query."""
    query = sa.select(Dossier).where(
        own(actor), Dossier.lead_country == member.country,
        sa.func.lower(Dossier.lead_city) == sa.func.lower(member.city),
    )  # fmt: skip
    return session.scalars(query.order_by(Dossier.created_at.desc(), Dossier.id)).all()


def designated_in(session: Session, member: Member) -> Call | None:
    """The published call in which the city was designated; None for who was a member before. One query."""
    query = sa.select(Call).join(Dossier, Dossier.call_id == Call.id)
    return session.scalar(query.where(Dossier.id == member.dossier_id, Call.status == CallStatus.PUBLISHED))


def new(session: Session, actor: Actor, since: int) -> list[New]:
    """The members of this year or a later one for which the person acts and which a call designated. One query."""
    seats = [s.id for s in actor.evaluating_seats if s.kind is SeatKind.MEMBER]
    query = (
        sa.select(Member, Seat.id, Member.dossier_id)
        .join(Seat, Seat.member_id == Member.id)
        .where(Seat.id.in_(seats), Member.dossier_id.is_not(None), Member.year >= since)
        .order_by(Member.city, Member.field)
    )
    return [New(member, seat_id, dossier_id) for member, seat_id, dossier_id in session.execute(query) if dossier_id]
