"""The register of evaluators: what the Secretariat, and those who act for it, know of each evaluating seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, N_, Role, SeatKind
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.evaluator import Evaluator
from rvc_portal.models.seat import Seat
from rvc_portal.services import conflicts, journal
from rvc_portal.services.transitions import lock

Problems = dict[str, tuple[Refusal, ...]]


@dataclass(frozen=True)
class Place:
    """Where an expert is: `country` as ISO 3166 alpha-2; empty where nobody knows."""

    country: str = ""
    city: str = ""


def change(
    session: Session, seat: Seat, *, languages: Sequence[str], maximum_load: int | None, past_work: str, actor: Actor,
    now: datetime, organisation: str = "", fields: Sequence[str] | None = None, place: Place | None = None,
) -> Evaluator:  # fmt: skip
    """Write the seat's entry. `languages`: codes in which it reads; `maximum_load`: dossiers at a time, None without
    limit; `fields`: that an expert may judge, none: all; `place`: of an expert. What is None stays; a member city's field
    and place are its own. Where the place moves, the files that the expert is asked for are looked at anew.

    Raises Refused without the role, NotFound for a seat that evaluates nothing, InvalidInput for what no list knows."""
    if not actor.has(Role.SECRETARIAT):
        raise Refused([Refusal(N_("Your role does not allow this."))])
    _check(seat, languages, maximum_load, fields, place)
    before = _binding(session, seat)
    entry = _write(session, seat, languages, maximum_load, organisation, fields, actor.person, now)
    entry.past_work = past_work.strip()
    if place is not None and seat.kind == SeatKind.EXPERT:
        seat.country, seat.city = place.country or None, place.city.strip() or None
    _note(session, seat, entry, actor.person, now)
    if _binding(session, seat) != before:
        _look_anew(session, seat, now)
    return entry


def correct(
    session: Session, seat_id: UUID, *, languages: Sequence[str], maximum_load: int | None, organisation: str,
    fields: Sequence[str] | None, actor: Actor, now: datetime,
) -> Evaluator:  # fmt: skip
    """What concerns themselves, written by somebody who acts for the seat. Raises NotFound for another's seat,
    InvalidInput as `change` does."""
    if seat_id not in {s.id for s in actor.evaluating_seats}:
        raise NotFound
    seat = session.get_one(Seat, seat_id)
    _check(seat, languages, maximum_load, fields, None)
    before = _binding(session, seat)
    entry = _write(session, seat, languages, maximum_load, organisation, fields, actor.person, now)
    _note(session, seat, entry, actor.person, now)
    if _binding(session, seat) != before:
        _look_anew(session, seat, now)
    return entry


def enter(
    session: Session, seat: Seat, *, languages: Sequence[str], maximum_load: int | None, organisation: str,
    account_id: UUID, now: datetime,
) -> Evaluator:  # fmt: skip
    """The first entry of a seat, from an invitation that was accepted."""
    return _write(session, seat, languages, maximum_load, organisation, None, account_id, now)


def wrong_particulars(
    languages: Sequence[str], maximum_load: int | None, fields: Sequence[str], country: str
) -> Problems:  # fmt: skip
    """What no list of the Network knows, by field of the form."""
    wrong: Problems = {}
    if set(languages) - set(LANGUAGES):
        wrong["languages"] = (Refusal(N_("Choose languages of the list.")),)
    if maximum_load is not None and maximum_load < 1:
        wrong["maximum_load"] = (Refusal(N_("Give 1 or more, or nothing for no limit.")),)
    if set(fields) - {str(entry["key"]) for entry in network.fields()}:
        wrong["fields"] = (Refusal(N_("Choose creative fields of the list.")),)
    if country and country not in {entry["iso2"] for entry in network.countries()}:
        wrong["country"] = (Refusal(N_("Choose a country of the list.")),)
    return wrong


def _check(
    seat: Seat, languages: Sequence[str], maximum_load: int | None, fields: Sequence[str] | None, place: Place | None
) -> None:
    if SeatKind(seat.kind) not in EVALUATING_SEATS:
        raise NotFound
    wrong = wrong_particulars(languages, maximum_load, fields or (), place.country if place else "")
    if wrong:
        raise InvalidInput(wrong)


def _write(
    session: Session, seat: Seat, languages: Sequence[str], maximum_load: int | None, organisation: str,
    fields: Sequence[str] | None, account_id: UUID, now: datetime,
) -> Evaluator:  # fmt: skip
    session.execute(sa.select(Seat.id).where(Seat.id == seat.id).with_for_update())
    if fields is not None and seat.kind == SeatKind.EXPERT:
        _know(seat, fields)
    entry = session.get(Evaluator, seat.id)
    if entry is None:
        entry = Evaluator(seat_id=seat.id, past_work="")
        session.add(entry)
    entry.languages, entry.maximum_load, entry.organisation = list(languages), maximum_load, organisation.strip()
    entry.changed_at, entry.changed_by = now, account_id
    session.flush()
    return entry


def _know(seat: Seat, fields: Sequence[str]) -> None:
    """The seat's own field stays its own while it is among them; else the first takes its place."""
    chosen = list(dict.fromkeys(fields))
    own = seat.field if seat.field in chosen else next(iter(chosen), None)
    seat.field, seat.expertise = own, [field for field in chosen if field != own]


def _binding(session: Session, seat: Seat) -> tuple[str | None, ...]:
    """What of a seat the rules of conflict look at."""
    entry = session.get(Evaluator, seat.id)
    return seat.country, seat.city, entry.organisation if entry else ""


def _look_anew(session: Session, seat: Seat, now: datetime) -> None:
    asked = sa.select(Assignment.dossier_id).where(Assignment.seat_id == seat.id, Assignment.ended_at.is_(None))
    judged = sa.select(Dossier).where(Dossier.id.in_(asked), Dossier.state.in_(("in_evaluation", "in_review")))
    for dossier in session.scalars(judged.order_by(Dossier.reference)).all():
        lock(session, dossier, None)
        conflicts.refresh(session, dossier, now=now)


def _note(session: Session, seat: Seat, entry: Evaluator, actor_id: UUID, now: datetime) -> None:
    """Every state of the entry stands in the seat's own chain; the row, which is held, keeps acts in line."""
    payload: dict[str, Any] = {
        "fields": list(seat.fields), "languages": list(entry.languages), "maximum_load": entry.maximum_load,
        "country": seat.country, "city": seat.city, "organisation": entry.organisation,
    }  # fmt: skip
    journal.append(session, seat.id, "change_entry", actor_id=actor_id, now=now, payload=payload)
