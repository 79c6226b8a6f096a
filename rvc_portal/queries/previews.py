"""Reads of previews: which are being made."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.models.dossier import Attachment
from rvc_portal.models.job import Job

WAIT = timedelta(minutes=2)
"""What takes longer comes with the next page: no page asks for ever."""


def being_made(session: Session, attachments: Iterable[Attachment], now: datetime) -> frozenset[UUID]:
    """The files among these whose preview is worth waiting for. One query at most."""
    without = [a.id for a in attachments if a.preview_sha256 is None]
    if not without:
        return frozenset()
    query = sa.select(Job.subject_id).where(
        Job.subject_id.in_(without),
        Job.kind == JobKind.PREVIEW,
        Job.status.in_((JobStatus.QUEUED, JobStatus.RUNNING)),
        Job.queued_at > now - WAIT,
    )
    return frozenset(session.scalars(query))
