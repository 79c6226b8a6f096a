"""The board: all dossiers that a person may know of, filtered, sorted and paged, in a fixed number of queries.

It must be as quick with 10,000 dossiers as with 100, so a page is read in the order of an index and nothing is computed
row by row. Two things follow. For SQLite, which keeps no statistics, the predicates of sight are set apart from the
search for an index: else it would fetch all rows by state and sort them. And a mean that the person may not see
must not show in the order either: the rows with a visible mean come first, in the order of the means, and then the
rest, by reference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries.visibility import visible

PER_PAGE = 50
SORTS = ("mean", "city", "state", "submitted")

_HIDDEN: tuple[None, ...] = (None, None, None, None, None)  # sheets, means, spread
_Query = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to and in which order it stands; `search`: part of a city's name or of a reference."""

    call_id: UUID | None = None
    without: tuple[UUID, ...] = ()  # calls left out where none is named: tests are counted with nothing else
    state: str | None = None
    field: str | None = None
    country: str | None = None
    search: str = ""
    sort: str = "mean"
    descending: bool = True
    page: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier on the board. Means, spread and sheets are None where the person may not see results."""

    id: UUID
    call_id: UUID
    procedure: str
    reference: str
    city: str
    country: str | None
    field: str | None
    state: str
    submitted_at: datetime | None
    sheets: int | None
    mean: float | None
    experts: float | None
    members: float | None
    spread: float | None


@dataclass(frozen=True)
class Counts:
    """How many dossiers the filters leave, by state (the filter by state aside)."""

    by_state: dict[str, int]

    def total(self, state: str | None) -> int:
        return self.by_state.get(state, 0) if state else sum(self.by_state.values())


def counts(session: Session, actor: Actor, filters: Filters) -> Counts:
    """One query, from an index alone where no filter is set."""
    query = sa.select(Dossier.state, sa.func.count()).where(visible(actor), *narrowed(filters))
    return Counts({row[0]: row[1] for row in session.execute(query.group_by(Dossier.state))})


def lines(session: Session, actor: Actor, filters: Filters) -> list[Line]:
    """The page that the filters ask for. One query; three where files without a visible mean come into it."""
    offset = (filters.page - 1) * PER_PAGE
    if filters.sort != "mean":
        query = _select(actor, filters).order_by(*_order(filters))
        return _lines(session, query.limit(PER_PAGE).offset(offset))
    first, rest = _by_mean(actor, filters)
    page = _lines(session, first.limit(PER_PAGE).offset(offset))
    if len(page) == PER_PAGE:
        return page
    scored = session.scalar(sa.select(sa.func.count()).select_from(first.order_by(None).subquery())) or 0
    below = rest.limit(PER_PAGE - len(page)).offset(max(0, offset - scored))
    return page + _lines(session, below)


def everything(session: Session, actor: Actor, filters: Filters) -> Iterator[Line]:
    """All that the filters leave, in the same order, for an export. One or two queries."""
    if filters.sort != "mean":
        yield from _lines(session, _select(actor, filters).order_by(*_order(filters)))
        return
    for query in _by_mean(actor, filters):
        yield from _lines(session, query)


class _Apart(FunctionElement[bool]):
    """A condition that each row is asked after an index has found it, not one to look up in an index."""

    name = "apart"
    inherit_cache = True


@compiles(_Apart)
def _as_it_is(element: _Apart, compiler: SQLCompiler, **more: Any) -> str:
    return f"({compiler.process(element.clauses, **more)})"


@compiles(_Apart, "sqlite")
def _as_one_value(element: _Apart, compiler: SQLCompiler, **more: Any) -> str:
    return f"+({compiler.process(element.clauses, **more)})"


def _by_mean(actor: Actor, filters: Filters) -> tuple[_Query, _Query]:
    scored = sa.case((_scored(actor), 1), else_=0)
    query = _select(actor, filters)
    # Both columns in one direction, and no word on nulls: so either engine walks the index, forwards or backwards.
    order = sa.desc if filters.descending else sa.asc
    first = query.where(_Apart(_scored(actor)), Dossier.mean_overall.is_not(None))
    first = first.order_by(order(Dossier.mean_overall), order(Dossier.id))
    return first, query.where(scored == 0).order_by(Dossier.reference)


def _select(actor: Actor, filters: Filters) -> _Query:
    sees = sa.case((visible(actor, Permission.SEE_RESULTS), 1), else_=0).label("sees")
    query = sa.select(
        Dossier.id, Dossier.call_id, Dossier.procedure, Dossier.reference, Dossier.lead_city, Dossier.lead_country,
        Dossier.field, Dossier.state, Dossier.submitted_at, Dossier.closed_sheets, Dossier.mean_overall,
        Dossier.mean_experts, Dossier.mean_members, Dossier.spread, sees,
    )  # fmt: skip
    query = query.where(_Apart(visible(actor)), *narrowed(filters))
    return query.where(Dossier.state == filters.state) if filters.state else query


def _lines(session: Session, query: _Query) -> list[Line]:
    return [_line(*row) for row in session.execute(query)]


def _line(*values: Any) -> Line:
    *known, sees = values
    return Line(*known if sees else (*known[:9], *_HIDDEN))


def _scored(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(visible(actor, Permission.SEE_RESULTS), Dossier.mean_overall.is_not(None))


def narrowed(filters: Filters) -> Iterator[sa.ColumnElement[bool]]:
    """The filters as conditions on dossiers, the one by state aside."""
    if filters.call_id:
        yield Dossier.call_id == filters.call_id
    elif filters.without:
        yield Dossier.call_id.not_in(filters.without)
    if filters.field:
        yield Dossier.field == filters.field
    if filters.country:
        yield Dossier.lead_country == filters.country
    if filters.search:
        wanted = filters.search
        yield sa.or_(
            Dossier.lead_city.icontains(wanted, autoescape=True),
            # SQLite knows upper and lower case of plain letters only: "é" finds "É" by being tried as such.
            Dossier.lead_city.contains(wanted[:1].upper() + wanted[1:], autoescape=True),
            Dossier.reference.icontains(wanted, autoescape=True),
        )


def _order(filters: Filters) -> list[sa.ColumnElement[Any]]:
    column: Any = {
        "city": Dossier.lead_city,
        "submitted": Dossier.submitted_at,
        "state": _place_of_state(),
    }[filters.sort]
    order = sa.desc if filters.descending else sa.asc
    first = order(column)
    return [first.nulls_last() if filters.sort == "submitted" else first, order(Dossier.id)]


def _place_of_state() -> sa.ColumnElement[int]:
    """The states in the order of their tables."""
    places = {state: i for p in PROCEDURES.values() for i, state in enumerate(p.states)}
    return sa.case(places, value=Dossier.state, else_=len(places))
