"""Reads of documents: those of a dossier or a call that a person may have, and one of them for its download."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.policy import (
    OF_A_FIELD,
    OF_A_SITTING,
    OF_A_WHOLE_CALL,
    OF_THE_NETWORK,
    Reader,
    may_read_document,
    may_read_own,
    public_documents,
)
from rvc_portal.domain.vocabulary import Doc, JobKind, JobStatus, Role
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document, DocumentPart
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.job import Job
from rvc_portal.models.seat import Seat
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import calls, deliberation, dossiers, peers, results


@dataclass(frozen=True)
class Shown:
    """A document in a list. `seat`: whose sheet it is, as the reader is told; `set_aside`: that this counts no more. `work`:
    where the worker is with it: "", "queued", "running", "page 7", or "failed" and "aside" (nobody tries it again), each with
    the error behind it."""

    document: Document
    seat: str | None = None
    work: str = ""
    set_aside: bool = False

    @property
    def failed(self) -> bool:
        """The worker gave up on it."""
        return has_failed(self.work)

    @property
    def kept_back(self) -> bool:
        """It failed, and only the Secretariat has it tried again."""
        return self.work.startswith("aside")

    @property
    def error(self) -> str:
        """Why it failed, as the worker noted it."""
        return self.work.partition(" ")[2] if self.failed else ""

    @property
    def page(self) -> int | None:
        """The page that is being laid out."""
        return int(self.work.removeprefix("page ")) if self.work.startswith("page ") else None


def has_failed(work: str) -> bool:
    """Whether the worker gave up on a document (see `Shown.work`)."""
    return work.startswith(("failed", "aside"))


def reader(session: Session, actor: Actor, dossier: Dossier, roles: frozenset[Role]) -> Reader:
    """The person before the dossier, as the rules of reading ask for it. One query for an evaluator with other roles."""
    seats = frozenset(s.id for s in actor.evaluating_seats)
    judging = bool(roles - {Role.EVALUATOR}) and peers.is_judging(session, actor, dossier)
    return Reader(dossiers.procedure_of(dossier), dossier.state, roles, actor.account_id, seats, judging)


def of_dossier(session: Session, dossier: Dossier, to: Reader, names: Names) -> list[Shown]:
    """The documents of the dossier that this person may have, the latest first, those that were replaced last. Two queries."""
    query = (
        sa.select(Document, Seat.id, Seat.name, Evaluation.stream, Evaluation.set_aside_at, work())
        .outerjoin(Evaluation, Evaluation.id == Document.evaluation_id)
        .outerjoin(Assignment, Assignment.id == Evaluation.assignment_id)
        .outerjoin(Seat, Seat.id == Assignment.seat_id)
        .where(Document.dossier_id == dossier.id)
        .order_by(Document.superseded_at.is_not(None), Document.issued_at.desc(), Document.kind, Seat.name, Document.id)
    )
    rows = _in_order(session.execute(query), names)
    mine = _of_this_person(session, to, [(row[0], row[1]) for row in rows])
    return [
        Shown(document, names.of(seat_id, seat_name, stream) if seat_id else None, work, aside is not None)
        for document, seat_id, seat_name, stream, aside, work in rows
        if document.id in mine
    ]


def _of_this_person(session: Session, to: Reader, rows: Iterable[tuple[Document, UUID | None]]) -> set[UUID]:
    """Of a dossier's documents, each with the seat whose sheet it is, those that the person may have. What was made for the
    person is theirs as long as every document in it is. One query where there is such a thing."""
    rows = list(rows)
    found = {
        document.id
        for document, seat_id in rows
        if may_read_document(to, Doc(document.kind), held=document.held, seat=seat_id)
        and not (document.held and document.superseded_at)  # letters of a decision that was taken anew
    }
    own = [document.id for document, _ in rows if may_read_own(to, document.account_id)]
    if not own:
        return found
    query = sa.select(DocumentPart.document_id, DocumentPart.part_id).where(DocumentPart.document_id.in_(own))
    lost = {document_id for document_id, part_id in session.execute(query) if part_id not in found}
    return found | (set(own) - lost)


def contexts(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What these documents are made of. One query."""
    query = sa.select(Document.id, Document.context).where(Document.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)}


def with_work(session: Session, document: Document) -> Shown:
    """A document that the person may have, with where the worker is with it."""
    return Shown(document, work=session.scalar(sa.select(work()).where(Document.id == document.id)) or "")


def _in_order(rows: Iterable[Any], names: Names) -> Sequence[Any]:
    """Sheets that were closed at the same moment, in an order that betrays no hidden name."""
    if names.shown:
        return list(rows)
    fallback = UUID(int=0)
    by_number = sorted(rows, key=lambda row: names.order(row[1] or fallback))
    by_number.sort(key=lambda row: row[0].issued_at, reverse=True)
    return sorted(by_number, key=lambda row: row[0].superseded_at is not None)


def of_call(session: Session, call: Call, kinds: frozenset[Doc] = frozenset(Doc)) -> list[Shown]:
    """The call's own documents (of these kinds) that anybody may have who may know of the call: those that stand."""
    query = (
        sa.select(Document, work())
        .where(
            Document.call_id == call.id,
            Document.dossier_id.is_(None),
            Document.kind.in_(sorted(kinds & public_documents(call.status))),
            Document.held.is_(False),
            Document.superseded_at.is_(None),
        )
        .order_by(Document.issued_at.desc(), Document.kind.desc(), Document.language)
    )
    return [Shown(document, work=work) for document, work in session.execute(query)]


def public(session: Session, actor: Actor | None, document_id: UUID) -> tuple[Document, str] | None:
    """The document of a call that this person (None: anybody) may have, with the call's key, or None."""
    query = (
        sa.select(Document, Call)
        .join(Call, Call.id == Document.call_id)
        .where(
            Document.id == document_id,
            Document.dossier_id.is_(None),
            Document.held.is_(False),
        )
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    document, call = row
    allowed = document.kind in public_documents(call.status) and calls.may_know(actor, call)
    return (document, call.key) if allowed else None


def readable(session: Session, actor: Actor, document_id: UUID) -> tuple[Document, str] | None:
    """The document with the reference of its dossier, or None where there is none that this person may have."""
    query = (
        sa.select(Document, Dossier, Assignment.seat_id)
        .join(Dossier, Dossier.id == Document.dossier_id)
        .outerjoin(Evaluation, Evaluation.id == Document.evaluation_id)
        .outerjoin(Assignment, Assignment.id == Evaluation.assignment_id)
        .where(Document.id == document_id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    document, dossier, seat_id = row
    to = reader(session, actor, dossier, dossiers.roles(session, actor, dossier))
    if document.account_id is None:
        allowed = may_read_document(to, Doc(document.kind), held=document.held, seat=seat_id)
    else:
        allowed = document.id in _of_this_person(session, to, [(document, None), *_parts(session, document)])
    return (document, dossier.reference) if allowed else None


def _parts(session: Session, document: Document) -> Sequence[tuple[Document, UUID | None]]:
    """The documents that this one holds, each with the seat whose sheet it is."""
    query = (
        sa.select(Document, Assignment.seat_id)
        .join(DocumentPart, DocumentPart.part_id == Document.id)
        .outerjoin(Evaluation, Evaluation.id == Document.evaluation_id)
        .outerjoin(Assignment, Assignment.id == Evaluation.assignment_id)
        .where(DocumentPart.document_id == document.id)
    )
    return [(part, seat_id) for part, seat_id in session.execute(query)]


def of_field(session: Session, actor: Actor, call: Call, field: str | None) -> list[Shown]:
    """The documents of a field of the call that this person may have, the latest first, those that were replaced last."""
    kinds = [kind for kind in OF_A_FIELD if _may_read_of_field(session, actor, call, field, kind)]
    query = (
        sa.select(Document, work())
        .where(Document.call_id == call.id, Document.kind.in_(kinds), Document.field == field)
        .order_by(Document.superseded_at.is_not(None), Document.issued_at.desc(), Document.language)
    )
    return [Shown(document, work=work) for document, work in session.execute(query)] if kinds else []


def of_whole_call(session: Session, actor: Actor, call: Call, kind: Doc) -> list[Shown]:
    """The documents of this kind, which tell of every file of the call, where this person may have them: those that stand."""
    if not _may_read_of_call(session, actor, call, kind):
        return []
    query = (
        sa.select(Document, work())
        .where(Document.call_id == call.id, Document.kind == kind, Document.superseded_at.is_(None))
        .order_by(Document.issued_at.desc(), Document.language)
    )
    return [Shown(document, work=work) for document, work in session.execute(query)]


def readable_inside(session: Session, actor: Actor, document_id: UUID) -> tuple[Document, str] | None:
    """The document of a field or of a whole call, with the key of its call, or None where there is none that this person
    may have."""
    query = sa.select(Document, Call).join(Call, Call.id == Document.call_id).where(Document.id == document_id)
    row = session.execute(query.where(Document.kind.in_(sorted({*OF_A_FIELD, *OF_A_WHOLE_CALL})))).one_or_none()
    if row is None:
        return None
    document, call = row
    kind = Doc(document.kind)
    allowed = (
        _may_read_of_field(session, actor, call, document.field, kind)
        if kind in OF_A_FIELD
        else _may_read_of_call(session, actor, call, kind)
    )
    return (document, call.key) if allowed else None


def _may_read_of_call(session: Session, actor: Actor, call: Call, kind: Doc) -> bool:
    if not any(actor.has_on_call(role, call.id, whole=True) for role in OF_A_WHOLE_CALL[kind]):
        return False
    return not results.is_barred_anywhere(session, actor, call)


def of_network(session: Session, actor: Actor | None, kind: Doc, subject_id: UUID | None = None) -> list[Shown]:
    """The Network's documents of a kind (on one subject) that this person may have, the latest first, those that were
    replaced last."""
    if not _may_read_of_network(actor, kind):
        return []
    query = sa.select(Document, work()).where(Document.call_id.is_(None), Document.kind == kind)
    if subject_id is not None:
        query = query.where(Document.subject_id == subject_id)
    order = (Document.superseded_at.is_not(None), Document.issued_at.desc(), Document.language, Document.id)
    return [Shown(document, work=work) for document, work in session.execute(query.order_by(*order))]


def readable_of_network(session: Session, actor: Actor | None, document_id: UUID) -> tuple[Document, str] | None:
    """The document of the Network, with what its file is named after, or None where this person may not have it."""
    document = session.scalar(sa.select(Document).where(Document.id == document_id, Document.call_id.is_(None)))
    if document is None or not _may_read_of_network(actor, Doc(document.kind)):
        return None
    return document, "network"


def _may_read_of_network(actor: Actor | None, kind: Doc) -> bool:
    roles = OF_THE_NETWORK[kind]
    return roles is None or (actor is not None and any(actor.has(role) for role in roles))


def _may_read_of_field(session: Session, actor: Actor, call: Call, field: str | None, kind: Doc) -> bool:
    if not any(actor.has_on_call(role, call.id, whole=True) for role in OF_A_FIELD[kind]):
        return False
    return not results.is_barred(session, actor, call, field)


def of_sitting(session: Session, actor: Actor, sitting: SteeringSession) -> list[Shown]:
    """The documents of the sitting that stand, for this person: see `open_of_sitting`. Two queries."""
    query = (
        sa.select(Document, work())
        .where(
            Document.session_id == sitting.id, Document.kind.in_(kinds_of_sitting(actor, sitting)),
            Document.superseded_at.is_(None),
        )
        .order_by(Document.kind, Document.language, Document.variant)
    )  # fmt: skip
    shut = frozenset(map(str, deliberation.closed_items(session, actor, sitting)))
    rows = {row[0]: row[1] for row in session.execute(query)}
    return [Shown(document, work=rows[document]) for document in open_of_sitting(sitting, rows, shut)]


def kinds_of_sitting(actor: Actor, sitting: SteeringSession) -> list[Doc]:
    """The kinds of a sitting's documents that this person may read in some version."""
    return [
        k for k, roles in OF_A_SITTING.items() if any(actor.has_on_call(r, sitting.call_id, whole=True) for r in roles)
    ]


def open_of_sitting(sitting: SteeringSession, standing: Iterable[Document], shut: frozenset[str]) -> list[Document]:
    """Of the sitting's documents that stand what a person may have for whom these items are closed: of each kind, in each
    language, the version with the fewest items closed of those in which all that is `shut` is closed; of papers none but
    their very own, since the others may have been taken away. What was taken away nobody reads any more: it may tell of a
    file that has left the group."""
    fewest: dict[tuple[str, str], tuple[int, Document]] = {}
    for document in standing:
        closed, place = _closed_in(sitting, document), (document.kind, document.language)
        fits = shut == closed if document.kind == Doc.SESSION_PAPERS else shut <= closed
        if fits and (place not in fewest or len(closed) < fewest[place][0]):
            fewest[place] = len(closed), document
    return [document for _, document in fewest.values()]


def _closed_in(sitting: SteeringSession, document: Document) -> frozenset[str]:
    return frozenset(sitting.variants[document.variant]) if document.variant else frozenset()


def readable_of_sitting(session: Session, actor: Actor, document_id: UUID) -> tuple[Document, str] | None:
    """The document of a sitting with the key of its call, or None where there is none that this person may have."""
    query = (
        sa.select(SteeringSession, Call.key)
        .join(Document, Document.session_id == SteeringSession.id)
        .join(Call, Call.id == SteeringSession.call_id)
        .where(Document.id == document_id, Call.test.is_(False))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    sitting, key = row
    found = [s.document for s in of_sitting(session, actor, sitting) if s.document.id == document_id]
    return (found[0], key) if found else None


def preparing(found: Sequence[Shown]) -> bool:
    """Whether the worker is still to make one of them."""
    return any(not s.document.ready and not s.failed for s in found)


def work() -> sa.ColumnElement[str]:
    """`Shown.work`: one query, however many documents. A document has one job."""
    error = sa.func.coalesce(Job.error, "")
    told = sa.case(
        (Job.status == JobStatus.DONE, ""),
        (sa.and_(Job.status == JobStatus.FAILED, Job.set_aside_at.is_not(None)), sa.literal("aside ") + error),
        (Job.status == JobStatus.FAILED, sa.literal("failed ") + error),
        (Job.page.is_not(None), sa.literal("page ") + sa.cast(Job.page, sa.Text)),
        else_=Job.status,
    )
    newest = sa.select(told).where(Job.subject_id == Document.id, Job.kind == JobKind.RENDER)
    newest = newest.order_by(Job.queued_at.desc(), Job.id).limit(1)
    return sa.func.coalesce(newest.scalar_subquery(), "").label("work")
