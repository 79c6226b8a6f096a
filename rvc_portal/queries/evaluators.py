"""Reads of the register of evaluators: one row a seat, with who acts for it and what these have declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, STREAM_OF_SEAT, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.base import in_force
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.evaluator import Evaluator, InterestDeclaration
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import assignments
from rvc_portal.queries.visibility import visible


@dataclass(frozen=True)
class Holder:
    """Who acts for a seat. `until`: when the declaration of interests expires, None without one; `in_force`: whether it
    has not expired."""

    name: str
    email: str
    until: datetime | None
    in_force: bool


@dataclass(frozen=True)
class Entry:
    """A seat in the register. `load`: dossiers it is asked for and has not closed; `closed`: sheets that it has closed."""

    seat: Seat
    stream: str
    languages: Sequence[str]
    maximum_load: int | None
    organisation: str
    past_work: str
    load: int
    closed: int
    holders: Sequence[Holder]

    @property
    def declared(self) -> bool:
        """Whether everybody who acts for it has a declaration of interests in force."""
        return bool(self.holders) and all(holder.in_force for holder in self.holders)

    @property
    def room(self) -> bool:
        """Whether it takes one file more."""
        return self.maximum_load is None or self.load < self.maximum_load


@dataclass(frozen=True)
class Past:
    """What a seat has done in one call: `files` with a closed sheet, the first and the last of them closed when."""

    call: Call
    files: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Filters:
    """Which seats are wanted. `field`: that they may judge; `language`: in which they read; `declared`: whether everybody
    who acts for them has declared interests; `load`: idle (nothing in hand), room (takes one more) or full."""

    field: str | None = None
    stream: str | None = None
    country: str | None = None
    language: str | None = None
    declared: bool | None = None
    load: str | None = None
    search: str = ""


LOADS = ("idle", "room", "full")
EVERYBODY = Filters()


def register(
    session: Session, actor: Actor, now: datetime, filters: Filters = EVERYBODY, *, seat_id: UUID | None = None
) -> list[Entry]:  # fmt: skip
    """The evaluating seats, or one, that the filters let through. Four queries, however many seats."""
    kinds = [kind for kind in sorted(EVALUATING_SEATS) if filters.stream in (None, STREAM_OF_SEAT[SeatKind(kind)])]
    query = sa.select(Seat, Evaluator).outerjoin(Evaluator, Evaluator.seat_id == Seat.id).where(Seat.kind.in_(kinds))
    if filters.field:
        query = query.where(Seat.judging(filters.field))
    if filters.country:
        query = query.where(Seat.country == filters.country)
    if filters.search:
        like = [column.icontains(filters.search, autoescape=True) for column in (Seat.name, Seat.city)]
        query = query.where(sa.or_(*like))
    if seat_id:
        query = query.where(Seat.id == seat_id)
    rows = session.execute(query.order_by(Seat.kind, Seat.field, Seat.name, Seat.id)).all()
    ids = [seat.id for seat, _entry in rows]
    acting, loads = _holders(session, ids, now), assignments.open_loads(session, actor, ids)
    closed = _closed(session, actor, ids)
    found = [_entry(seat, entry, acting, loads, closed) for seat, entry in rows]
    return [entry for entry in found if _wanted(entry, filters)]


def past(session: Session, actor: Actor, seat_id: UUID) -> list[Past]:
    """What the seat has done in each call, of the files that this person may know of; the latest call first. One query."""
    query = (
        sa.select(Call, sa.func.count(), sa.func.min(Evaluation.closed_at), sa.func.max(Evaluation.closed_at))
        .join(Dossier, Dossier.call_id == Call.id)
        .join(Evaluation, Evaluation.dossier_id == Dossier.id)
        .join(Assignment, Assignment.id == Evaluation.assignment_id)
        .where(Assignment.seat_id == seat_id, Evaluation.counting(), visible(actor))
        .group_by(Call.id)
        .order_by(sa.func.max(Evaluation.closed_at).desc(), Call.id)
    )
    rows = session.execute(query)
    return [Past(call, files, first_at, last_at) for call, files, first_at, last_at in rows if first_at and last_at]


def countries(session: Session) -> list[str]:
    """The countries of the evaluating seats, as codes. One query."""
    query = sa.select(Seat.country).where(Seat.kind.in_(sorted(EVALUATING_SEATS)), Seat.country.is_not(None))
    return [code for code in session.scalars(query.distinct().order_by(Seat.country)) if code]


def _wanted(entry: Entry, filters: Filters) -> bool:
    """What the rows do not say by themselves."""
    loads = {"idle": entry.load == 0, "room": entry.room, "full": not entry.room}
    return (
        (filters.language is None or filters.language in entry.languages)
        and (filters.declared is None or filters.declared == entry.declared)
        and (filters.load is None or loads[filters.load])
    )


def _closed(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = (
        sa.select(Assignment.seat_id, sa.func.count())
        .join(Evaluation, Evaluation.assignment_id == Assignment.id)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .where(Assignment.seat_id.in_(ids), Evaluation.counting(), visible(actor))
        .group_by(Assignment.seat_id)
    )
    return dict(session.execute(query).all())


def _entry(
    seat: Seat, entry: Evaluator | None, acting: Mapping[UUID, Sequence[Holder]], loads: Mapping[UUID, int],
    closed: Mapping[UUID, int],
) -> Entry:  # fmt: skip
    return Entry(
        seat=seat, stream=STREAM_OF_SEAT[SeatKind(seat.kind)], languages=tuple(entry.languages) if entry else (),
        maximum_load=entry.maximum_load if entry else None, organisation=entry.organisation if entry else "",
        past_work=entry.past_work if entry else "", load=loads.get(seat.id, 0), closed=closed.get(seat.id, 0),
        holders=acting.get(seat.id, ()),
    )  # fmt: skip


def _holders(session: Session, ids: Sequence[UUID], now: datetime) -> dict[UUID, list[Holder]]:
    query = (
        sa.select(SeatHolder.seat_id, Account.name, Account.email, InterestDeclaration.expires_at)
        .join(Account, Account.id == SeatHolder.account_id)
        .outerjoin(
            InterestDeclaration,
            sa.and_(InterestDeclaration.account_id == Account.id, InterestDeclaration.superseded_at.is_(None)),
        )
        .where(SeatHolder.seat_id.in_(ids), in_force(SeatHolder, now))
        .order_by(Account.name, Account.id)
    )
    found: dict[UUID, list[Holder]] = {}
    for seat_id, name, email, until in session.execute(query):
        found.setdefault(seat_id, []).append(Holder(name, email, until, until is not None and now < until))
    return found
