"""Every document that a person may read, of all files, calls and sittings at once: lists, counts and bundles ask here.

The rules are those of `domain.policy`, as the page of one dossier asks them one by one (`queries.documents`); here they
stand as one condition, so that a list is read page by page and in a fixed number of queries.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.policy import (
    OF_A_FIELD,
    OF_A_WHOLE_CALL,
    OF_THE_NETWORK,
    document_readers,
    may_read_held,
    public_documents,
)
from rvc_portal.domain.vocabulary import APPLICANTS, Doc, Permission, Role
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document, DocumentPart
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.steering import AgendaItem, SteeringSession
from rvc_portal.queries import board, calls, documents
from rvc_portal.queries.visibility import conflicted, holds, judging, states_with, visible

PER_PAGE = 50
CURRENT, HELD, SUPERSEDED, WITHDRAWN = "current", "held", "superseded", "withdrawn"
STATUSES = (CURRENT, HELD, SUPERSEDED, WITHDRAWN)
"""How a document stands. Withdrawn: the sheet that it prints was set aside."""

Query = sa.Select[*tuple[Any, ...]]

_ABOUT_THE_OTHERS = (Doc.EVALUATION_SHEET, Doc.EVALUATION_REPORT)


@dataclass(frozen=True)
class Filters:
    """What a list of documents is narrowed to. `files`: as on the board; `statuses`: some of STATUSES, none
    for any; `issued`: from the first instant up to, not including, the second; `dossiers`: of dossiers, these alone."""

    files: board.Filters = field(default_factory=board.Filters)
    kinds: tuple[Doc, ...] = ()
    statuses: tuple[str, ...] = ()
    language: str | None = None
    issued: tuple[datetime | None, datetime | None] = (None, None)
    dossiers: tuple[UUID, ...] | None = None
    page: int = 1

    @property
    def of_files(self) -> bool:
        """Whether only documents of dossiers are meant."""
        return bool(self.files.state or self.files.country or self.files.search)


@dataclass(frozen=True, slots=True)
class Line:
    """One document with what it is about. Of a dossier: its reference, city and country; `status`: one of STATUSES."""

    document: Document
    call: Call | None
    dossier_id: UUID | None
    reference: str | None
    city: str | None
    country: str | None
    status: str
    work: str

    @property
    def failed(self) -> bool:
        return documents.has_failed(self.work)


Reach = ColumnElement[bool]
"""The documents that one person may read: asked once (`reach`), used by several queries (over `joined`)."""


def reach(session: Session, actor: Actor) -> Reach:
    """The documents that this person may read. Four queries."""
    of_dossiers = sa.and_(Document.dossier_id.is_not(None), visible(actor), _of_a_dossier(actor))
    ways = [of_dossiers, sa.and_(visible(actor, Permission.READ), _own(actor, sa.and_(of_dossiers, sa.not_(_gone()))))]
    ways += [sa.and_(Document.dossier_id.is_(None), way) for way in _of_calls(session, actor)]
    mine = [kind for kind, roles in OF_THE_NETWORK.items() if roles is None or any(map(actor.has, roles))]
    ways.append(sa.and_(Document.call_id.is_(None), Document.kind.in_(mine)))
    return sa.and_(sa.or_(*ways), sa.not_(_gone()))


def _gone() -> ColumnElement[bool]:
    """Letters of a decision that was taken anew."""
    return sa.and_(Document.held, Document.superseded_at.is_not(None))


def _own(actor: Actor, of_dossiers: ColumnElement[bool]) -> ColumnElement[bool]:
    """What was made for this person, as long as each document that it holds is among those `of_dossiers`."""
    mine = sa.select(Document.id).where(Document.account_id == actor.account_id).correlate(None)
    parts = sa.select(DocumentPart.part_id).where(DocumentPart.document_id.in_(mine)).correlate(None)
    chosen: Query = sa.select(Document.id)
    readable = joined(chosen).where(Document.id.in_(parts), of_dossiers).correlate(None)
    lost = sa.select(DocumentPart.document_id).where(
        DocumentPart.document_id.in_(mine), DocumentPart.part_id.not_in(readable)
    )
    return sa.and_(Document.account_id == actor.account_id, Document.id.not_in(lost.correlate(None)))


def counts(session: Session, within: Reach, filters: Filters) -> dict[str, int]:
    """How many documents of each kind the filters leave (the filter by kind aside). One query."""
    grouped: Query = sa.select(Document.kind, sa.func.count())
    query = joined(grouped).where(within, *_narrowed(filters, kinds=False))
    return {row[0]: row[1] for row in session.execute(query.group_by(Document.kind))}


def total(counted: Mapping[str, int], filters: Filters) -> int:
    """How many of these the filter by kind leaves."""
    return sum(count for kind, count in counted.items() if not filters.kinds or kind in filters.kinds)


def lines(session: Session, within: Reach, filters: Filters) -> list[Line]:
    """The page that the filters ask for, the latest first. One query."""
    return list(_lines(session, _ordered(within, filters).limit(PER_PAGE).offset((filters.page - 1) * PER_PAGE)))


def everything(session: Session, within: Reach, filters: Filters) -> Iterator[Line]:
    """All that the filters leave, in the same order. One query."""
    return _lines(session, _ordered(within, filters))


def dossiers(session: Session, within: Reach, filters: Filters, most: int) -> Sequence[tuple[UUID, str, str]]:
    """The dossiers whose documents the filters leave, at most so many: id, city, reference. One query."""
    named: Query = sa.select(Dossier.id, Dossier.lead_city, Dossier.reference).select_from(Document)
    query = joined(named).where(within, Document.dossier_id.is_not(None), *_narrowed(filters))
    return [tuple(row) for row in session.execute(query.distinct().order_by(Dossier.reference).limit(most))]


def joined(query: Query) -> Query:
    """The query, which selects from documents, with all that a `Reach` and `Filters` ask about."""
    return (
        query.outerjoin(Dossier, Dossier.id == Document.dossier_id)
        .outerjoin(Evaluation, Evaluation.id == Document.evaluation_id)
        .outerjoin(Assignment, Assignment.id == Evaluation.assignment_id)
    )


def _ordered(within: Reach, filters: Filters) -> Query:
    query: Query = sa.select(
        Document, Call, Dossier.id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, _status(),
        documents.work(),
    )  # fmt: skip
    query = joined(query).outerjoin(Call, Call.id == Document.call_id)
    query = query.where(within, *_narrowed(filters))
    return query.order_by(Document.issued_at.desc(), Document.id)


def _lines(session: Session, query: Query) -> Iterator[Line]:
    return (Line(*row) for row in session.execute(query))


def _status() -> sa.Case[str]:
    return sa.case(
        (Evaluation.set_aside_at.is_not(None), WITHDRAWN),
        (Document.superseded_at.is_not(None), SUPERSEDED),
        (Document.held, HELD),
        else_=CURRENT,
    )


def _narrowed(filters: Filters, *, kinds: bool = True) -> Iterator[ColumnElement[bool]]:
    files = filters.files
    if files.call_id:
        yield Document.call_id == files.call_id
    elif files.without:
        yield sa.or_(Document.call_id.is_(None), Document.call_id.not_in(files.without))
    if files.field:
        yield sa.or_(Dossier.field == files.field, Document.field == files.field)
    if filters.of_files:
        yield Document.dossier_id.is_not(None)
        yield from board.narrowed(files)
        if files.state:
            yield Dossier.state == files.state
    if filters.dossiers is not None:
        yield sa.or_(Document.dossier_id.is_(None), Document.dossier_id.in_(filters.dossiers))
    if kinds and filters.kinds:
        yield Document.kind.in_(filters.kinds)
    if filters.statuses:
        yield _status().in_(filters.statuses)
    if filters.language:
        yield Document.language == filters.language
    first, last = filters.issued
    if first:
        yield Document.issued_at >= first
    if last:
        yield Document.issued_at < last


def _of_a_dossier(actor: Actor) -> ColumnElement[bool]:
    """`policy.may_read_document`, of every dossier at once."""
    ways = [
        sa.and_(Document.kind == kind, holds(actor, role), states_with(role, needed), *_if_held(role))
        for kind in Doc
        for role, needed in document_readers(kind).items()
        if _may_hold(actor, role)
    ]
    others = sa.or_(sa.false(), *ways)
    if not actor.evaluating_seats:
        return others
    seats = [seat.id for seat in actor.evaluating_seats]
    own = sa.and_(Document.kind == Doc.EVALUATION_SHEET, Assignment.seat_id.in_(seats), holds(actor, Role.EVALUATOR))
    reads = sa.or_(*(sa.and_(holds(actor, r), states_with(r, Permission.READ)) for r in Role if _may_hold(actor, r)))
    elsewhere = [holds(actor, r) for r in Role if r is not Role.EVALUATOR and _may_hold(actor, r)]
    first = sa.and_(sa.or_(sa.false(), *elsewhere), judging(actor), Document.kind.in_(_ABOUT_THE_OTHERS))
    return sa.case((own, reads), (first, sa.false()), else_=others)


def _may_hold(actor: Actor, role: Role) -> bool:
    """Whether the person has the role on any dossier at all, so that no condition is asked for nothing."""
    return actor.applies if role in APPLICANTS else actor.has(role)


def _if_held(role: Role) -> Iterator[ColumnElement[bool]]:
    if not may_read_held(role):
        yield sa.not_(Document.held)


def _of_calls(session: Session, actor: Actor) -> Iterator[ColumnElement[bool]]:
    """The documents of each call that are of no dossier, by the rules of `policy`."""
    announced = calls.announced(session, actor)
    for call in announced:
        yield _of(call, public_documents(call.status), sa.not_(Document.held))
        for kinds, barred in ((OF_A_FIELD, Dossier.field == Document.field), (OF_A_WHOLE_CALL, sa.true())):
            mine = [k for k, roles in kinds.items() if any(actor.has_on_call(r, call.id, whole=True) for r in roles)]
            if mine:
                yield _of(call, mine, sa.not_(_barred(actor, call, barred)))
    sittings = [call.id for call in announced if not call.test]
    yield Document.id.in_(_of_sittings(session, actor, sittings))


def _of(call: Call, kinds: Iterable[Doc], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return sa.and_(Document.call_id == call.id, Document.kind.in_(sorted(kinds)), *conditions)


def _barred(actor: Actor, call: Call, where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a conflict keeps a dossier of the call (of the document's field) from this person."""
    return sa.exists(sa.select(1).select_from(Dossier).where(Dossier.call_id == call.id, where, conflicted(actor))
                     .correlate(Document))  # fmt: skip


def _of_sittings(session: Session, actor: Actor, call_ids: Sequence[UUID]) -> list[UUID]:
    """The papers and records of sittings, each in the version that this person may read. Two queries."""
    shut: dict[UUID, set[str]] = {}
    closed = (
        sa.select(AgendaItem.session_id, AgendaItem.id)
        .join(Dossier, Dossier.id == AgendaItem.dossier_id)
        .where(conflicted(actor))
    )
    for sitting_id, item_id in session.execute(closed):
        shut.setdefault(sitting_id, set()).add(str(item_id))
    query = (
        sa.select(SteeringSession, Document)
        .join(Document, Document.session_id == SteeringSession.id)
        .where(SteeringSession.call_id.in_(call_ids), Document.superseded_at.is_(None))
        .order_by(SteeringSession.id, Document.kind, Document.language, Document.variant)
    )
    found: list[UUID] = []
    for sitting, rows in groupby(session.execute(query), key=lambda row: row[0]):
        kinds = documents.kinds_of_sitting(actor, sitting)
        written = [document for _, document in rows if document.kind in kinds]
        found += [d.id for d in documents.open_of_sitting(sitting, written, frozenset(shut.get(sitting.id, ())))]
    return found
