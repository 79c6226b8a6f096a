"""A designated city joins the Network at once: its entry among the members, its seat in the field, its focal point.

Each field has members of its own. A city that is a member of another field becomes one of this field as well; one that is a
member of the same field stays it, since its year, with the seat that it has, and its candidacy's lead acts for that seat too.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.vocabulary import N_, Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.seat import Member
from rvc_portal.queries import calls, dossiers, members
from rvc_portal.services import accounts, network_acts


def join(session: Session, dossier: Dossier, *, actor: Actor, now: datetime) -> Member:
    """Make the dossier's lead city a member of its field, in the caller's transaction; safe where it is one already."""
    network_acts.hold(session)
    member = _member(session, dossier) or _new_member(session, dossier, now)
    member.dossier_id = member.dossier_id or dossier.id
    seat = members.seat(session, member) or accounts.create_seat(
        session, kind=SeatKind.MEMBER, name=member.city, field=member.field, country=member.country, city=member.city,
        member_id=member.id,
    )  # fmt: skip
    seat.member_id, seat.city = member.id, member.city  # one spelling: by it a person's seats are told apart elsewhere
    session.flush()
    lead = _lead(session, dossier)
    if lead is not None and lead not in seat.acting(now):
        accounts.give_seat(session, seat, lead, now=now)
    payload = {"member": str(member.id), "seat": str(seat.id), "dossier": str(dossier.id)}
    network_acts.note(session, "join_network", actor=actor, now=now, payload=payload)
    return member


def place(session: Session, member: Member, latitude: float, longitude: float, *, actor: Actor, now: datetime) -> None:
    """Say where the city lies, in degrees, for its dot on the map. Raises Refused without the role, InvalidInput for what is
    nowhere on earth."""
    network_acts.require_secretariat(actor)
    wrong = {
        name: (Refusal(N_("Give a number from −%(limit)s to %(limit)s."), {"limit": limit}, target=name),)
        for name, value, limit in (("latitude", latitude, 90), ("longitude", longitude, 180))
        if not -limit <= value <= limit
    }
    if wrong:
        raise InvalidInput(wrong)
    network_acts.hold(session)
    member.latitude, member.longitude = latitude, longitude
    payload = {"member": str(member.id)}
    network_acts.note(session, "place_member", actor=actor, now=now, payload=payload)


def _member(session: Session, dossier: Dossier) -> Member | None:
    """The city among the members of the field, however its name is capitalised: no database folds every script."""
    query = sa.select(Member).where(Member.country == dossier.lead_country, Member.field == dossier.field)
    return next((m for m in session.scalars(query) if m.city.casefold() == _city(dossier)), None)


def _new_member(session: Session, dossier: Dossier, now: datetime) -> Member:
    told = calls.definition(dossier.call)
    assert dossier.lead_country is not None
    assert dossier.field is not None  # no file is submitted without either
    member = Member(
        id=new_id(), city=dossier.lead_city, country=dossier.lead_country, field=dossier.field,
        year=now.astimezone(ZoneInfo(told.timezone)).year, region=told.country(dossier.lead_country).region,
        latitude=None, longitude=None, verified=True,
    )  # fmt: skip
    session.add(member)
    session.flush()
    return member


def _lead(session: Session, dossier: Dossier) -> Account | None:
    return next((m.account for m in dossiers.members(session, dossier.id) if m.role == Role.LEAD), None)


def _city(dossier: Dossier) -> str:
    return dossier.lead_city.strip().casefold()
