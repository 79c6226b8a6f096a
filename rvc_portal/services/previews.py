"""Previews of pieces: ordered when a file is taken in, made by the worker when nothing else is to be done."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import sqlalchemy as sa

from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.gateways import previews
from rvc_portal.gateways.files import Files
from rvc_portal.models.dossier import Attachment
from rvc_portal.services import queue
from rvc_portal.services.queue import AnySession

PRIORITY = 9
"""After everything else: a receipt is waited for, a preview is not."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """What to draw: the file's SHA-256 in storage and its content type."""

    sha256: str
    content_type: str


def order(session: AnySession, attachment: Attachment, now: datetime) -> None:
    """Have a preview made of the file, which has its id already, unless it carries one or there is none of its kind."""
    if attachment.preview_sha256 is None and attachment.content_type in previews.DRAWN:
        # The id hangs on the file's: a replay draws as many ids as before, and its documents stay the same to the byte.
        job_id = uuid5(attachment.id, JobKind.PREVIEW)
        queue.enqueue(session, JobKind.PREVIEW, attachment.id, now=now, priority=PRIORITY, job_id=job_id)


def source(session: AnySession, attachment_id: UUID) -> Source | None:
    """What to draw; None where it was drawn before, or the file went with the test call that it belonged to."""
    row = session.get(Attachment, attachment_id)
    return None if row is None or row.preview_sha256 else Source(row.sha256, row.content_type)


def make(files: Files, wanted: Source) -> str | None:
    """Draw and store; no database. The preview's SHA-256, or None, noted in the log, where no picture can be made: to try
    again would change nothing. Raises StorageError."""
    with files.opened(wanted.sha256) as content:
        try:
            drawn = previews.draw(content, wanted.content_type)
        except previews.NoPreview as reason:
            _log.warning("no preview of %s (%s): %s", wanted.sha256, wanted.content_type, reason)
            return None
    return files.put(drawn)


def record(session: AnySession, attachment_id: UUID, sha256: str) -> None:
    """Note in the file's row which picture shows it."""
    session.execute(sa.update(Attachment).where(Attachment.id == attachment_id).values(preview_sha256=sha256))
