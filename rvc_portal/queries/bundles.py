"""Reads of bundles: one person's, what is in them, and whether all of it is still open to that person."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import JobKind, JobStatus, Permission
from rvc_portal.gateways.archive import Member
from rvc_portal.models.bundle import Bundle, BundleItem
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.job import Job
from rvc_portal.queries import catalogue
from rvc_portal.queries.visibility import visible

ZIP, XLSX = "zip", "xlsx"
LIVE = (JobStatus.QUEUED, JobStatus.RUNNING)
STORED = sa.case((Document.ready, sa.func.coalesce(Document.file_sha256, Document.content_sha256)))
"""The file that is handed out of a document; nothing while there is none."""
SHOWN = 50
"""Bundles in the list of those made before."""


def of(session: Session, actor: Actor) -> Sequence[Bundle]:
    """The person's own, the latest first."""
    query = sa.select(Bundle).where(Bundle.account_id == actor.account_id)
    return session.scalars(query.order_by(Bundle.made_at.desc(), Bundle.id).limit(SHOWN)).all()


def find(session: Session, actor: Actor, bundle_id: UUID) -> Bundle | None:
    """One of the person's own, or None."""
    query = sa.select(Bundle).where(Bundle.id == bundle_id, Bundle.account_id == actor.account_id)
    return session.scalar(query)


def is_waiting(bundle: Bundle) -> bool:
    """Whether it is neither ready nor cancelled."""
    return bundle.ready_at is None and bundle.cancelled_at is None


def is_worked_on(session: Session, bundle: Bundle) -> bool:
    """Whether a worker is at it, or will be."""
    query = sa.select(Job.id).where(Job.subject_id == bundle.id, Job.kind == JobKind.BUNDLE)
    return session.scalar(query.where(Job.status.in_(LIVE)).limit(1)) is not None


def files(session: Session, bundle_id: UUID) -> Iterator[Member]:
    """What the bytes of a ZIP follow from, in order. One query."""
    columns = (BundleItem.name, BundleItem.sha256, BundleItem.size, BundleItem.crc32, BundleItem.at)
    query = sa.select(*columns).where(BundleItem.bundle_id == bundle_id).order_by(BundleItem.position)
    return (Member(*row) for row in session.execute(query))  # type: ignore[arg-type]


def still_readable(session: Session, actor: Actor, bundle: Bundle) -> bool:
    """Whether all of it is there and this person's to read. Two queries for a workbook, six for a ZIP."""
    mine = sa.select(sa.func.count()).select_from(BundleItem).where(BundleItem.bundle_id == bundle.id)
    there = session.scalar(mine.where(_named(bundle))) or 0
    if bundle.form == XLSX:
        query = mine.join(Dossier, Dossier.id == BundleItem.dossier_id).where(visible(actor, Permission.READ))
    else:
        query = catalogue.joined(mine.join(Document, Document.id == BundleItem.document_id))
        query = query.where(catalogue.reach(session, actor))
    return there == bundle.chosen["count"] == session.scalar(query)


def _named(bundle: Bundle) -> sa.ColumnElement[bool]:
    column = BundleItem.dossier_id if bundle.form == XLSX else BundleItem.document_id
    return column.is_not(None)
