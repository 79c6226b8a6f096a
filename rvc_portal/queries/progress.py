"""Who is late: the assignments of a call one by one, and the files that still lack sheets, for the Secretariat."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.behaviour import Closed
from rvc_portal.domain.progress import ASKED, BEGUN, CLOSED, DECLARED, GONE, STANDINGS, WITHDRAWN
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.account import Account
from rvc_portal.models.base import in_force
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.reminder import Reminder
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import calls
from rvc_portal.queries.visibility import visible

PER_PAGE = 50
SORTS = ("urgency", "evaluator", "city", "standing", "reminded")
AT_ONCE = 500
"""Ids in one condition: SQLite and PostgreSQL both take many more, but neither plans with them."""


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to and in which order it stands. `standing`: one of domain.progress.STANDINGS; `late`: only
    what is past its term; `search`: part of an evaluator's or a city's name."""

    standing: str | None = None
    late: bool = False
    stream: str | None = None
    field: str | None = None
    search: str = ""
    sort: str = "urgency"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One assignment that stands. `due_at`: until when its sheet is awaited; `extended`: that is this one's own term."""

    id: UUID
    dossier_id: UUID
    reference: str
    city: str
    country: str | None
    field: str | None
    seat_id: UUID
    seat: str
    stream: str
    standing: str
    assigned_at: datetime
    due_at: datetime | None
    extended: bool
    reminded_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """How many the filters leave by standing (the filters by standing and term aside), and how many of all these are late."""

    by_standing: Mapping[str, int]
    late: int

    @property
    def total(self) -> int:
        return sum(self.by_standing.values())

    def still_open(self, filters: Filters) -> int:
        """How many of these are not closed: those that an act on the whole list is about."""
        if filters.late or filters.standing:
            return 0 if filters.standing == CLOSED else self.of(filters)
        return self.total - self.by_standing.get(CLOSED, 0)

    def of(self, filters: Filters) -> int:
        """How many lines the whole list has."""
        if filters.late:
            return self.late
        return self.by_standing.get(filters.standing, 0) if filters.standing else self.total


@dataclass(frozen=True)
class Lacking:
    """A file in evaluation. By stream: sheets closed, and evaluators asked (these included)."""

    dossier_id: UUID
    reference: str
    city: str
    country: str | None
    field: str | None
    closed: Mapping[str, int]
    asked: Mapping[str, int]

    def missing(self, minimums: Mapping[str, int]) -> int:
        """Closed sheets that it lacks, over all streams."""
        return sum(max(0, least - self.closed.get(stream, 0)) for stream, least in minimums.items())

    def unasked(self, minimums: Mapping[str, int]) -> int:
        """Evaluators that would have to be asked besides, even if everybody who is asked closes."""
        return sum(max(0, least - self.asked.get(stream, 0)) for stream, least in minimums.items())


@dataclass(frozen=True)
class Left:
    """One of those chosen that an act passes over, and why (domain.progress.LEFT_OUT)."""

    id: UUID
    seat: str
    city: str
    why: str


def term(call: Call) -> datetime | None:
    """Until when the call's calendar awaits the sheets."""
    window = calls.definition(call).windows.get("evaluation")
    return window.closes_at if window else None


def due_at(assignment: Assignment) -> datetime | None:
    """Until when this sheet is awaited: its own term where it has one."""
    return assignment.due_at or term(assignment.dossier.call)


def is_over(call: Call, now: datetime) -> bool:
    """Whether the calendar of the call awaits sheets no more."""
    usual = term(call)
    return usual is not None and usual <= now


def past_due(now: datetime, due: sa.ColumnElement[Any] | Any, usual: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a sheet is past its term: its own, or where it has none (`usual`) the one of its call."""
    return sa.or_(due <= now, sa.and_(due.is_(None), usual))


def counts(session: Session, actor: Actor, call: Call, filters: Filters, now: datetime) -> Counts:
    """One query."""
    inner = _select(actor, call, filters).subquery()
    of_term = _late(call, now, inner.c.due, inner.c.standing)
    late = sa.func.sum(sa.case((of_term, 1), else_=0))
    rows = session.execute(sa.select(inner.c.standing, sa.func.count(), late).group_by(inner.c.standing)).all()
    return Counts({standing: count for standing, count, _late in rows}, sum(late or 0 for *_more, late in rows))


def lines(session: Session, actor: Actor, call: Call, filters: Filters, now: datetime) -> list[Line]:
    """The page that the filters ask for. One query."""
    query = _ordered(actor, call, filters, now).limit(PER_PAGE).offset((filters.page - 1) * PER_PAGE)
    return _lines(session, call, query)


def everything(session: Session, actor: Actor, call: Call, filters: Filters, now: datetime) -> list[Line]:
    """All that the filters leave, in the same order. One query."""
    return _lines(session, call, _ordered(actor, call, filters, now))


def chosen(
    session: Session, actor: Actor, call: Call, ids: Collection[UUID], now: datetime
) -> tuple[list[Line], list[Left]]:
    """Of these assignments, those whose sheets are still awaited, and those that are not, each with why. What this person
    may not know of is in neither. Two queries for each AT_ONCE of them."""
    found: list[Line] = []
    left: list[Left] = []
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        query = _select(actor, call, Filters()).where(Assignment.id.in_(some))
        standing = _lines(session, call, query.order_by(*_order(Filters(), call, now, query)))
        found += [line for line in standing if line.standing != CLOSED]
        left += [Left(line.id, line.seat, line.city, CLOSED) for line in standing if line.standing == CLOSED]
        known = {line.id for line in standing}
        left += [row for row in _ended(session, actor, call, some) if row.id not in known]
    return found, left


def lacking(session: Session, actor: Actor, call: Call, field: str | None = None) -> list[Lacking]:
    """The files in evaluation that lack sheets after the call's minimums, those that lack most first. Two queries."""
    files = sa.select(
        Dossier.id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, Dossier.field
    ).where(_in_evaluation(actor, call), *([Dossier.field == field] if field else []))  # fmt: skip
    counted = (
        sa.select(
            Assignment.dossier_id, Assignment.stream, sa.func.count(),
            sa.func.sum(sa.case((Evaluation.counting(), 1), else_=0)),
        )
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(Assignment.ended_at.is_(None), _in_evaluation(actor, call))
        .group_by(Assignment.dossier_id, Assignment.stream)
    )  # fmt: skip
    asked: dict[UUID, dict[str, int]] = {}
    closed: dict[UUID, dict[str, int]] = {}
    for dossier_id, stream, count, done in session.execute(counted):
        asked.setdefault(dossier_id, {})[stream] = count
        closed.setdefault(dossier_id, {})[stream] = done or 0
    minimums = calls.facts(call).minimum_sheets
    every = [Lacking(*row, closed.get(row[0], {}), asked.get(row[0], {})) for row in session.execute(files)]
    wanting = [file for file in every if file.missing(minimums)]
    return sorted(wanting, key=lambda f: (-f.unasked(minimums), -f.missing(minimums), f.city, f.reference))


def holders(session: Session, call: Call, lines: Sequence[Line], now: datetime) -> dict[UUID, list[Account]]:
    """Who is written to for each assignment, by its id: the people who act for its seat now and whom no conflict of their
    own keeps from the file. Two queries, one more for each further AT_ONCE seats."""
    acting = _acting(session, sorted({line.seat_id for line in lines}), now)
    barred = _barred(session, call, now)
    return {
        line.id: [a for a in acting.get(line.seat_id, []) if (a.id, line.dossier_id) not in barred] for line in lines
    }


def reminders(session: Session, call: Call) -> list[tuple[Reminder, str]]:
    """The reminders that were sent in the call, the latest first, each with who sent it. One query."""
    query = (
        sa.select(Reminder, Account.name).join(Account, Account.id == Reminder.by).where(Reminder.call_id == call.id)
    )
    return [(row, name) for row, name in session.execute(query.order_by(Reminder.at.desc(), Reminder.id).limit(20))]


def reminder(session: Session, call: Call, reminder_id: UUID) -> tuple[Reminder, str] | None:
    """One sending, with who sent it, if it is of this call."""
    query = sa.select(Reminder, Account.name).join(Account, Account.id == Reminder.by)
    row = session.execute(query.where(Reminder.call_id == call.id, Reminder.id == reminder_id)).one_or_none()
    return (row[0], row[1]) if row else None


def named(session: Session, actor: Actor, call: Call, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Evaluator and city of assignments, whatever has become of them since; what this person may not know of is left out."""
    found: dict[UUID, tuple[str, str]] = {}
    for start in range(0, len(ids), AT_ONCE):
        query = (
            sa.select(Assignment.id, Seat.name, Dossier.lead_city)
            .join(Seat, Seat.id == Assignment.seat_id)
            .join(Dossier, Dossier.id == Assignment.dossier_id)
            .where(Assignment.id.in_(ids[start : start + AT_ONCE]), Dossier.call_id == call.id, visible(actor))
        )
        found |= {row[0]: (row[1], row[2]) for row in session.execute(query)}
    return found


def closed_sheets(session: Session, actor: Actor, call: Call) -> tuple[list[Closed], dict[UUID, Seat]]:
    """Every sheet of the call that counts and that this person may see, and the seats that wrote them. Two queries."""
    written = (
        sa.select(sa.func.avg(sa.func.length(Score.reason)))
        .where(Score.evaluation_id == Evaluation.id)
        .correlate(Evaluation)
        .scalar_subquery()
    )
    query = (
        sa.select(
            Assignment.seat_id, Evaluation.dossier_id, Evaluation.mean, Assignment.declared_at, Evaluation.closed_at,
            written,
        )
        .join(Assignment, Assignment.id == Evaluation.assignment_id)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .where(
            Dossier.call_id == call.id, visible(actor, Permission.SEE_RESULTS), Evaluation.counting(),
            Evaluation.mean.is_not(None), Assignment.declared_at.is_not(None),
        )
        .order_by(Evaluation.id)
    )  # fmt: skip
    sheets = [
        Closed(seat_id, dossier_id, mean, closed - declared, float(length or 0))
        for seat_id, dossier_id, mean, declared, closed, length in session.execute(query)
    ]
    seats = session.scalars(sa.select(Seat).where(Seat.id.in_({sheet.evaluator for sheet in sheets})))
    return sheets, {seat.id: seat for seat in seats}


def _in_evaluation(actor: Actor, call: Call) -> sa.ColumnElement[bool]:
    return sa.and_(Dossier.call_id == call.id, visible(actor, Permission.ASSIGN))


def standing_of() -> sa.ColumnElement[str]:
    """How far an assignment is, with its sheet joined or not: one of domain.progress.STANDINGS."""
    begun = sa.exists().where(Score.evaluation_id == Evaluation.id)
    return sa.case(
        (Evaluation.closed_at.is_not(None), CLOSED),
        (begun, BEGUN),
        (Assignment.declared_at.is_not(None), DECLARED),
        else_=ASKED,
    )


def _select(actor: Actor, call: Call, filters: Filters) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Assignment.id, Assignment.dossier_id, Dossier.reference, Dossier.lead_city.label("city"),
            Dossier.lead_country, Dossier.field, Assignment.seat_id, Seat.name.label("seat"), Assignment.stream,
            standing_of().label("standing"), Assignment.assigned_at, Assignment.due_at.label("due"),
            Assignment.reminded_at.label("reminded"),
        )
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(Assignment.ended_at.is_(None), _in_evaluation(actor, call), *_narrowed(filters))
    )  # fmt: skip


def _narrowed(filters: Filters) -> Iterator[sa.ColumnElement[bool]]:
    if filters.stream:
        yield Assignment.stream == filters.stream
    if filters.field:
        yield Dossier.field == filters.field
    if filters.search:
        columns = (Seat.name, Dossier.lead_city)
        # SQLite knows upper and lower case of plain letters only: "é" finds "É" by being tried as such.
        capital = filters.search[:1].upper() + filters.search[1:]
        like = [column.icontains(filters.search, autoescape=True) for column in columns]
        yield sa.or_(*like, *(column.contains(capital, autoescape=True) for column in columns))


def _ordered(actor: Actor, call: Call, filters: Filters, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    query = _select(actor, call, filters)
    if filters.standing:
        query = query.where(standing_of() == filters.standing)
    if filters.late:
        query = query.where(_late(call, now, Assignment.due_at, standing_of()))
    return query.order_by(*_order(filters, call, now, query))


def _late(
    call: Call, now: datetime, due: sa.ColumnElement[Any] | Any, standing: sa.ColumnElement[str] | Any
) -> sa.ColumnElement[bool]:
    return sa.and_(past_due(now, due, sa.literal(is_over(call, now))), standing != CLOSED)


def _order(filters: Filters, call: Call, now: datetime, query: sa.Select[Any]) -> list[sa.ColumnElement[Any]]:
    """By urgency: what is due first comes first, and of equal terms what is least far."""
    order = sa.desc if filters.descending else sa.asc
    columns = query.selected_columns
    place = sa.case({key: i for i, key in enumerate(STANDINGS)}, value=standing_of(), else_=len(STANDINGS))
    usual = term(call)
    due = sa.func.coalesce(Assignment.due_at, sa.literal(usual, Assignment.due_at.type)) if usual else Assignment.due_at
    last = [sa.asc(columns["city"]), sa.asc(columns["seat"]), sa.asc(Assignment.id)]
    if filters.sort == "urgency":
        open_first = sa.case((Evaluation.closed_at.is_not(None), 1), else_=0)
        return [order(open_first), order(due), order(place), *last]
    if filters.sort == "reminded":
        return [order(columns["reminded"]).nulls_first(), *last]
    column: Any = {"evaluator": columns["seat"], "city": columns["city"], "standing": place}[filters.sort]
    return [order(column), *last]


def _lines(session: Session, call: Call, query: sa.Select[*tuple[Any, ...]]) -> list[Line]:
    usual = term(call)
    found = []
    for row in session.execute(query):
        values: list[Any] = [*row[:11], row.due or usual, row.due is not None, row.reminded]
        found.append(Line(*values))
    return found


def _ended(session: Session, actor: Actor, call: Call, ids: Sequence[UUID]) -> Iterator[Left]:
    """Those that stand no more, or whose file has moved on."""
    query = (
        sa.select(Assignment.id, Seat.name, Dossier.lead_city, Dossier.state, Assignment.ended_at)
        .join(Seat, Seat.id == Assignment.seat_id)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .where(Assignment.id.in_(ids), Dossier.call_id == call.id, visible(actor))
        .order_by(Dossier.lead_city, Seat.name, Assignment.id)
    )
    for row in session.execute(query):
        why = WITHDRAWN if row.state == WITHDRAWN else GONE if row.ended_at else "over"
        yield Left(row.id, row.name, row.lead_city, why)


def _acting(session: Session, seat_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[Account]]:
    found: dict[UUID, list[Account]] = {}
    for start in range(0, len(seat_ids), AT_ONCE):
        query = (
            sa.select(SeatHolder.seat_id, Account)
            .join(Account, Account.id == SeatHolder.account_id)
            .where(
                SeatHolder.seat_id.in_(seat_ids[start : start + AT_ONCE]), Account.active, in_force(SeatHolder, now),
            )
            .order_by(Account.name, Account.id)
        )  # fmt: skip
        for seat_id, account in session.execute(query):
            found.setdefault(seat_id, []).append(account)
    return found


def _barred(session: Session, call: Call, now: datetime) -> set[tuple[UUID, UUID]]:
    """Pairs of a person and a file of the call that a conflict of the person, or of one of the person's seats, keeps
    apart."""
    theirs = sa.select(SeatHolder.seat_id, SeatHolder.account_id).where(in_force(SeatHolder, now)).subquery()
    query = (
        sa.select(sa.func.coalesce(Conflict.account_id, theirs.c.account_id), Conflict.dossier_id)
        .outerjoin(theirs, theirs.c.seat_id == Conflict.seat_id)
        .join(Dossier, Dossier.id == Conflict.dossier_id)
        .where(bars(), Dossier.call_id == call.id)
    )
    return {(who, file) for who, file in session.execute(query)}
