"""Documents rendered and stored, after the transition that issued them.

In three steps, so that no transaction stays open while a document is laid out: read what is frozen in the row, make the
file, record it. Each step may come twice: equal rows give equal bytes, which storage keeps once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from rvc_portal.documents import pdf
from rvc_portal.gateways.files import Files
from rvc_portal.models.document import Document
from rvc_portal.services import mailing
from rvc_portal.services.queue import AnySession


@dataclass(frozen=True)
class Frozen:
    """What a document is made of, as frozen when it was issued. `images`: key in the template → SHA-256 in storage."""

    kind: str
    language: str
    context: dict[str, Any]
    images: dict[str, str]


@dataclass(frozen=True)
class Stored:
    """A document made and stored. `size` in bytes; `renderer`: fingerprint of all that decides the bytes besides."""

    sha256: str
    pages: int
    size: int
    renderer: str


def frozen(session: AnySession, document_id: UUID) -> Frozen | None:
    """What to render; None where the document was rendered before. Raises NoResultFound for an unknown id."""
    row = session.get_one(Document, document_id, options=[undefer(Document.context)])
    return None if row.ready else Frozen(row.kind, row.language, row.context, row.images)


def render(files: Files, source: Frozen, on_page: pdf.OnPage | None = None) -> pdf.Rendered:
    """Make the file; no database. `on_page` is told of each page as it is laid out. Raises documents.pdf.DocumentError,
    gateways.files.StorageError."""
    images = {key: files.get(sha256) for key, sha256 in source.images.items()}
    return pdf.render(source.kind, source.context, source.language, images, on_page)


def make(files: Files, source: Frozen, on_page: pdf.OnPage | None = None) -> Stored:
    """Render and store. Raises as `render` does."""
    rendered = render(files, source, on_page)
    sha256 = files.put(rendered.content)
    return Stored(sha256, rendered.pages, len(rendered.content), pdf.renderer_fingerprint())


def record(session: AnySession, document_id: UUID, stored: Stored, now: datetime) -> None:
    """Note in the document's row what was stored, unless another worker did, and let the mails go that waited for it."""
    values = {
        "content_sha256": stored.sha256,
        "pages": stored.pages,
        "size": stored.size,
        "renderer": stored.renderer,
        "rendered_at": now,
    }
    unrendered = sa.and_(Document.id == document_id, Document.content_sha256.is_(None))
    session.execute(sa.update(Document).where(unrendered).values(values))
    mailing.let_go(session, document_id, now)
