"""Reads of a sitting at work: its agenda as one person may see it, who is in the room, motions and votes, what has changed.

Who is recused from an item learns that it is closed to them and nothing else: its line is empty, and nothing that is
worked on it moves what they are answered.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.deliberation import Sitter
from rvc_portal.domain.vocabulary import STEERING_SEATS, Permission, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.base import in_force
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.mandate import Absence, Mandate
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.models.steering import (
    AgendaItem,
    Attendance,
    Correction,
    Dissent,
    Leave,
    Motion,
    Opinion,
    SteeringSession,
    Vote,
)
from rvc_portal.queries import composition
from rvc_portal.queries.visibility import conflicted, visible


@dataclass(frozen=True)
class Line:
    """An item as one person may see it. `dossier`: None where it is closed to them or is before the group no more;
    `opinion`: the outcome that this sitting gave."""

    id: UUID
    number: int
    at_hand: bool
    closed: bool
    dossier: Dossier | None = None
    item: AgendaItem | None = None
    opinion: str | None = None


@dataclass(frozen=True)
class Expected:
    """A seat of the group at one sitting. `name`: in each language; `persons`: who came for it, or who acts for it;
    `apologised`: its city has said to be away that day; `deputy`: of a coordinator, that its deputy sits in its stead;
    `sits_for`: of a deputy, that it sits in its coordinator's."""

    id: UUID
    name: Mapping[str, str]
    kind: str
    field: str | None
    persons: tuple[str, ...]
    arrived_at: datetime | None
    apologised: bool
    deputy: bool = False
    sits_for: bool = False


def expected(session: Session, sitting: SteeringSession) -> list[Expected]:
    """Every seat that is held on the day of the sitting, by a city's mandate or by a person, and who came of them; a deputy is
    expected where the coordinator is away. By kind and name; four queries."""
    at = sitting.starts_at or sitting.opened_at
    came = {seat.id: (found.arrived_at, person) for found, seat, person in attendance(session, sitting)}
    held = sa.select(SeatHolder.seat_id).where(in_force(SeatHolder, at))
    sat = sa.select(Mandate.seat_id).where(in_force(Mandate, at))
    seats = session.scalars(
        sa.select(Seat)
        .where(Seat.kind.in_(sorted(STEERING_SEATS)), sa.or_(Seat.id.in_(held), Seat.id.in_(sat), Seat.id.in_(came)))
        .order_by(Seat.kind, Seat.name, Seat.id)
    ).all()
    away = set(session.scalars(_away(at)))
    acting = composition.persons(session, [s.id for s in seats], at) if at else {}
    missing = {s.field: s for s in seats if s.kind == SeatKind.COORDINATOR and s.field and s.id not in came}
    deputies = {s.field: s for s in seats if s.kind == SeatKind.DEPUTY and s.field in missing}
    standing_in = {
        field: seat
        for field, seat in deputies.items()
        if seat.id in came or (sitting.closed_at is None and missing[field].id in away)
    }
    return [
        Expected(
            s.id, composition.told_apart(s), s.kind, s.field, (came[s.id][1],) if s.id in came else tuple(acting.get(s.id, ())),
            came[s.id][0] if s.id in came else None, s.id in away,
            deputy=s.field in standing_in and s is missing[s.field],
            sits_for=s.field in standing_in and s is standing_in[s.field],
        )
        for s in seats
        if s.kind != SeatKind.DEPUTY or s.id in came or s in standing_in.values()
    ]  # fmt: skip


def _away(at: datetime | None) -> sa.Select[UUID]:
    """The seats whose cities have said to be away at the instant."""
    return (
        sa.select(Mandate.seat_id)
        .join(Absence, Absence.mandate_id == Mandate.id)
        .where(in_force(Absence, at), Absence.withdrawn_at.is_(None))
    )


def lines(session: Session, actor: Actor, sitting: SteeringSession) -> list[Line]:
    """The agenda in its order. One query."""
    query = (
        sa.select(AgendaItem, Dossier, Opinion.told(), conflicted(actor), visible(actor, Permission.SEE_RESULTS))
        .join(Dossier, Dossier.id == AgendaItem.dossier_id)
        .outerjoin(
            Opinion,
            sa.and_(
                Opinion.dossier_id == Dossier.id, Opinion.session_id == sitting.id, Opinion.superseded_at.is_(None)
            ),
        )
        .where(AgendaItem.session_id == sitting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    return [
        _line(number, *row) for number, row in enumerate(session.execute(query), 1)
    ]  # fmt: skip


def _line(number: int, item: AgendaItem, dossier: Dossier, opinion: str | None, barred: bool, seen: bool) -> Line:
    if barred or not seen:
        return Line(item.id, number, item.at_hand, closed=bool(barred))
    return Line(item.id, number, item.at_hand, False, dossier, item, opinion)


def pulse(session: Session, actor: Actor, sitting: SteeringSession, *also: str) -> str:
    """A short name of all that this person may see of the sitting: equal as long as nothing of it changes. One query."""
    query = (
        sa.select(AgendaItem.id, AgendaItem.version, AgendaItem.at_hand, conflicted(actor))
        .join(Dossier, Dossier.id == AgendaItem.dossier_id)
        .where(AgendaItem.session_id == sitting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    rows = session.execute(query).all()
    shut = next((row.id for row in rows if row.at_hand and row[3]), None)
    if shut:
        told: list[object] = [shut, "closed"]
    else:
        told = [sitting.version, *((row.id, None if row[3] else row.version) for row in rows)]
    stated = repr([sitting.id, sitting.opened_at, sitting.closed_at, told, also])
    return hashlib.sha256(stated.encode()).hexdigest()[:32]


def item(session: Session, actor: Actor, sitting: SteeringSession, item_id: UUID) -> AgendaItem | None:
    """An item that is open to this person, with its dossier; None for one that is not, or is not there. One query."""
    query = (
        sa.select(AgendaItem)
        .join(Dossier, Dossier.id == AgendaItem.dossier_id)
        .where(
            AgendaItem.id == item_id, AgendaItem.session_id == sitting.id, visible(actor, Permission.SEE_RESULTS),
            sa.not_(conflicted(actor)),
        )
        .options(joinedload(AgendaItem.dossier).joinedload(Dossier.call))
    )  # fmt: skip
    return session.scalar(query)


def at_hand(session: Session, sitting: SteeringSession) -> AgendaItem | None:
    """The item that the group is at, or None."""
    query = sa.select(AgendaItem).where(AgendaItem.session_id == sitting.id, AgendaItem.at_hand)
    return session.scalar(query.options(joinedload(AgendaItem.dossier)))


def items(session: Session, sitting: SteeringSession) -> Sequence[AgendaItem]:
    """Every item in the order of the agenda; for services and documents, which show each to whom they may."""
    query = sa.select(AgendaItem).where(AgendaItem.session_id == sitting.id).options(joinedload(AgendaItem.dossier))
    return session.scalars(query.order_by(AgendaItem.position, AgendaItem.id)).all()


def sitting_on(session: Session, dossier: Dossier) -> SteeringSession | None:
    """The latest sitting that is not closed and has the dossier on its agenda, one that is at work first; or None."""
    query = sa.select(SteeringSession).join(AgendaItem, AgendaItem.session_id == SteeringSession.id)
    query = query.where(AgendaItem.dossier_id == dossier.id, SteeringSession.closed_at.is_(None))
    order = (SteeringSession.opened_at.is_(None), SteeringSession.starts_at.desc(), SteeringSession.id)
    return session.scalars(query.order_by(*order).limit(1)).first()


def item_of(session: Session, sitting: SteeringSession, dossier_id: UUID) -> AgendaItem | None:
    """The item of a dossier on the sitting's agenda, or None."""
    query = sa.select(AgendaItem).where(AgendaItem.session_id == sitting.id, AgendaItem.dossier_id == dossier_id)
    return session.scalar(query)


def waiting(session: Session, actor: Actor, sitting: SteeringSession) -> int:
    """How many files this person sees before the group that are not on the agenda yet. One query."""
    listed = sa.select(AgendaItem.dossier_id).where(AgendaItem.session_id == sitting.id)
    query = sa.select(sa.func.count()).where(
        Dossier.call_id == sitting.call_id, Dossier.state == "in_review", Dossier.id.not_in(listed),
        visible(actor, Permission.SEE_RESULTS),
    )  # fmt: skip
    return session.scalar(query) or 0


def closed_items(session: Session, actor: Actor, sitting: SteeringSession) -> frozenset[UUID]:
    """The items that are closed to this person. One query."""
    query = (
        sa.select(AgendaItem.id)
        .join(Dossier, Dossier.id == AgendaItem.dossier_id)
        .where(AgendaItem.session_id == sitting.id, conflicted(actor))
    )
    return frozenset(session.scalars(query))


def sitters(session: Session, sitting: SteeringSession, dossier_id: UUID | None = None) -> list[Sitter]:
    """The seats that have come to the sitting, as the rules see them at this dossier; by kind and name. Three queries."""
    barred: Mapping[UUID, str] = recused(session, [dossier_id])[dossier_id] if dossier_id else {}
    out = set(
        session.scalars(
            sa.select(Leave.seat_id).where(
                Leave.session_id == sitting.id, Leave.item_id.is_(None), Leave.in_at.is_(None)
            )
        )
    )
    return [
        Sitter(seat.id, seat.name, seat.kind, seat.field, seat.id not in out, a.declared_at is not None,
               seat.id in barred, person)
        for a, seat, person in attendance(session, sitting)
    ]  # fmt: skip


def absent(session: Session, sitting: SteeringSession, at: datetime, dossier_id: UUID | None = None) -> list[Sitter]:
    """The seats of the group for which somebody acts at the instant and that have not come, by kind and name. One query,
    two with a dossier."""
    barred: Mapping[UUID, str] = recused(session, [dossier_id])[dossier_id] if dossier_id else {}
    held = sa.exists().where(SeatHolder.seat_id == Seat.id, in_force(SeatHolder, at))
    came = sa.select(Attendance.seat_id).where(Attendance.session_id == sitting.id)
    query = sa.select(Seat).where(Seat.kind.in_(sorted(STEERING_SEATS)), held, Seat.id.not_in(came))
    return [
        Sitter(seat.id, seat.name, seat.kind, seat.field, here=False, declared=False, recused=seat.id in barred)
        for seat in session.scalars(query.order_by(Seat.kind, Seat.name, Seat.id))
    ]


def attendance(session: Session, sitting: SteeringSession) -> list[tuple[Attendance, Seat, str]]:
    """Who has come, by kind and name of the seat, with the person's name."""
    query = (
        sa.select(Attendance, Seat, Account.name)
        .join(Seat, Seat.id == Attendance.seat_id)
        .join(Account, Account.id == Attendance.account_id)
        .where(Attendance.session_id == sitting.id)
        .order_by(Seat.kind, Seat.name, Seat.id)
    )
    return [(found, seat, person) for found, seat, person in session.execute(query)]


def recused(session: Session, dossier_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[UUID, str]]:
    """For each dossier the seats of the group that may not judge it, each with the first rule that says so. One query."""
    query = (
        sa.select(Conflict.dossier_id, Conflict.seat_id, sa.func.min(Conflict.rule))
        .join(Seat, Seat.id == Conflict.seat_id)
        .where(Conflict.dossier_id.in_(dossier_ids), bars(), Seat.kind.in_(sorted(STEERING_SEATS)))
        .group_by(Conflict.dossier_id, Conflict.seat_id)
    )
    found: dict[UUID, dict[UUID, str]] = {dossier_id: {} for dossier_id in dossier_ids}
    for dossier_id, seat_id, rule in session.execute(query):
        if seat_id is not None:
            found[dossier_id][seat_id] = rule
    return found


def leaves(session: Session, sitting: SteeringSession) -> Sequence[Leave]:
    """Who went out and came in, in the order of time."""
    query = sa.select(Leave).where(Leave.session_id == sitting.id).options(joinedload(Leave.seat))
    return session.scalars(query.join(Seat).order_by(Leave.out_at, Seat.name, Leave.id)).all()


def motions(session: Session, item_ids: Sequence[UUID]) -> Sequence[Motion]:
    """The motions on these items, oldest first."""
    order = (Motion.closed_at.is_(None), Motion.put_at, Motion.id)
    return session.scalars(sa.select(Motion).where(Motion.item_id.in_(item_ids)).order_by(*order)).all()


def open_motion(session: Session, item: AgendaItem) -> Motion | None:
    """The motion that is being voted on, or None."""
    return session.scalar(sa.select(Motion).where(Motion.item_id == item.id, Motion.closed_at.is_(None)))


def vote_of(session: Session, item: AgendaItem, seat_id: UUID) -> str | None:
    """How the seat has voted by name on the motion that was put last on the item; None where it has not."""
    latest = (Motion.closed_at.is_(None).desc(), Motion.put_at.desc(), Motion.id.desc())  # one that runs is the last
    last = sa.select(Motion.id).where(Motion.item_id == item.id).order_by(*latest)
    return session.scalar(
        sa.select(Vote.choice).where(Vote.motion_id == last.limit(1).scalar_subquery(), Vote.seat_id == seat_id)
    )


def votes(session: Session, motion_ids: Sequence[UUID]) -> dict[UUID, list[Vote]]:
    """The votes by name on each motion, by the seats' names."""
    query = (
        sa.select(Vote).join(Seat, Seat.id == Vote.seat_id).where(Vote.motion_id.in_(motion_ids))
        .options(joinedload(Vote.seat)).order_by(Seat.name, Seat.id)
    )  # fmt: skip
    found: dict[UUID, list[Vote]] = {motion_id: [] for motion_id in motion_ids}
    for vote in session.scalars(query):
        found[vote.motion_id].append(vote)
    return found


def dissents(session: Session, item_ids: Sequence[UUID]) -> Sequence[Dissent]:
    """What was put on record against opinions, by the seats' names."""
    query = sa.select(Dissent).join(Seat, Seat.id == Dissent.seat_id).where(Dissent.item_id.in_(item_ids))
    return session.scalars(query.options(joinedload(Dissent.seat)).order_by(Seat.name, Seat.id)).all()


def corrections(session: Session, sitting: SteeringSession) -> Sequence[Correction]:
    """The corrections asked for, in the order in which they came."""
    query = sa.select(Correction).where(Correction.session_id == sitting.id).options(joinedload(Correction.seat))
    return session.scalars(query.order_by(Correction.at, Correction.id)).all()


def opinions(session: Session, sitting: SteeringSession) -> dict[UUID, Opinion]:
    """The opinions that the sitting gave, the last on each dossier, by dossier."""
    query = sa.select(Opinion).where(Opinion.session_id == sitting.id).order_by(Opinion.recorded_at)
    return {opinion.dossier_id: opinion for opinion in session.scalars(query)}
