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
from rvc_portal.models.evaluator import Evaluator, InterestDeclaration
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import assignments


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
    """A seat in the register. `load`: dossiers it is asked for and has not closed."""

    seat: Seat
    stream: str
    languages: Sequence[str]
    maximum_load: int | None
    past_work: str
    load: int
    holders: Sequence[Holder]

    @property
    def declared(self) -> bool:
        """Whether everybody who acts for it has a declaration of interests in force."""
        return bool(self.holders) and all(holder.in_force for holder in self.holders)


def register(
    session: Session, actor: Actor, now: datetime, *, field: str | None = None, stream: str | None = None,
    search: str = "", seat_id: UUID | None = None,
) -> list[Entry]:  # fmt: skip
    """The evaluating seats (of a field, of a stream, whose name or city holds `search`, or one). Three queries."""
    kinds = [kind for kind in sorted(EVALUATING_SEATS) if stream in (None, STREAM_OF_SEAT[SeatKind(kind)])]
    query = sa.select(Seat, Evaluator).outerjoin(Evaluator, Evaluator.seat_id == Seat.id).where(Seat.kind.in_(kinds))
    if field:
        query = query.where(sa.or_(Seat.field == field, Seat.field.is_(None)))
    if search:
        like = [column.icontains(search, autoescape=True) for column in (Seat.name, Seat.city)]
        query = query.where(sa.or_(*like))
    if seat_id:
        query = query.where(Seat.id == seat_id)
    rows = session.execute(query.order_by(Seat.kind, Seat.field, Seat.name, Seat.id)).all()
    ids = [seat.id for seat, _entry in rows]
    acting, loads = _holders(session, ids, now), assignments.open_loads(session, actor, ids)
    return [_entry(seat, entry, acting, loads) for seat, entry in rows]


def _entry(
    seat: Seat, entry: Evaluator | None, acting: Mapping[UUID, Sequence[Holder]], loads: Mapping[UUID, int]
) -> Entry:
    return Entry(
        seat=seat, stream=STREAM_OF_SEAT[SeatKind(seat.kind)], languages=tuple(entry.languages) if entry else (),
        maximum_load=entry.maximum_load if entry else None, past_work=entry.past_work if entry else "",
        load=loads.get(seat.id, 0), holders=acting.get(seat.id, ()),
    )  # fmt: skip


def _holders(session: Session, ids: Sequence[UUID], now: datetime) -> dict[UUID, list[Holder]]:
    query = (
        sa.select(SeatHolder.seat_id, Account.name, Account.email, InterestDeclaration.expires_at)
        .join(Account, Account.id == SeatHolder.account_id)
        .outerjoin(
            InterestDeclaration,
            sa.and_(InterestDeclaration.account_id == Account.id, InterestDeclaration.superseded_at.is_(None)),
        )
        .where(SeatHolder.seat_id.in_(ids), SeatHolder.until_at.is_(None))
        .order_by(Account.name, Account.id)
    )
    found: dict[UUID, list[Holder]] = {}
    for seat_id, name, email, until in session.execute(query):
        found.setdefault(seat_id, []).append(Holder(name, email, until, until is not None and now < until))
    return found
