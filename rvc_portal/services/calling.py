"""The group is called together by mail: when a sitting is called, moved or cancelled, and when its agenda has changed.

Each person reads the agenda that is open to them, and is written to of a change only where it changes what they read: a
mail tells who is recused nothing of the item.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.documents.formats import zone_of_country
from rvc_portal.domain.vocabulary import STEERING_SEATS, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.base import in_force
from rvc_portal.models.call import Call
from rvc_portal.models.job import Mail
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import accounts, calls, composition
from rvc_portal.queries import deliberation as query
from rvc_portal.services import mailing

TEMPLATE = "sitting"
CALLED, MOVED, CANCELLED, AGENDA, DEPUTY = "called", "moved", "cancelled", "agenda", "deputy"


def tell(
    session: Session, sitting: SteeringSession, act: str, *, now: datetime, reason: str = "",
    only: Sequence[UUID] | None = None,
) -> None:  # fmt: skip
    """Write to everybody who acts for a seat of the group (`only`: for one of these seats) on the day of the sitting,
    deputies too. `act`: one of the above; of an agenda that reads as it was told last, nobody hears again."""
    told = _of_all(session, sitting, act, reason)
    expected = {seat.id for seat in query.expected(session, sitting)}
    for account, seats in _called(session, sitting, now).items():
        if only is not None and not {s.id for s in seats} & set(only):
            continue
        context = told | _of_one(session, sitting, account, seats, expected, now)
        context["call"] = context["call"][account.language]
        if act != AGENDA or _reads_anew(session, account, context):
            mailing.queue_mail(session, account, account.language, TEMPLATE, context, now=now)


def _called(session: Session, sitting: SteeringSession, now: datetime) -> dict[Account, list[Seat]]:
    """Who is written to, by address, with the seats that they act for."""
    query_ = (
        sa.select(Account, Seat)
        .join(SeatHolder, SeatHolder.account_id == Account.id)
        .join(Seat, Seat.id == SeatHolder.seat_id)
        .where(Seat.kind.in_(sorted(STEERING_SEATS)), in_force(SeatHolder, sitting.starts_at or now), Account.active)
        .order_by(Account.email, Seat.kind, Seat.name, Seat.id)
    )
    found: dict[Account, list[Seat]] = {}
    for account, seat in session.execute(query_):
        seats = found.setdefault(account, [])
        if seat not in seats:
            seats.append(seat)
    return found


def _of_all(session: Session, sitting: SteeringSession, act: str, reason: str) -> dict[str, Any]:
    call = session.get_one(Call, sitting.call_id)
    told = calls.definition(call)
    return {
        "sitting": str(sitting.id), "act": act, "reason": reason.strip(), "title": sitting.title,
        "starts_at": sitting.starts_at.isoformat() if sitting.starts_at else None, "zone": told.timezone,
        "place": sitting.place, "link": sitting.link, "call": {"en": told.title.of("en"), "fr": told.title.of("fr")},
        "path": f"/calls/{call.key}/steering/sittings/{sitting.id}", "demonstration": call.demonstration,
        "test": call.test,
    }  # fmt: skip


def _of_one(
    session: Session, sitting: SteeringSession, account: Account, seats: list[Seat], expected: set[UUID], now: datetime
) -> dict[str, Any]:
    reader = accounts.actor_of(session, account, sitting.starts_at or now)
    lines = query.lines(session, reader, sitting)
    fields = {f.key: {"en": f.label.of("en"), "fr": f.label.of("fr")} for f in _fields(session, sitting)}
    return {
        "name": account.name,
        "seats": [{"kind": seat.kind, "name": dict(composition.name_of(seat))} for seat in seats],
        "deputy": _as_deputy(seats, expected),
        "own_zone": _own_zone(session, seats, sitting.starts_at or now),
        "items": [
            {"number": x.number, "city": x.dossier.lead_city, "reference": x.dossier.reference,
             "field": fields.get(x.dossier.field or "")}
            for x in lines if x.dossier
        ],
        "some_closed": any(line.closed for line in lines),
    }  # fmt: skip


def _as_deputy(seats: list[Seat], expected: set[UUID]) -> str | None:
    """Whether a deputy stands in for a coordinator who is away or (stands_by) waits; None for who sits anyway."""
    deputies = [s for s in seats if s.kind == SeatKind.DEPUTY]
    if any(s.id in expected for s in deputies):
        return "stands_in"
    return "stands_by" if len(deputies) == len(seats) else None


def _fields(session: Session, sitting: SteeringSession) -> Any:
    return calls.definition(session.get_one(Call, sitting.call_id)).fields


def _own_zone(session: Session, seats: list[Seat], at: datetime) -> str | None:
    """The zone in which the person reads a clock, as far as it follows from the country of their city."""
    for seat in seats:
        held = [m for m in composition.of_seat(session, seat.id) if m.from_at <= at < m.until_at]
        country = held[0].member.country if held else seat.country
        if country:
            return zone_of_country(country)
    return None


def _reads_anew(session: Session, account: Account, context: Mapping[str, Any]) -> bool:
    """Whether the person's agenda is another one than they were told last."""
    before = sa.select(Mail).where(Mail.template == TEMPLATE, Mail.to_address == account.email)
    latest = session.scalars(before.order_by(Mail.created_at.desc(), Mail.id.desc()))
    told = next((m.context for m in latest if m.context["sitting"] == context["sitting"]), None)
    return told is None or [told["items"], told["some_closed"]] != [context["items"], context["some_closed"]]
