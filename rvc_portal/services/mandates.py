"""Mandates of the Steering Group: begun, ended early, and the absence of a coordinator for whom the deputy sits."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import composition
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.composition import OF_A_FIELD, Term
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.base import new_id
from rvc_portal.models.mandate import Absence, Mandate
from rvc_portal.models.seat import Member, Seat, SeatHolder
from rvc_portal.queries import composition as query
from rvc_portal.services import accounts, calling, network_acts
from rvc_portal.services.contexts import composition as contexts


def record(
    session: Session, member: Member, kind: SeatKind, start: date, *, last: date | None = None, actor: Actor, now: datetime
) -> Mandate:  # fmt: skip
    """The Secretariat records that the city holds a seat from the day on; `last`: its last day, None: as the calendar of
    the Network says. Raises Refused without the role, InvalidInput for days in the wrong order or an overlap."""
    network_acts.require_secretariat(actor)
    found = begin(session, member, kind, start, last=last, origin="recorded", actor=actor, now=now)
    publish(session, now=now, act="begin_mandate")
    return found


def begin(
    session: Session, member: Member, kind: SeatKind, start: date, *, last: date | None = None, origin: str, actor: Actor,
    now: datetime,
) -> Mandate:  # fmt: skip
    """Begin a mandate, whatever it follows from (`origin`: recorded, election, co_option), and let the city's persons act
    for its seat. Raises InvalidInput for days in the wrong order and for an overlap, naming the other mandate."""
    network_acts.hold(session)
    planned, due = plan(member, kind, start, last)
    refused = obstacle(session, planned)
    if refused:
        raise InvalidInput({"start": (refused,)})
    seat = _seat(session, kind, member)
    row = Mandate(
        id=planned.id, kind=kind, field=planned.field, seat_id=seat.id, member_id=member.id, from_at=planned.from_at,
        until_at=planned.until_at, due_year=due, origin=origin, begun_at=now, begun_by=actor.person,
    )  # fmt: skip
    before = sa.select(Mandate).where(Mandate.seat_id == seat.id).order_by(Mandate.until_at.desc()).limit(1)
    earlier = session.scalar(before)
    session.add(row)
    session.flush()
    _hand_over(session, row, member, earlier)
    payload = {
        "mandate": str(row.id), "kind": str(kind), "field": planned.field, "member": str(member.id), "origin": origin,
        "from": planned.from_at.isoformat(), "until": planned.until_at.isoformat(),
    }  # fmt: skip
    network_acts.note(session, "begin_mandate", actor=actor, now=now, payload=payload)
    return row


def plan(member: Member, kind: SeatKind, start: date, last: date | None = None) -> tuple[Term, int]:
    """The mandate that would begin, and the year of the meeting at which its renewal is due. Raises InvalidInput where
    it would end before it begins."""
    zone = network.timezone()
    due = composition.end_of(kind, member.city, start, network.meetings(), network.steering())
    end = last or composition.last_day(start, due)
    if end < start:
        raise InvalidInput({"last": (Refusal(N_("The mandate would end before it begins.")),)})
    field = member.field if kind in OF_A_FIELD else None
    planned = Term(
        new_id(), kind, field, member.id, member.city, member.region, composition.instant(start, zone),
        composition.instant(end, zone, end=True),
    )  # fmt: skip
    return planned, end.year if last else due[0]


def obstacle(session: Session, planned: Term) -> Refusal | None:
    """The mandate that this one would overlap, in words."""
    other = composition.overlapping(planned, (query.term(m) for m in query.mandates(session)))
    return _overlaps(other) if other else None


def held_at(session: Session, kind: SeatKind, field: str, at: datetime) -> Refusal | None:
    """The mandate that still runs on the field's seat at the instant, so that whoever is elected would overlap it."""
    terms = (query.term(m) for m in query.mandates(session))
    other = next((t for t in terms if (t.kind, t.field) == (kind, field) and t.holds(at)), None)
    return _overlaps(other) if other else None


def _overlaps(other: Term) -> Refusal:
    zone = ZoneInfo(network.timezone())
    told: dict[str, object] = {
        "city": other.city, "seat_kind": str(other.kind), "first": other.from_at.astimezone(zone).date(),
        "last": (other.until_at - timedelta(seconds=1)).astimezone(zone).date(),
    }  # fmt: skip
    if other.field is None:
        return Refusal(N_("This overlaps the mandate of %(city)s (%(seat_kind)s), from %(first)s to %(last)s."), told)
    told["field"] = next(f["label"] for f in network.fields() if f["key"] == other.field)
    return Refusal(
        N_("This overlaps the mandate of %(city)s (%(seat_kind)s, %(field)s), from %(first)s to %(last)s."), told
    )


def end(session: Session, mandate: Mandate, *, reason: str, actor: Actor, now: datetime) -> None:
    """End a mandate before its time. Raises Refused without the role or where it has ended, InvalidInput without reason."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.refresh(mandate)
    if mandate.until_at <= now:
        raise Refused([Refusal(N_("This mandate has ended already."))])
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason: it stands in the journal.")),)})
    mandate.ended_at, mandate.ended_reason = now, reason.strip()
    mandate.until_at = max(now, mandate.from_at)
    _release(session, mandate.seat_id, mandate.until_at)
    payload = {"mandate": str(mandate.id)}
    network_acts.note(session, "end_mandate", actor=actor, now=now, reason=reason.strip(), payload=payload)
    publish(session, now=now, act="end_mandate")


def say_away(
    session: Session, mandate: Mandate, first: date, last: date, *, actor: Actor, now: datetime
) -> Absence:  # fmt: skip
    """The city of the mandate is away on these days: its deputy sits. Raises Refused to anybody but who acts for the seat
    or the Secretariat, InvalidInput for days in the wrong order or outside the mandate."""
    _require_own(actor, mandate)
    network_acts.hold(session)
    zone = network.timezone()
    start, until = composition.instant(first, zone), composition.instant(last, zone, end=True)
    if until <= max(start, now):
        raise InvalidInput({"away_last": (Refusal(N_("The last day comes before the first, or has passed.")),)})
    if start >= mandate.until_at or until <= mandate.from_at:
        raise InvalidInput({"away_first": (Refusal(N_("The mandate does not run on these days.")),)})
    row = Absence(id=new_id(), mandate_id=mandate.id, from_at=start, until_at=until, said_at=now, said_by=actor.person)
    session.add(row)
    session.flush()
    _tell_deputy(session, mandate, row, now)
    payload = {"mandate": str(mandate.id), "from": start.isoformat(), "until": until.isoformat()}
    network_acts.note(session, "say_away", actor=actor, now=now, payload=payload)
    return row


def take_back(session: Session, absence: Absence, *, actor: Actor, now: datetime) -> None:
    """The city is there after all: an absence to come is withdrawn, one that runs ends now. Raises Refused as `say_away`
    does, for one that is over, and while a sitting is open that began in it: the deputy sits there."""
    mandate = session.get_one(Mandate, absence.mandate_id)
    _require_own(actor, mandate)
    network_acts.hold(session)
    session.refresh(absence)
    if absence.withdrawn_at is not None or absence.until_at <= now:
        raise Refused([Refusal(N_("This absence is over, or taken back already."))])
    begun = query.sitting_within(session, absence)
    if begun:
        raise Refused(
            [Refusal(N_("“%(title)s” has begun: the deputy sits until it is closed."), {"title": begun.title})]
        )
    if absence.from_at <= now:
        absence.until_at = now
    else:
        absence.withdrawn_at = now
    session.flush()
    _tell_deputy(session, mandate, absence, now)
    payload = {"mandate": str(mandate.id), "absence": str(absence.id)}
    network_acts.note(session, "come_back", actor=actor, now=now, payload=payload)


def _tell_deputy(session: Session, mandate: Mandate, absence: Absence, now: datetime) -> None:
    """Who stands in at the sittings that are called for these days is told so by mail, or that they need not."""
    if mandate.kind != SeatKind.COORDINATOR:
        return
    deputy = sa.select(Seat.id).where(Seat.kind == SeatKind.DEPUTY, Seat.field == mandate.field)
    for sitting in query.sittings_called(session, absence):
        calling.tell(session, sitting, calling.DEPUTY, now=now, only=session.scalars(deputy).all())


def publish(session: Session, *, now: datetime, act: str) -> None:
    """Issue the composition as it is now; the one before is superseded."""
    network_acts.issue(session, Doc.STEERING_COMPOSITION, contexts.composition(session, now), now=now, act=act)


def _require_own(actor: Actor, mandate: Mandate) -> None:
    if mandate.seat_id not in {s.id for s in actor.steering_seats}:
        network_acts.require_secretariat(actor)


def _seat(session: Session, kind: SeatKind, member: Member) -> Seat:
    """The seat of the field or of the city, made when it is first held."""
    of_field = kind in OF_A_FIELD
    which = (
        Seat.field == member.field if of_field else sa.and_(Seat.city == member.city, Seat.country == member.country)
    )
    found = session.scalar(sa.select(Seat).where(Seat.kind == kind, which).order_by(Seat.name, Seat.id).limit(1))
    if found is not None:
        return found
    label = next(f["label"] for f in network.fields() if f["key"] == member.field)
    return accounts.create_seat(
        session, kind=kind, name=label["en"] if of_field else member.city,  # type: ignore[index]
        field=member.field if of_field else None, country=None if of_field else member.country,
        city=None if of_field else member.city,
    )  # fmt: skip


def _hand_over(session: Session, mandate: Mandate, member: Member, earlier: Mandate | None) -> None:
    """Whoever acts for the city as a member acts for the seat while the mandate runs; those of the city before no longer
    do. A seat without a mandate before, and a city that sits again, keep those whom the seat had until then."""
    theirs = _acting(SeatHolder.seat_id == mandate.seat_id, earlier.until_at if earlier else mandate.from_at)
    keeps = earlier is None or earlier.member_id == member.id
    staying = {h.account_id for h in session.scalars(theirs)} if keeps else set()
    _release(session, mandate.seat_id, mandate.from_at)
    city = sa.and_(
        Seat.kind == SeatKind.MEMBER,
        Seat.field == member.field,
        Seat.city == member.city,
        Seat.country == member.country,
    )
    own = _acting(SeatHolder.seat_id.in_(sa.select(Seat.id).where(city)), mandate.from_at)
    for account_id in sorted(staying | {h.account_id for h in session.scalars(own)}):
        session.add(
            SeatHolder(
                id=new_id(), seat_id=mandate.seat_id, account_id=account_id, from_at=mandate.from_at,
                until_at=mandate.until_at,
            )
        )  # fmt: skip
    session.flush()


def _acting(seat: sa.ColumnElement[bool], until: datetime) -> sa.Select[SeatHolder]:
    """Who acts for the seat at least until the instant, without an end or with one that has not come by then."""
    return sa.select(SeatHolder).where(seat, sa.or_(SeatHolder.until_at.is_(None), SeatHolder.until_at >= until))


def _release(session: Session, seat_id: object, at: datetime) -> None:
    session.execute(
        sa.update(SeatHolder)
        .where(SeatHolder.seat_id == seat_id, sa.or_(SeatHolder.until_at.is_(None), SeatHolder.until_at > at))
        .values(until_at=at)
    )
