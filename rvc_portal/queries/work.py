"""Reads of the work in the background, for the Secretariat: what waits, what is at hand, what failed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.job import Job
from rvc_portal.queries.board import PER_PAGE
from rvc_portal.queries.evidence import context_of
from rvc_portal.queries.visibility import visible


@dataclass(frozen=True)
class Row:
    """A job; a document's with its kind, language and reference. `state`: a JobStatus, or "aside" for what failed and is
    not tried again before somebody says so."""

    job: Job
    state: str
    document: str | None
    language: str | None
    reference: str | None


def counts(session: Session, actor: Actor, kind: JobKind | None) -> Counter[str]:
    """How many there are in each state, of those that this person may know of."""
    state = _state()
    columns: list[Any] = [state, sa.func.count().label("number")]
    return Counter(
        {row[0]: row.number for row in session.execute(_known(actor, sa.select(*columns), kind).group_by(state))}
    )


def stuck(session: Session, actor: Actor) -> int:
    """How many failed or were set aside: they wait for somebody."""
    found = counts(session, actor, None)
    return found["failed"] + found["aside"]


def rows(session: Session, actor: Actor, kind: JobKind | None, state: str | None, page: int) -> Sequence[Row]:
    """One page of them, what waits for somebody first, then what is at hand, the latest before the others; without a state
    all that are not done."""
    reference = context_of(session)["document"]["reference"].as_string()
    query = _known(actor, sa.select(Job, _state(), Document.kind, Document.language, reference), kind)
    query = query.where(_state() == state if state else Job.status != JobStatus.DONE)
    urgent = sa.case({JobStatus.FAILED: 0, JobStatus.RUNNING: 1}, value=Job.status, else_=2)
    order = (urgent, Job.queued_at.desc(), Job.id)
    return [Row(*row) for row in session.execute(query.order_by(*order).limit(PER_PAGE).offset((page - 1) * PER_PAGE))]


def find(session: Session, actor: Actor, job_id: UUID) -> Job | None:
    """The job, where this person may know of it."""
    return session.scalar(_known(actor, sa.select(Job), None).where(Job.id == job_id))


def of_document(session: Session, document_id: UUID) -> Job | None:
    """The job that makes the document."""
    query = sa.select(Job).where(Job.kind == JobKind.RENDER, Job.subject_id == document_id)
    return session.scalar(query.order_by(Job.queued_at.desc(), Job.id).limit(1))


def _known(actor: Actor, query: sa.Select[Any], kind: JobKind | None) -> sa.Select[Any]:
    """With the document of each job, and without those of files that the person may not know of."""
    makes = Job.kind.in_((JobKind.RENDER, JobKind.SIGN))
    joined = query.select_from(Job).outerjoin(Document, sa.and_(makes, Document.id == Job.subject_id))
    seen = sa.select(Dossier.id).where(visible(actor))
    joined = joined.where(sa.or_(Document.dossier_id.is_(None), Document.dossier_id.in_(seen)))
    return joined.where(Job.kind == kind) if kind else joined


def _state() -> sa.ColumnElement[str]:
    return sa.case((sa.and_(Job.status == JobStatus.FAILED, Job.set_aside_at.is_not(None)), "aside"), else_=Job.status)
