"""Documents signed, after they were rendered: the second half of issuing one where the office has keys.

In three steps as rendering is: read, sign, record. A worker that dies between them has recorded nothing: the job comes again,
and what the first one stored is a file that no row speaks of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from rvc_portal.domain.vocabulary import JobKind, JobStatus, Signing
from rvc_portal.gateways.files import Files
from rvc_portal.gateways.signing import KeysError, Office
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job
from rvc_portal.services import mailing, queue
from rvc_portal.services.queue import AnySession

LATER = 6
"""What was issued without a signature gets it after everything that somebody waits for."""


_WITHOUT = sa.and_(Document.content_sha256.is_not(None), Document.file_sha256.is_(None))


@dataclass(frozen=True)
class Made:
    """A signed file, stored. `size` in bytes; `level`: see gateways.signing.Signed."""

    sha256: str
    size: int
    level: str


def unsigned(session: AnySession, document_id: UUID) -> str | None:
    """The SHA-256 of what is to be signed; None where it is signed, or not rendered. Raises NoResultFound for an unknown id."""
    row = session.get_one(Document, document_id)
    return None if row.file_sha256 else row.content_sha256


def make(files: Files, office: Office, content_sha256: str) -> Made:
    """Sign and store; no database. Raises gateways.signing.KeysError, SigningLater, gateways.files.StorageError."""
    signed = office.sign(files.get(content_sha256))
    return Made(files.put(signed.content), len(signed.content), signed.level)


def record(session: AnySession, document_id: UUID, made: Made, now: datetime) -> None:
    """Note the signed file in the document's row, unless another worker did, and let the mails go that waited for it."""
    values = {
        "signing": Signing.SIGNED, "file_sha256": made.sha256, "file_size": made.size, "signed_at": now,
        "signature_level": made.level, "signing_error": None,
    }  # fmt: skip
    first = sa.and_(Document.id == document_id, Document.file_sha256.is_(None))
    session.execute(sa.update(Document).where(first).values(values))
    mailing.let_go(session, document_id, now)


def record_failed(session: AnySession, now: datetime, *, document_id: UUID, error: KeysError) -> str:
    """Note why the document has no signature, and let the mails go: it goes out without. Returns what its job is given up
    with."""
    _without(session, document_id, str(error), now)
    return f"{type(error).__name__}: {error}"


def _without(session: AnySession, document_id: UUID, reason: str, now: datetime) -> None:
    unsigned_still = sa.and_(Document.id == document_id, Document.file_sha256.is_(None))
    values = {"signing": Signing.FAILED, "signing_error": reason}
    session.execute(sa.update(Document).where(unsigned_still).values(values))
    mailing.let_go(session, document_id, now)


def give_up_lost(session: AnySession, now: datetime) -> None:
    """The same for every document whose job was given up."""
    given_up = sa.select(Document.id, Job.error).join(Job, Job.subject_id == Document.id)
    lost = given_up.where(Document.signing == Signing.WAITING, Job.kind == JobKind.SIGN, Job.status == JobStatus.FAILED)
    for document_id, error in session.execute(lost).all():
        _without(session, document_id, error or "", now)


def left(session: AnySession) -> list[tuple[int, str | None]]:
    """How many rendered documents have no signature, and why; None: there were no keys, or they still wait."""
    query = sa.select(sa.func.count(), Document.signing_error).where(_WITHOUT).group_by(Document.signing_error)
    return [(count, reason) for count, reason in session.execute(query.order_by(Document.signing_error))]


def ask_again(session: AnySession, now: datetime) -> int:
    """Have every document signed that was issued without a signature; how many. They stay to be had meanwhile."""
    of_document = sa.select(Job.id).where(Job.subject_id == Document.id, Job.kind == JobKind.SIGN)
    of_document = of_document.where(Job.status != JobStatus.DONE).order_by(Job.queued_at.desc(), Job.id).limit(1)
    waiting = sa.select(Document.id, of_document.scalar_subquery()).where(_WITHOUT)
    asked = 0
    found: Sequence[Any] = session.execute(waiting.order_by(Document.issued_at, Document.id)).all()
    for document_id, job_id in found:
        if job_id is None:
            queue.enqueue(session, JobKind.SIGN, document_id, now=now, priority=LATER)
            asked += 1
        else:
            asked += queue.retry(session, job_id, now)
    return asked
