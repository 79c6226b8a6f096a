"""Who acts for a seat: let in by the Secretariat for a term, and out again; journaled, and told to the person by mail."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rvc_portal.domain import composition
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, N_
from rvc_portal.gateways import network
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.mandate import Mandate
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import composition as query
from rvc_portal.queries import evaluator_invitations as invitations
from rvc_portal.services import interests, network_acts
from rvc_portal.services.mailing import queue_mail


def let_act(
    session: Session, seat: Seat, account: Account, first: date, last: date | None = None, *, actor: Actor, now: datetime
) -> SeatHolder:  # fmt: skip
    """Let the person act for the seat from the day `first` (never before now) up to and including `last`, beside whoever
    does already. None: as long as the seat's mandate runs, or without an end where the seat has no mandates.

    Raises Refused without the role, InvalidInput for days in the wrong order, a term outside the mandate, and a person who
    acts for the seat already at that time, or judges for another one.
    """
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    zone = network.timezone()
    start = max(now, composition.instant(first, zone))
    until = composition.instant(last, zone, end=True) if last else None
    if until is not None and until <= start:
        raise InvalidInput({"last": (Refusal(N_("The last day comes before the first, or has passed.")),)})
    mandates = query.of_seat(session, seat.id)
    if mandates:
        until = _within(mandates, start, until)
    _not_twice(session, seat, account, start, until)
    _one_evaluator(session, seat, account, now)
    row = SeatHolder(id=new_id(), seat_id=seat.id, account_id=account.id, from_at=start, until_at=until)
    session.add(row)
    session.flush()
    if start <= now:
        interests.acts_now(session, account.id, now)
    _note(session, row, seat, account, "let_act", actor=actor, now=now)
    return row


def stop(session: Session, holder: SeatHolder, *, reason: str, actor: Actor, now: datetime) -> None:
    """The person no longer acts for the seat. Raises Refused without the role and where they do not any more, InvalidInput
    without a reason."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.refresh(holder)
    if holder.until_at is not None and holder.until_at <= now:
        raise Refused([Refusal(N_("This person no longer acts for the seat."))])
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason: it stands in the journal.")),)})
    holder.until_at = max(now, holder.from_at)
    _note(session, holder, holder.seat, holder.account, "stop_acting", actor=actor, now=now, reason=reason.strip())


def _within(mandates: list[Mandate], start: datetime, until: datetime | None) -> datetime:
    """The end of the term: of the mandate that runs at its start, or the earlier one that was asked for."""
    running = next((m for m in mandates if m.from_at <= start < m.until_at), None)
    if running is None:
        told: dict[str, object] = {"day": _day(start)}
        raise InvalidInput({"first": (Refusal(N_("No mandate of this seat runs on %(day)s."), told),)})
    if until is not None and until > running.until_at:
        told = {"city": running.member.city, "last": _last_day(running.until_at)}
        raise InvalidInput({"last": (Refusal(N_("The mandate of %(city)s ends on %(last)s."), told),)})
    return until or running.until_at


def _not_twice(session: Session, seat: Seat, account: Account, start: datetime, until: datetime | None) -> None:
    for other in query.holders(session, seat.id):
        begins_in_time = until is None or other.from_at < until
        if other.account_id != account.id or not begins_in_time or (other.until_at and other.until_at <= start):
            continue
        told: dict[str, object] = {"name": account.name, "first": _day(other.from_at)}
        said = N_("%(name)s acts for this seat already, since %(first)s.")
        if other.until_at is not None:
            told["last"] = _last_day(other.until_at)
            said = N_("%(name)s acts for this seat already, from %(first)s to %(last)s.")
        raise InvalidInput({"email": (Refusal(said, told),)})


def _one_evaluator(session: Session, seat: Seat, account: Account, now: datetime) -> None:
    """A person judges for one seat, as with invitations."""
    held = invitations.acts_for(session, account, now) if seat.kind in EVALUATING_SEATS else None
    if held is not None and held.id != seat.id:
        said = N_("The person with this address is an evaluator already: %(seat)s.")
        raise InvalidInput({"email": (Refusal(said, {"seat": held.name}),)})


def _note(
    session: Session, row: SeatHolder, seat: Seat, account: Account, act: str, *, actor: Actor, now: datetime,
    reason: str = "",
) -> None:  # fmt: skip
    until = row.until_at.isoformat() if row.until_at else None
    payload = {"seat": str(seat.id), "account": str(account.id), "from": row.from_at.isoformat(), "until": until}
    network_acts.note(session, act, actor=actor, now=now, reason=reason, payload=payload)
    told = {
        "name": account.name, "act": act, "seat_kind": seat.kind, "seat": query.name_of(seat), "reason": reason,
        "first": _day(row.from_at).isoformat(), "last": _last_day(row.until_at).isoformat() if row.until_at else None,
        "path": "/steering-group" if seat.kind in composition.KINDS else "/desk",
    }  # fmt: skip
    queue_mail(session, account, account.language, "seat", told, now=now)


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(network.timezone())).date()


def _last_day(until: datetime) -> date:
    return _day(until - timedelta(seconds=1))
