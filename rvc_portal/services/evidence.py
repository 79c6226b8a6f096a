"""Documents as evidence: what is kept of each agrees with itself, and the same record gives the same bytes again.

A document whose renderer is this one is made again from its record and compared. One that another renderer issued (other
templates, libraries or fonts) is checked by what is stored alone, and said to be so.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.documents import pdf
from rvc_portal.documents.catalogue import OTHER_ACTS
from rvc_portal.gateways.files import Files, StorageError
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries.evidence import context_of
from rvc_portal.services import rendering
from rvc_portal.services.contexts.parts import iso
from rvc_portal.services.documents import context_sha256

DATED_BY_PUBLICATION = frozenset(kind for kind, acts in OTHER_ACTS.items() if "decide" in acts)
"""Drafted when a decision is taken, they bear the day of the publication, and the row the instant at which it let them go."""
MADE, OTHER_RENDERER, NOT_YET = "made again", "issued by another renderer", "not made yet"


@dataclass(frozen=True)
class Finding:
    """One document: its reference and id, which of the three was done with it, and all that is wrong."""

    document: str
    how: str
    faults: tuple[str, ...]


def check(session: Session, files: Files, everything: bool) -> Iterator[Finding]:
    """Every document that stands, one after the other; with `everything` those that were superseded, too. The caller may end
    the transaction after each."""
    query = sa.select(Document.id).order_by(Document.issued_at, Document.id)
    if not everything:
        query = query.where(Document.superseded_at.is_(None))
    for document_id in session.scalars(query).all():
        yield _checked(session, files, document_id)


def _checked(session: Session, files: Files, document_id: UUID) -> Finding:
    columns = [c for c in Document.__table__.c if c.key not in ("context", "images")]
    texts = (sa.cast(Document.context, sa.Text).label("context"), sa.cast(Document.images, sa.Text).label("images"))
    try:
        row = session.execute(sa.select(*columns, *texts).where(Document.id == document_id)).one()
        context, images = json.loads(row.context), json.loads(row.images)
        faults = list(_record(session, row, context, images))
        name = f"{context['document']['reference']} ({row.id})"
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        return Finding(str(document_id), NOT_YET, (f"its record cannot be read: {error}",))
    if row.content_sha256 is None:
        return Finding(name, NOT_YET, tuple(faults))
    faults += _stored(files, row)
    if row.renderer != pdf.renderer_fingerprint():
        return Finding(name, OTHER_RENDERER, tuple(faults))
    return Finding(name, MADE, (*faults, *_again(files, row, context, images)))


def _record(session: Session, row: Any, context: dict[str, Any], images: dict[str, str]) -> Iterator[str]:
    """What does not agree within the database: the context and its hash, and the columns that say the same."""
    if context_sha256(row.kind, row.language, context, images) != row.context_sha256:
        yield "its context does not have the hash that was noted when it was issued"
    facts = context["document"]
    if facts["kind"] != row.kind:
        yield "its kind is not the one in its context"
    if facts["issued_at"] != iso(row.issued_at) and row.kind not in DATED_BY_PUBLICATION:
        yield "its instant is not the one in its context"
    for key, column, query in (
        ("dossier", "reference", sa.select(Dossier.reference).where(Dossier.id == row.dossier_id)),
        ("call", "key", sa.select(Call.key).where(Call.id == row.call_id)),
    ):
        own = session.scalar(query)
        if own is not None and context[key][column] != own:
            yield f"its {key} is not the one in its context"
    if facts["supersedes"] and not _superseded(session, row, facts["supersedes"]):
        yield f"{facts['supersedes']}, which it supersedes, is missing or stands as if it were in force"


def _superseded(session: Session, row: Any, reference: str) -> bool:
    told = context_of(session)["document"]["reference"].as_string()
    of = (Document.dossier_id, row.dossier_id) if row.dossier_id else (Document.call_id, row.call_id)
    earlier = sa.select(Document.id).where(Document.kind == row.kind, Document.superseded_at.is_not(None))
    same = of[0].is_(None) if of[1] is None else of[0] == of[1]
    return session.scalar(earlier.where(same, told == reference).limit(1)) is not None


def _stored(files: Files, row: Any) -> Iterator[str]:
    """What is wrong with its files: the content, and the signed file that begins with it."""
    for name, sha256, noted in (
        ("file", row.content_sha256, row.size),
        ("signed file", row.file_sha256, row.file_size),
    ):
        if sha256 is None:
            continue
        try:
            size = sum(len(chunk) for chunk in files.stream(sha256))
        except StorageError as error:
            yield str(error)
        else:
            if size != noted:
                yield f"its {name} has {size} bytes, but {noted} were noted"
    if row.file_sha256 is not None:
        yield from _signed(files, row)


def _signed(files: Files, row: Any) -> Iterator[str]:
    try:
        if not files.get(row.file_sha256).startswith(files.get(row.content_sha256)):
            yield "its signed file does not begin with its content"
    except StorageError:
        return  # said already


def _again(files: Files, row: Any, context: dict[str, Any], images: dict[str, str]) -> Iterator[str]:
    try:
        source = rendering.addressed(context, row.code, row.base_url)
        made = rendering.render(files, rendering.Frozen(row.kind, row.language, source, images))
    except (pdf.DocumentError, StorageError) as error:
        yield f"it cannot be made again: {error}"
        return
    if hashlib.sha256(made.content).hexdigest() != row.content_sha256:
        yield "made again from its record it has other bytes than were issued"
    elif made.pages != row.pages:
        yield f"it has {made.pages} pages, but {row.pages} were noted"
