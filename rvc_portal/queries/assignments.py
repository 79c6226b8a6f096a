"""Reads for the Secretariat who asks evaluators: the seats of a field before one dossier, and the whole call at a glance."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from rvc_portal.domain import conflicts as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import HARD
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, STREAM_OF_SEAT, Permission, SeatKind
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls, interests
from rvc_portal.queries.visibility import visible

ROWS = 50
"""Dossiers on one page of the overview."""

Pair = tuple[UUID, UUID]  # dossier, seat


@dataclass(frozen=True)
class Standing:
    """A seat before a dossier. `status`: free, conflict, warned, asked, declared, begun or closed. `rule`: of the
    conflict or warning; `note`: what was declared of it."""

    seat: Seat
    stream: str
    load: int
    status: str
    rule: str | None = None
    assigned_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Against:
    """A conflict that stands between a seat and a dossier, the hardest where there are several."""

    rule: str
    severity: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A dossier in the overview: the status of each seat, by its id, and how many sheets are closed of those asked for."""

    dossier: Dossier
    cells: Mapping[UUID, str]
    asked: int
    closed: int


@dataclass(frozen=True)
class Overview:
    """A field of a call: its seats in columns, its dossiers in rows; `total` counts the dossiers of all pages."""

    seats: Sequence[Seat]
    rows: Sequence[Row]
    total: int


@dataclass(frozen=True)
class Wanting:
    """What assigning all would do in one field: dossiers in evaluation, requests it adds, pairs that a conflict bars."""

    field: str | None
    dossiers: int
    seats: int
    new: int
    barred: int


def seats(session: Session, field: str | None) -> Sequence[Seat]:
    """The evaluating seats of a field, in a fixed order. One query."""
    query = sa.select(Seat).where(Seat.judging(field))
    return session.scalars(query.order_by(Seat.kind, Seat.name, Seat.id)).all()


def standings(session: Session, actor: Actor, dossier: Dossier, now: datetime) -> list[Standing]:
    """Every evaluating seat of the dossier's field. Five queries, however many seats."""
    found = seats(session, dossier.field)
    barred = barred_pairs(session, now, [dossier], found)
    asked = asked_pairs(session, [dossier.id])
    held = open_loads(session, actor, [s.id for s in found])
    return [_standing(seat, dossier, barred, asked, held) for seat in found]


def evaluating_seat(session: Session, seat_id: UUID) -> Seat | None:
    """The seat, if it evaluates."""
    return session.scalar(sa.select(Seat).where(Seat.id == seat_id, Seat.kind.in_(sorted(EVALUATING_SEATS))))


def before_seat(
    session: Session, actor: Actor, call: Call, seat: Seat, now: datetime
) -> list[tuple[Dossier, Standing, int]]:
    """Every file in evaluation that the seat could judge, how it stands before it, and how many evaluators are asked for
    it. Six queries, however many files."""
    query = sa.select(Dossier).where(in_evaluation(actor, call), *_within(seat)).options(selectinload(Dossier.parties))
    found = session.scalars(query.order_by(Dossier.lead_city, Dossier.id)).all()
    barred, asked = barred_pairs(session, now, found, [seat]), asked_pairs(session, [d.id for d in found])
    held = open_loads(session, actor, [seat.id])
    counts = Counter(dossier_id for dossier_id, _seat_id in asked)
    return [(d, _standing(seat, d, barred, asked, held), counts[d.id]) for d in found]


def _within(seat: Seat) -> list[sa.ColumnElement[bool]]:
    return [Dossier.field.in_(seat.fields)] if seat.fields else []


def fields(session: Session, actor: Actor, call: Call) -> list[tuple[str | None, int]]:
    """The fields with dossiers in evaluation or beyond, each with how many; in the call's order."""
    query = (
        sa.select(Dossier.field, sa.func.count())
        .where(_evaluated(actor, call))
        .group_by(Dossier.field)
    )  # fmt: skip
    counts = dict(session.execute(query).all())
    order = [f.key for f in calls.definition(call).fields]
    return sorted(counts.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order))


def overview(session: Session, actor: Actor, call: Call, field: str | None, page: int, now: datetime) -> Overview:
    """One page of a field's dossiers against its seats. Seven queries, however many rows."""
    here = sa.and_(_evaluated(actor, call), Dossier.field == field)
    total = session.scalar(sa.select(sa.func.count()).select_from(Dossier).where(here)) or 0
    query = sa.select(Dossier).where(here).options(selectinload(Dossier.parties))
    found = session.scalars(query.order_by(Dossier.lead_city, Dossier.id).limit(ROWS).offset((page - 1) * ROWS)).all()
    columns = seats(session, field)
    barred, asked = barred_pairs(session, now, found, columns), asked_pairs(session, [d.id for d in found])
    return Overview(columns, [_row(d, columns, barred, asked) for d in found], total)


def wanting(session: Session, actor: Actor, call: Call, now: datetime) -> list[Wanting]:
    """What assigning every free seat to every file in evaluation would add, by field. Five queries."""
    query = sa.select(Dossier).where(in_evaluation(actor, call)).options(selectinload(Dossier.parties))
    found = session.scalars(query.order_by(Dossier.field, Dossier.id)).all()
    everybody = session.scalars(sa.select(Seat).where(Seat.kind.in_(sorted(EVALUATING_SEATS)))).all()
    barred, asked = barred_pairs(session, now, found, everybody), asked_pairs(session, [d.id for d in found])
    order = [f.key for f in calls.definition(call).fields]
    return [
        _wanting(field, [d for d in found if d.field == field], everybody, barred, asked)
        for field in sorted({d.field for d in found}, key=lambda f: order.index(f) if f in order else len(order))
    ]


def in_evaluation(actor: Actor, call: Call) -> sa.ColumnElement[bool]:
    """The dossiers of the call to which this person may assign evaluators now."""
    return sa.and_(Dossier.call_id == call.id, visible(actor, Permission.ASSIGN))


def _evaluated(actor: Actor, call: Call) -> sa.ColumnElement[bool]:
    return sa.and_(Dossier.call_id == call.id, visible(actor, Permission.SEE_RESULTS))


def _standing(
    seat: Seat, dossier: Dossier, barred: Mapping[Pair, Against], asked: Mapping[Pair, tuple[str, datetime]],
    loads: Mapping[UUID, int],
) -> Standing:  # fmt: skip
    pair = (dossier.id, seat.id)
    status, at = asked.get(pair, ("free", None))
    against = barred.get(pair)
    if status == "free" and against is not None:
        status = "conflict" if against.severity == HARD else "warned"
    stream = STREAM_OF_SEAT[SeatKind(seat.kind)]
    rule, note = (against.rule, against.note) if against else (None, "")
    return Standing(seat, stream, loads.get(seat.id, 0), status, rule, at, note)


def _row(
    dossier: Dossier,
    columns: Sequence[Seat],
    barred: Mapping[Pair, Against],
    asked: Mapping[Pair, tuple[str, datetime]],
) -> Row:
    cells = {s.id: _standing(s, dossier, barred, asked, {}).status for s in columns}
    told = [status for status in cells.values() if status not in ("free", "conflict", "warned")]
    return Row(dossier, cells, len(told), told.count("closed"))


def _wanting(
    field: str | None, found: Sequence[Dossier], everybody: Sequence[Seat], barred: Mapping[Pair, Against],
    asked: Mapping[Pair, object],
) -> Wanting:  # fmt: skip
    columns = [s for s in everybody if s.judges(field)]
    pairs = [(d.id, s.id) for d in found for s in columns]
    new = sum(pair not in barred and pair not in asked for pair in pairs)
    return Wanting(field, len(found), len(columns), new, sum(pair in barred for pair in pairs))


def barred_pairs(
    session: Session, now: datetime, found: Sequence[Dossier], columns: Sequence[Seat]
) -> dict[Pair, Against]:
    """Conflicts that stand: those on record, and those that the call's rules will find when somebody is asked."""
    known: dict[tuple[UUID, UUID, str], Against | None] = {}
    query = sa.select(Conflict).where(
        Conflict.dossier_id.in_([d.id for d in found]), Conflict.seat_id.in_([s.id for s in columns])
    )
    for row in session.scalars(query):
        against = Against(row.rule, row.severity, row.reason) if row.dismissed_at is None else None
        known[row.dossier_id, row.seat_id, row.rule] = against  # type: ignore[index]
    bound, parties = interests.of_seats(session, columns, now), interests.of_files(session, found)
    for dossier in found:
        for seat_id, against in _by_rule(dossier, bound, parties[dossier.id]):
            known.setdefault((dossier.id, seat_id, against.rule), against)
    stand = sorted(((key, a) for key, a in known.items() if a), key=lambda item: item[0][2], reverse=True)
    by_pair: dict[Pair, Against] = {}
    for (dossier_id, seat_id, _rule), against in stand:
        if by_pair.get((dossier_id, seat_id), against).severity != HARD or against.severity == HARD:
            by_pair[dossier_id, seat_id] = against
    return by_pair


def _by_rule(
    dossier: Dossier, bound: Mapping[UUID, rules.SeatTies], parties: Sequence[rules.PartyTies]
) -> Iterable[tuple[UUID, Against]]:
    told = calls.definition(dossier.call)
    switched_on = {r.rule: r.severity for r in told.conflict_rules if r.rule in rules.RULES}
    for seat_id, ties in bound.items():
        for found in rules.found(switched_on, ties, parties):
            yield seat_id, Against(found.rule, switched_on[found.rule], found.note)


def asked_pairs(session: Session, ids: Sequence[UUID]) -> dict[Pair, tuple[str, datetime]]:
    """The assignments that stand, with how far each has come."""
    begun = sa.exists().where(Score.evaluation_id == Evaluation.id).label("begun")
    query = (
        sa.select(
            Assignment.dossier_id, Assignment.seat_id, Assignment.declared_at, Evaluation.closed_at, begun,
            Assignment.assigned_at,
        )
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(Assignment.dossier_id.in_(ids), Assignment.ended_at.is_(None))
    )  # fmt: skip
    return {
        (row.dossier_id, row.seat_id): (
            "closed" if row.closed_at else "begun" if row.begun else "declared" if row.declared_at else "asked",
            row.assigned_at,
        )
        for row in session.execute(query)
    }


def open_loads(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many dossiers each seat is asked for and has not closed yet, of those that this person may know of."""
    query = (
        sa.select(Assignment.seat_id, sa.func.count())
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(
            Assignment.seat_id.in_(ids),
            Assignment.ended_at.is_(None),
            Evaluation.closed_at.is_(None),
            visible(actor, Permission.ASSIGN),
        )
        .group_by(Assignment.seat_id)
    )
    return dict(session.execute(query).all())
